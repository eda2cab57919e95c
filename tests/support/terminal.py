"""A command on a terminal of its own: a pty, and a model of the screen that shows what a person would see."""
import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
import threading

try:
    import pyte
except ModuleNotFoundError:  # Debian's package is not seen by a Python of another origin, but is as good there
    sys.path.append("/usr/lib/python3/dist-packages")
    import pyte

from support.workspace import eventually


class Terminal:
    """with Terminal([...], cwd=…, env=…, columns=80, rows=24) as t: t.shows("…"); t.press("q")"""

    def __init__(self, argv, cwd, env, columns=80, rows=24, under_shell=False):
        self.screen = pyte.HistoryScreen(columns, rows, history=100000, ratio=1)
        self.stream = pyte.ByteStream(self.screen)
        self.lock = threading.Lock()
        self.bytes = b""
        self.held = threading.Event()
        self.held.set()
        self.ours, self.theirs = os.openpty()
        self.set_size(columns, rows)
        self.modes_before = termios.tcgetattr(self.theirs)
        if under_shell:  # which is there when the command is gone, and neither saves nor sets any modes
            argv = ["sh", "-c", '"$@"; code=$?; while ! [ -e .go-on ]; do sleep 0.1; done; exit $code', "sh", *argv]
        self.process = subprocess.Popen(argv, cwd=cwd, env={**env, "TERM": "xterm-256color"}, stdin=self.theirs,
                                        stdout=self.theirs, stderr=self.theirs, preexec_fn=self.become_foreground)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def become_foreground(self):
        os.setsid()
        fcntl.ioctl(self.theirs, termios.TIOCSCTTY, 0)

    def read(self):
        while True:
            self.held.wait()
            try:
                piece = os.read(self.ours, 65536)
            except OSError:
                return
            if not piece:
                return
            with self.lock:
                self.bytes += piece
                self.stream.feed(piece)

    def pid(self):
        """That of the command under the shell."""
        children = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        return int(eventually(lambda: open(children).read().split(), 10, "the command")[0])

    def hold(self):
        """As Ctrl-S: nothing more is read, until let_go()."""
        self.held.clear()

    def let_go(self):
        self.held.set()

    def set_size(self, columns, rows):
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        with self.lock:
            self.screen.resize(rows, columns)
        self.set_size(columns, rows)

    def rows(self):
        """What is on the screen, without white space at the right and empty rows at the end."""
        with self.lock:
            rows = [row.rstrip() for row in self.screen.display]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def history(self):
        """What has left the screen at the top."""
        with self.lock:
            return ["".join(row[x].data for x in range(self.screen.columns)).rstrip() for row in self.screen.history.top]

    def everything(self):
        return self.history() + self.rows()

    def colour_of(self, text):
        """The foreground where the text is first on the screen."""
        with self.lock:
            for y, row in enumerate(self.screen.display):
                if text in row:
                    return self.screen.buffer[y][row.index(text)].fg
        raise AssertionError(f"{text!r} is not on the screen")

    def shows(self, *texts, seconds=20):
        """Waits until all of the texts are on the screen, and returns its rows."""
        try:
            eventually(lambda: all(any(text in row for row in self.rows()) for text in texts), seconds, repr(texts))
        except AssertionError as failure:
            raise AssertionError(f"{failure}; the screen:\n" + "\n".join(self.rows())) from None
        return self.rows()

    def press(self, keys):
        os.write(self.ours, keys.encode())

    def signal(self, number):
        os.kill(self.process.pid, number)

    def modes(self):
        return termios.tcgetattr(self.theirs)

    def is_given_back(self):
        """The modes are those from before, the cursor is there, and long lines wrap."""
        with self.lock:
            hidden, wraps = self.screen.cursor.hidden, pyte.modes.DECAWM in self.screen.mode
        return self.modes() == self.modes_before and not hidden and wraps

    def wait(self, seconds=60):
        return self.process.wait(seconds)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if exc[0]:
            print("--- the screen:\n" + "\n".join(self.everything()[-60:]))
        self.let_go()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()
        os.close(self.theirs)
        self.reader.join(5)
        os.close(self.ours)
