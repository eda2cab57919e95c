"""python3 -m support.tds: the stand-in as a program, with the variables and the words of SQL Server's own image.

    --listen HOST:PORT     0.0.0.0:1433
    --data DIRECTORY       /var/opt/mssql
    --encryption MODE      off, login or required
    --setup --reset-sa-password    gives the sa of existing data the password of MSSQL_SA_PASSWORD, and ends

ACCEPT_EULA=Y is required. MSSQL_SA_PASSWORD (or SA_PASSWORD) counts at the first start only.
STAND_IN_FIRST_START_SECONDS makes the first start slow, STAND_IN_VERSION is 2019, 2022 or 2025.
"""
import argparse
import os
import pathlib
import signal
import sys
import threading

from support.tds.instance import CannotStart, weakness
from support.tds.server import TdsServer

READY = ("Recovery is complete. This is an informational message only. No user action is required.",
         "SQL Server is now ready for client connections. This is an informational message; no user action is required.")
EULA = """The SQL Server End-User License Agreement (EULA) must be accepted before SQL
Server can start. You can accept the EULA by setting the ACCEPT_EULA environment variable to Y."""


def arguments():
    parser = argparse.ArgumentParser(prog="sqlservr", description="A stand-in for SQL Server, for tests.")
    parser.add_argument("--listen", default="0.0.0.0:1433", metavar="HOST:PORT")
    parser.add_argument("--data", default="/var/opt/mssql", metavar="DIRECTORY")
    parser.add_argument("--encryption", default="login", choices=("off", "login", "required"))
    parser.add_argument("--certificate", nargs=2, metavar=("CERTIFICATE", "KEY"))
    parser.add_argument("--setup", action="store_true")
    parser.add_argument("--reset-sa-password", action="store_true")
    return parser.parse_args()


def password():
    return os.environ.get("MSSQL_SA_PASSWORD") or os.environ.get("SA_PASSWORD")


def check_directory(directory):
    """The real server writes all over its directory, and says so when it may not."""
    for path in (directory, directory / "data", directory / "log"):
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as failure:
            raise CannotStart(f"sqlservr: Unable to set up {path}: {failure.strerror} (error {failure.errno}).\n"
                              f"ERROR: Setup FAILED copying system data file to '{directory}/data/master.mdf': "
                              "5(Access is denied.)") from failure
        if not os.access(path, os.W_OK | os.X_OK):
            raise CannotStart(f"sqlservr: Unable to open {path}: Permission denied (error 13).\n"
                              f"ERROR: Setup FAILED copying system data file to '{directory}/data/master.mdf': "
                              "5(Access is denied.)")


def check_password(server):
    weak = weakness(password() or "")
    if weak:
        server.say(f"spid24s     ERROR: Unable to set system administrator password: Password validation failed. {weak}..")
        server.say("spid24s     An error occurred during server setup. See previous errors for more information.")
        raise CannotStart("SQL Server shutdown has been initiated")


def reset_password(server):
    if server.instance.is_new:
        raise CannotStart(f"There is no data in {server.instance.directory}.")
    check_password(server)
    server.set_sa_password(password())
    server.say("spid24s     The sa password was reset.")


def start(server, stop):
    """Ready, or told to stop before that."""
    first = server.instance.is_new
    if first:
        check_password(server)
        server.refuse(18401)
    server.say("Server      Microsoft SQL Server " + str(server.instance.product) + " (stand-in for tests)")
    server.instance.open(password())
    server.listen()
    server.say(f"Server      Server is listening on [ 'any' <ipv4> {server.port}] accept sockets 1.")
    if first:
        stop.wait(float(os.environ.get("STAND_IN_FIRST_START_SECONDS", "0")))
        server.allow()
    for line in READY:
        server.say("spid9s      " + line)


def main():
    options, stop = arguments(), threading.Event()
    if os.environ.get("ACCEPT_EULA", "").upper() not in ("Y", "YES"):
        sys.exit(EULA)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    directory = pathlib.Path(options.data)
    host, _, port = options.listen.rpartition(":")
    server = TdsServer(directory, encryption=options.encryption, certificate=options.certificate, host=host,
                       port=int(port), product=int(os.environ.get("STAND_IN_VERSION", "2022")))
    server.speaks = True
    try:
        check_directory(directory)
        if options.reset_sa_password:
            reset_password(server)
            return
        start(server, stop)
    except CannotStart as failure:
        sys.exit(str(failure))
    stop.wait()
    server.say("spid9s      SQL Server is terminating in response to a 'stop' request from Service Control Manager.")
    server.close()


if __name__ == "__main__":
    main()
