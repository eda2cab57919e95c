"""The same commands on a real SQL Server: BERTH_TEST_MSSQL_URL="sqlserver://host:port;user=sa;password=…;encrypt=true;
trustServerCertificate=true" names one whose login may make databases. Each test makes one and drops it."""
import os

from support.mssql_commands import Server, tests_of
from support.workspace import run_tests

URL = os.environ.get("BERTH_TEST_MSSQL_URL")
if not URL:
    print("SKIPPED: no SQL Server here; BERTH_TEST_MSSQL_URL names one, and then every command is run on it")
    raise SystemExit(77)
run_tests(tests_of(lambda: Server.of(URL)))
