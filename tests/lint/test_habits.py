"""Banned calls, line width, sizes of files and functions."""
import re
from tree import ROOT, fail_if, sources

BANNED = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|strtok|gets|atoi|atol|atof|alloca|system|popen|tmpnam|mktemp)\s*\(")
FUNCTION_LINES, FILE_LINES = 100, 800
problems = []


def strip(text):
    """The code without comments and literals, line numbers kept."""
    pattern = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    return re.sub(pattern, lambda m: "\n" * m.group().count("\n") or '""', text, flags=re.S)


count = 0
for path in sources(".c", ".h"):
    count += 1
    name, text = path.relative_to(ROOT), path.read_text()
    code = strip(text).splitlines()
    for number, line in enumerate(code, 1):
        call = BANNED.search(line)
        if call:
            problems.append(f"{name}:{number}: {call.group(1)} is banned")
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > 120:
            problems.append(f"{name}:{number}: longer than 120 columns")
        if line.rstrip() != line:
            problems.append(f"{name}:{number}: trailing white space")
    if len(code) > FILE_LINES:
        problems.append(f"{name}: {len(code)} lines: which two ideas is it?")
    start = None
    for number, line in enumerate(code, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            if number - start > FUNCTION_LINES:
                problems.append(f"{name}:{start}: a function of {number - start} lines")
            start = None
if count < 20:
    problems.append(f"only {count} files were found: the lint looks in the wrong place")
fail_if(problems)
