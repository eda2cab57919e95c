"""Every include follows an edge of edges.txt, the edges have no cycle, and files don't include in circles."""
import re
from tree import ROOMS, ROOT, fail_if, sources

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)

edges = {}
for line in (ROOT / "tests/lint/edges.txt").read_text().splitlines():
    if line and not line.startswith("#"):
        room, _, others = line.partition(":")
        edges[room] = set(others.split())

problems = []


def walk(node, graph, path, done):
    if node in path:
        problems.append("cycle: " + " -> ".join(path[path.index(node):] + [node]))
        return
    if node in done:
        return
    done.add(node)
    for other in sorted(graph.get(node, ())):
        walk(other, graph, path + [node], done)


done = set()
for room in edges:
    walk(room, edges, [], done)

files = {}
seen = 0
for path in sources(".c", ".h"):
    name = str(path.relative_to(ROOT))
    room = name.split("/")[0]
    files[name] = set()
    for include in INCLUDE.findall(path.read_text()):
        seen += 1
        target = include.split("/")[0]
        if include.startswith("generated/"):
            continue
        if target not in ROOMS:
            problems.append(f'{name}: "{include}" is not root-relative')
        elif target != room and target not in edges[room]:
            problems.append(f"{name}: {room} may not include from {target} ({include})")
        elif not (ROOT / include).exists():
            problems.append(f"{name}: {include} does not exist")
        files[name].add(include)
done = set()
for name in files:
    walk(name, files, [], done)
if seen < 20:
    problems.append(f"only {seen} includes were found: the lint looks in the wrong place")
fail_if(problems)
