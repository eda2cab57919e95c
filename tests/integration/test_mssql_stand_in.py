"""Every command of the migration engine against the stand-in for SQL Server's protocol (tests/support/tds): what berth does
with a server's answers. What SQL Server itself does with the commands, test_mssql_server.py tells where there is one."""
from support.mssql_commands import Server, tests_of
from support.tds import TdsServer
from support.workspace import run_tests

with TdsServer(sa_password="Stand-in-1") as stand_in:
    server = Server(f"sqlserver://127.0.0.1:{stand_in.port}", ["user=sa", "password=Stand-in-1"])
    run_tests(tests_of(lambda: server))
