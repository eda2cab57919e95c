"""Markdown pages as tests read them: headings, links, paths, and fenced blocks with what is asked of them.

A block of commands is tested when the line before its fence says so:

    <!-- test: NAME [example=EXAMPLE] [server[=mssql]] [file=PATH] [background] [exit=N] -->

Blocks of one name on one page share a scratch workspace and run in the order of the page. `example` begins it as a
copy of examples/EXAMPLE, `server` with a Postgres of its own in DATABASE_URL, or what stands in for SQL Server. `file`
writes the block to that file instead of running it. `background` leaves the command running once it has said "up after". A ```text block that
follows is what the commands print, where … stands for anything; a line that is only … for any number of lines.
`<!-- not run: reason -->` is for the rest.
"""
import dataclasses
import re

FENCE = re.compile(r"^```(\w*)\s*$")
MARK = re.compile(r"^<!-- (test|not run): (.*?) -->$")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`]+)`")


@dataclasses.dataclass
class Block:
    line: int  # of the fence, from 1
    language: str
    text: str
    test: str | None = None  # the name; None: not marked
    options: dict = dataclasses.field(default_factory=dict)
    skipped: str | None = None  # why it is not run
    expected: str | None = None


def parse_mark(block, kind, words):
    if kind == "not run":
        block.skipped = words
        return
    block.test, *options = words.split()
    block.options = dict(option.partition("=")[::2] for option in options)
    unknown = set(block.options) - {"example", "server", "file", "background", "exit"}
    assert not unknown, f"line {block.line}: unknown options {sorted(unknown)}"


def blocks(text):
    """Every fenced block, in order; a ```text block right after a tested one is what that one prints."""
    found, mark, current, last = [], None, None, None
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if current is not None:
            if line != "```":
                lines.append(line)
                continue
            current.text = "\n".join(lines) + "\n"
            if current.language == "text" and last and last.test and last.expected is None:
                last.expected = current.text
            last, current = current, None
            found.append(last)
        elif fence:
            current, lines = Block(number, fence.group(1), ""), []
            if mark:
                parse_mark(current, *mark)
            mark = None
        elif line.strip():
            matched = MARK.match(line)
            mark = matched.groups() if matched else None
            last = None
    assert current is None, f"the block at line {current.line} is never closed"
    return found


def prose(text):
    """The page without its fenced and indented blocks."""
    outside, inside = [], False
    for line in text.splitlines():
        if line.startswith("```"):
            inside = not inside
        elif not inside and not line.startswith("    "):
            outside.append(line)
    return "\n".join(outside)


def anchors(text):
    """The names that links to headings use: lower case, blanks as hyphens, marks left out."""
    headings = re.findall(r"^#+ +(.+?)\s*$", prose(text), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(text):
    return LINK.findall(re.sub(CODE, "", prose(text)))


def code_words(text):
    return CODE.findall(prose(text))


def matches(expected, printed):
    """None when the output is what the page says, else the first line of the page that has no match."""
    def tidy(value):
        return [line.rstrip() for line in value.strip("\n").splitlines()]
    wanted, lines = tidy(expected), tidy(printed)

    def pattern(line):
        return ".*".join(re.escape(part) for part in line.split("…"))

    positions, best = {0}, None  # lines of the output behind what has matched so far
    for line in wanted:
        if line == "…":
            positions = set(range(min(positions), len(lines) + 1))
            continue
        after = {at + 1 for at in positions if at < len(lines) and re.fullmatch(pattern(line), lines[at])}
        if not after:
            return line
        positions, best = after, line
    return None if len(lines) in positions else f"nothing more after {best!r}"
