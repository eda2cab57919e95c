# needs: engine
"""The documentation is true: its examples run, its links lead somewhere, its tables are what the binary says.

How a page marks its examples: tests/support/documents.py. `test_docs.py write_tables` writes the tables of settings.
"""
import contextlib
import functools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading

from support import documents
from support.engine import Engine
from support.settings_tables import settings_tables
from support.tds import TdsServer
from support.workspace import BERTH, SOURCE, Workspace, eventually, run_tests

PAGES = [SOURCE / "README.md", *sorted((SOURCE / "docs").glob("*.md"))]
ROOMS = ["base", "appsettings", "provisioners", "migrator", "dashboard", "orchestrator"]
PLACES = ROOMS + ["tests", "examples", "docs", "scripts", "cmake"]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
UP = re.compile(r"^up after .*\n", re.M)

# `start` on a port of its own: other tests have theirs at the same time.
WRAPPER = """#!/bin/sh
if [ "$1" = start ]; then
    shift
    exec {berth} start --dashboard-port {port} "$@"
fi
exec {berth} "$@"
"""


class Shell:
    """A user at a terminal in a scratch workspace: each block in a shell of its own, where the last one was left."""

    def __init__(self, workspace):
        self.workspace = workspace
        self.directory = workspace.root
        self.background = []
        self.tools = workspace.root / ".tools"
        self.tools.mkdir()
        berth = self.tools / "berth"
        berth.write_text(WRAPPER.format(berth=BERTH, port=workspace.dashboard_port))
        berth.chmod(0o755)
        self.env = {**workspace.env, "NO_COLOR": "1", "PATH": f"{self.tools}:{os.environ['PATH']}"}

    def spawn(self, text):
        """The block in a shell whose output is a terminal, as results and messages come there in their order."""
        ours, theirs = os.openpty()
        script = f"set -e\ntrap 'pwd > {self.tools}/directory' EXIT\n{text}"
        process = subprocess.Popen(["sh", "-c", script], cwd=self.directory, env=self.env, stdin=subprocess.DEVNULL,
                                   stdout=theirs, stderr=theirs, start_new_session=True)
        os.close(theirs)
        process.printed = ""

        def read():
            while True:
                try:
                    piece = os.read(ours, 65536)
                except OSError:  # nobody has the other end any more
                    break
                process.printed += COLOUR.sub("", piece.decode(errors="replace")).replace("\r\n", "\n")
            os.close(ours)
        process.reader = threading.Thread(target=read, daemon=True)
        process.reader.start()
        return process

    def run(self, block):
        process = self.spawn(block.text)
        try:
            code = process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise AssertionError(f"not done after 60 s:\n{process.printed}") from None
        process.reader.join(5)
        self.directory = pathlib.Path((self.tools / "directory").read_text().strip())
        wanted = int(block.options.get("exit", 0))
        assert code == wanted, f"exit {code}, not {wanted}:\n{process.printed}"
        return process.printed

    def run_in_background(self, block):
        process = self.spawn(block.text)
        self.background.append(process)

        def is_up():
            assert process.poll() is None, f"it ended with {process.returncode}"
            return UP.search(process.printed)
        try:
            end = eventually(is_up, 60, "being up").end()
        except AssertionError as failure:
            raise AssertionError(f"{failure}\n{process.printed}") from None
        return process.printed[:end]

    def end(self):
        """Ctrl-C for what still runs."""
        for process in self.background:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
        for process in self.background:
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def run_block(shell, block):
    name = block.options.get("file")
    if name:
        path = shell.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text)
        return
    assert block.language == "sh", f"a block of {block.language or 'no language'} can't be run"
    printed = shell.run_in_background(block) if "background" in block.options else shell.run(block)
    if block.expected is not None:
        missing = documents.matches(block.expected, printed)
        assert missing is None, f"not printed: {missing}\n--- the page says\n{block.expected}--- printed\n{printed}"


def run_example(page, blocks):
    options = blocks[0].options
    with contextlib.ExitStack() as stack:
        env = {}
        if options.get("server") == "mssql":
            stand_in = stack.enter_context(TdsServer(sa_password="Stand-in-1"))
            env["DATABASE_URL"] = f"sqlserver://127.0.0.1:{stand_in.port};database=shop;user=sa;password=Stand-in-1"
        elif "server" in options:
            postgres = stack.enter_context(Engine()).run_postgres()
            postgres.sql("CREATE DATABASE customers")
            env["DATABASE_URL"] = postgres.url("customers")
        workspace = stack.enter_context(Workspace(example=options.get("example"), env=env))
        shell = Shell(workspace)
        block = blocks[0]
        try:
            for block in blocks:
                run_block(shell, block)
        except Exception as failure:
            raise AssertionError(f"{page.name}:{block.line}: {failure}") from None
        finally:
            shell.end()


def run_page(page):
    examples = {}
    for block in documents.blocks(page.read_text()):
        if block.test:
            examples.setdefault(block.test, []).append(block)
        elif block.language == "sh":
            assert block.skipped, f"{page.name}:{block.line}: neither tested nor said why not"
    for name, blocks in examples.items():
        print(f"     {page.name}: {name}, {len(blocks)} blocks", flush=True)
        run_example(page, blocks)


def is_tested(page):
    return any(block.test for block in documents.blocks(page.read_text()))


for tested in filter(is_tested, PAGES):
    globals()[f"test_examples_of_{tested.stem.lower().replace('-', '_')}"] = functools.partial(run_page, tested)


def test_pages_have_examples():
    tested = {page.stem for page in PAGES if is_tested(page)}
    assert tested >= {"README", "settings", "containers", "migrations", "no-aspire", "processes", "control"}, tested


def test_links():
    problems, seen = [], 0
    for page in PAGES:
        for link in documents.links(page.read_text()):
            seen += 1
            path, _, anchor = link.partition("#")
            if "://" in path:
                continue
            target = (page.parent / path).resolve() if path else page
            if not target.exists():
                problems.append(f"{page.name}: {link}: there is no such file")
            elif anchor and anchor not in documents.anchors(target.read_text()):
                problems.append(f"{page.name}: {link}: there is no such heading")
    assert seen > 20 and not problems, "\n".join(problems)


def test_paths():
    """What a page names below one of the project's directories is there. <…> stands for anything."""
    problems, seen = [], 0
    for page in PAGES:
        for word in documents.code_words(page.read_text()):
            path = word.removeprefix("./")
            if path.split("/")[0] not in PLACES or "/" not in path or " " in path:
                continue
            seen += 1
            pattern = re.sub(r"<[^>]+>|NAME", "*", path).rstrip("/")
            if not list(SOURCE.glob(pattern)):
                problems.append(f"{page.name}: there is no {word}")
    assert seen > 20 and not problems, "\n".join(problems)


def test_commands_table():
    said = subprocess.run([BERTH, "--help"], capture_output=True, text=True, check=True).stdout
    commands = re.findall(r"^  (\w+) +(.+)$", said, re.M)
    table = re.findall(r"^\| `berth (\w+)` \| (.+?) \|$", (SOURCE / "README.md").read_text(), re.M)
    assert len(commands) > 5 and table == commands, f"{table}\n{commands}"


def test_every_command_has_help_with_an_example():
    said = subprocess.run([BERTH, "--help"], capture_output=True, text=True, check=True).stdout
    for name in re.findall(r"^  (\w+) ", said, re.M):
        text = subprocess.run([BERTH, name, "--help"], capture_output=True, text=True, check=True).stdout
        assert f"Usage: berth {name}" in text and "Example: " in text, f"berth {name} --help:\n{text}"


def settings_page():
    """The page, and the same with its tables as `berth config schema` says."""
    schema = json.loads(subprocess.run([BERTH, "config", "schema"], capture_output=True, text=True, check=True).stdout)
    text = (SOURCE / "docs/settings.md").read_text()
    wanted = text
    for name, table in settings_tables(schema).items():
        place = re.compile(rf"(<!-- table: {name} -->\n\n).*?\n(?=\n)", re.S)
        assert place.search(wanted), f"docs/settings.md has no place for the table {name}"
        wanted = place.sub(lambda match, table=table: match.group(1) + table, wanted)
    return text, wanted


def test_settings_tables():
    text, wanted = settings_page()
    wrong = [line for line in wanted.splitlines() if line not in text.splitlines()]
    assert text == wanted, "run `test_docs.py write_tables`; not on the page:\n" + "\n".join(wrong)


def write_tables():
    (SOURCE / "docs/settings.md").write_text(settings_page()[1])


def test_architecture_names_every_file():
    """Its tables of files are the tree: nothing is missing, nothing is there that has gone."""
    text = (SOURCE / "docs/architecture.md").read_text()
    named = set()
    for directory, table in re.findall(r"^\| `(orchestrator/[\w/]*)` \| \|\n((?:\|.*\n)+)", text, re.M):
        named |= {directory + name for row in re.findall(r"^\| (`.+?`) \|", table, re.M)
                  for name in re.findall(r"`([\w-]+)`", row)}
    there = {str(path.relative_to(SOURCE).with_suffix("")) for path in (SOURCE / "orchestrator").rglob("*.[ch]")}
    assert named == there, f"not named: {sorted(there - named)}\nnot there: {sorted(named - there)}"


def test_pages_are_short():
    long = {page.name: count for page in PAGES if (count := len(page.read_text().splitlines())) > 230}
    assert not long, long


def test_wildcards():
    """The matcher itself: a page that says something else fails."""
    text = "a\nport 4711 is taken\nb\nc\n"
    assert documents.matches("a\nport … is taken\n…\nc", text) is None
    assert documents.matches("…", text) is None
    assert documents.matches("a\n…\nc\n…", text) is None
    for wrong in ("a\nport … is free\n…", "a\n…\nb", "…\nport 4711 is taken\nc", "a\nport 4711 is taken\nb\nc\nd", "b\n…"):
        assert documents.matches(wrong, text) is not None, wrong


def test_berth_is_on_the_path():
    with Workspace() as workspace:
        assert shutil.which("berth", path=Shell(workspace).env["PATH"]).startswith(str(workspace.root))


run_tests(globals())
