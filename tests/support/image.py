"""Images of a program of this machine and the libraries that it needs, built without any registry."""
import io
import pathlib
import re
import subprocess
import tarfile
import urllib.parse

from support.workspace import DOCKER_SOCKET, docker


def find_library(soname):
    for line in subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, check=True).stdout.splitlines():
        name, _, path = line.strip().partition(" => ")
        if name.split(" ")[0] == soname:
            return pathlib.Path(path)
    raise AssertionError(f"{soname} is not installed")


def library_closure(program, *loaded, closure=True):
    """The libraries of a program, and those that it loads by name; closure=False: without theirs."""
    found = set()
    for path in [program, *map(find_library, loaded)]:
        if path != program:
            found.add(path)
        if closure or path == program:
            ldd = subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout
            found.update(map(pathlib.Path, re.findall(r"(/\S+) \(0x", ldd)))
    return sorted(found)


def add(archive, name, content, mode=0o755):
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))


def build_image(tag, programs, *loaded):
    """FROM scratch: programs in /usr/local/bin, their libraries where they are here."""
    root, context = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=root, mode="w") as archive:
        for program in map(pathlib.Path, programs):
            add(archive, f"usr/local/bin/{program.name}", program.read_bytes())
            for library in library_closure(program, *loaded):
                add(archive, str(library)[1:], library.read_bytes())
    with tarfile.open(fileobj=context, mode="w") as archive:
        add(archive, "Dockerfile", b"FROM scratch\nADD root.tar /\n")
        add(archive, "root.tar", root.getvalue())
    build(tag, context)


def build_variant(tag, base, files, steps=()):
    """FROM base, with files of their absolute names and executable, then more lines of a Dockerfile."""
    context, dockerfile = io.BytesIO(), [f"FROM {base}"]
    with tarfile.open(fileobj=context, mode="w") as archive:
        for number, (name, text) in enumerate(files.items()):
            add(archive, f"file{number}", text.encode())
            dockerfile.append(f"COPY file{number} {name}")
        add(archive, "Dockerfile", "\n".join([*dockerfile, *steps, ""]).encode())
    build(tag, context)


def build(tag, context):
    run = subprocess.run(
        ["curl", "-sS", "--fail-with-body", "--unix-socket", DOCKER_SOCKET, "-X", "POST", "-T", "-",
         "-H", "Content-Type: application/x-tar", "-H", "Expect:",
         f"http://docker/build?t={urllib.parse.quote(tag, safe='')}&forcerm=1"],
        input=context.getvalue(), capture_output=True)
    # A failed step comes with status 200.
    assert run.returncode == 0 and b'"errorDetail"' not in run.stdout, (run.stdout[-500:], run.stderr)


def remove_image(tag):
    docker("DELETE", f"/images/{tag}?force=1")
