"""What every command pays for: which libraries the binary needs, which wait, and what is said without them."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

BERTH = os.environ["BERTH"]
# Loaded when somebody speaks to an engine or to Postgres; what they bring along would cost every start.
WAITING = re.compile(r"lib(pq|curl|ssl|crypto|gnutls|ldap|krb5)\b")


def berth(*arguments, **environment):
    environment = {k: v for k, v in os.environ.items() if not k.endswith("_URL")} | environment
    return subprocess.run([BERTH, *arguments], capture_output=True, text=True, env=environment, timeout=60)


class Start(unittest.TestCase):
    def test_a_short_command_loads_no_library_that_can_wait(self):
        run = berth("--version", LD_DEBUG="files")
        loaded = re.findall(r"calling init: (\S+)", run.stderr)
        self.assertTrue(any("libc.so" in name for name in loaded), run.stderr)
        self.assertEqual([name for name in loaded if WAITING.search(name)], [])

    def test_the_program_offers_no_function_to_its_libraries(self):
        # A sanitizer does offer some, under names of its own.
        symbols = subprocess.run(["nm", "-D", "--defined-only", BERTH], capture_output=True, text=True, check=True)
        names = [line.split()[-1] for line in symbols.stdout.splitlines() if " T " in line]
        self.assertEqual([n for n in names if re.match(r"(SHA|CRYPTO_|OPENSSL_|sqlite3_|ev|yaml_|call_)", n)], [])


class Missing(unittest.TestCase):
    """A file that is no library stands in for one that is not there."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)

    def without(self, soname, *arguments, **environment):
        (self.directory / soname).write_text("no library")
        return berth(*arguments, LD_LIBRARY_PATH=str(self.directory), **environment)

    def test_libpq(self):
        run = self.without("libpq.so.5", "db", "status", "--url", "postgresql://u@127.0.0.1:1/d",
                           "--project-root", str(self.directory))
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertIn("libpq.so.5", run.stderr)
        self.assertIn("apt install libpq5", run.stderr)

    def test_libpq_of_a_login(self):
        run = self.without("libpq.so.5", "start", "--no-aspire", "--no-dashboard", "--project-root",
                           str(self.directory), DATABASE_URL="postgresql://u@127.0.0.1:1/d")
        self.assertEqual(run.returncode, 5, run.stderr)
        self.assertIn("libpq.so.5", run.stderr)

    def test_libcurl(self):
        (self.directory / "appsettings.json").write_text(
            '{"NetScript": {"Name": "x", "Cache": {"redis": {"Engine": "Redis"}}}}')
        run = self.without("libcurl.so.4", "start", "--no-dashboard", "--project-root", str(self.directory))
        self.assertEqual(run.returncode, 4, run.stderr)
        self.assertIn("libcurl.so.4", run.stderr)
        self.assertIn("package libcurl4", run.stderr)


if __name__ == "__main__":
    unittest.main()
