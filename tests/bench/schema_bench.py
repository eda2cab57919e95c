#!/usr/bin/env python3
"""How long a schema takes from text to SQL: parsed, checked, compared with nothing, written as a migration.

    tests/bench/schema_bench.py [--berth PATH] [--models 10 100 1000 5000] [--runs N]

PATH has the interface `db diff --from empty --to FILE --script`; default $BERTH. Prints, for schemas of 10, 100, 1,000 and 5,000 models
with 14 fields, 2 indexes and 1 to 3 relations each, the median time of whole processes and their greatest memory; it judges nothing.

The peer is the schema engine of Prisma (npm @prisma/schema-engine-wasm, 6.19), found below $BERTH_ORACLE, a directory with node_modules,
and run by node. Its second figure leaves out that node starts and the engine is compiled: what one more schema in the same process takes.
"""
import argparse
import fcntl
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

PACKAGE = "node_modules/@prisma/schema-engine-wasm"
DRIVER = pathlib.Path(__file__).resolve().parent.parent / "conformance" / "engine.mjs"
COLUMNS = """\
  id Int @id @default(autoincrement())
  title String
  rank Int
  createdAt DateTime @default(now())
  isOpen Boolean @default(false)
  ratio Float?
  note String?
  price Decimal
  extra Json?
  size BigInt @default(0)
  code String @db.VarChar(100)
  updatedAt DateTime @updatedAt
  token String @default(uuid())
  data Bytes?
"""
MOST_PEER_MODELS = 1000  # beyond, the peer takes minutes


def schema_of(model_count):
    """A schema, the same for the same count."""
    chance = random.Random(model_count)
    links = [[chance.randrange(model_count) for _ in range(chance.randint(1, 3))] for _ in range(model_count)]
    backs = [[] for _ in range(model_count)]
    for source, targets in enumerate(links):
        for number, target in enumerate(targets):
            backs[target].append((source, number))
    lines = ['datasource db {\n  provider = "postgresql"\n  url = "postgresql://localhost/bench"\n}\n']
    for model, targets in enumerate(links):
        lines.append(f"\nmodel Model{model} {{\n{COLUMNS}")
        for number, target in enumerate(targets):
            lines.append(f"  link{number}Id Int\n"
                         f'  link{number} Model{target} @relation("m{model}_{number}", fields: [link{number}Id], references: [id])\n')
        for source, number in backs[model]:
            lines.append(f'  back{source}_{number} Model{source}[] @relation("m{source}_{number}")\n')
        lines.append("\n  @@index([title, rank])\n  @@unique([rank, createdAt])\n}\n")
    return "".join(lines)


def seconds_of(command):
    """Of one whole process."""
    start = time.perf_counter()
    result = subprocess.run(command, stdout=subprocess.DEVNULL)
    elapsed = time.perf_counter() - start
    if result.returncode != 0:
        sys.exit(f"{command[0]} failed with exit code {result.returncode}")
    return elapsed


def memory_of(command):
    """The most memory of a process, in bytes, taken while it waits for somebody to read what it writes at its end. (What the kernel
    reports of a child that has ended counts the memory of this program too, from which it was forked.)"""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    with open(reader, "rb", buffering=0) as output, subprocess.Popen(command, stdout=writer) as process:
        os.close(writer)
        output.read(1)
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        output.readall()
    return int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) * 1024


def find_peer():
    """The command that runs the peer on a list of schemas, up to the list; None: it is not installed."""
    package = pathlib.Path(os.environ.get("BERTH_ORACLE", "/nonexistent")) / PACKAGE
    node = shutil.which("node")
    return [node, str(DRIVER), str(package)] if node and (package / "schema_engine_bg.wasm").exists() else None


def measure_peer(peer, schema, folder, more):
    """Seconds of a whole process, and of each of `more` schemas in the same one."""
    seconds = []
    for count in (1, 1 + more):
        tasks = folder / "tasks"
        tasks.write_text("".join(f"empty\t{schema}\t{folder / 'out.sql'}\n" for _ in range(count)))
        seconds.append(seconds_of(peer + [str(tasks)]))
        if (folder / "out.sql").read_text().startswith("!!"):
            sys.exit("the peer refuses the schema: is it of version 6.19?")
    return seconds[0], (seconds[1] - seconds[0]) / more


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--berth", default=os.environ.get("BERTH"))
    parser.add_argument("--models", type=int, nargs="+", default=[10, 100, 1000, 5000])
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    if not options.berth:
        parser.error("which program? --berth PATH or $BERTH")
    peer = find_peer()
    print(f"{'models':>6} {'time':>10} {'memory':>9} {'peer':>10} {'ratio':>7} {'peer, warm':>11} {'ratio':>7}")
    with tempfile.TemporaryDirectory(prefix="berth-bench-") as name:
        folder = pathlib.Path(name)
        for count in options.models:
            schema = folder / f"{count}.prisma"
            schema.write_text(schema_of(count))
            command = [options.berth, "db", "diff", "--from", "empty", "--to", str(schema), "--script"]
            seconds = statistics.median(seconds_of(command) for _ in range(options.runs))
            line = f"{count:>6} {seconds * 1e3:>7.1f} ms {memory_of(command) / 1e6:>6.1f} MB"
            if peer and count <= MOST_PEER_MODELS:
                cold, warm = measure_peer(peer, schema, folder, max(2, 1000 // count))
                line += f" {cold * 1e3:>7.0f} ms {cold / seconds:>6.0f}x {warm * 1e3:>8.0f} ms {warm / seconds:>6.0f}x"
            print(line, flush=True)
    if not peer:
        print("peer not installed")


if __name__ == "__main__":
    main()
