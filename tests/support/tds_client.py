"""bsqldb, FreeTDS's program for batches: another client than berth, for arranging and for looking."""
import re
import subprocess
import tempfile


class TdsClient:
    """encryption: as FreeTDS's configuration has it."""

    def __init__(self, host, port, user, password, encryption="request"):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".conf")
        self.file.write(f"[server]\nhost = {host}\nport = {port}\ntds version = 7.4\nclient charset = UTF-8\n"
                        f"encryption = {encryption}\n")
        self.file.flush()
        self.login = ["-U", user, "-P", password]

    def start(self, database):
        """Batches go to its input, each with a line GO behind it."""
        return subprocess.Popen(["stdbuf", "-oL", "bsqldb", "-S", "server", *self.login, "-D", database, "-h", "-q", "-t", "|"],
                                env={"PATH": "/usr/bin:/bin", "FREETDSCONF": self.file.name, "LC_ALL": "C.UTF-8"},
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def run(self, database, text):
        """The rows, their values between bars."""
        out, err = self.start(database).communicate(text + "\nGO\n", timeout=60)
        assert all(int(level) <= 10 for level in re.findall(r"^Msg \d+, Level (\d+)", err, re.M)), f"{text}\n{err}"
        return out.strip()
