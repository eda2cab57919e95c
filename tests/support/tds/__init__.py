"""A stand-in for SQL Server, for tests: its wire protocol (TDS 7.4), and as much of T-SQL as scripts of migrations and the
questions of a migration tool need. It proves what a client does with answers of this form, and nothing about SQL Server.

    packet, tls, login, reply, values   the protocol
    connection, server, hooks           clients, the listener, what a test makes happen
    lexer, parser, parse_ddl, syntax    T-SQL's statements
    translate, functions, columns       queries, as SQLite's
    catalogue, definitions, views       tables and the sys views
    session, query, procedures          what a batch does
    instance, locks, errors             the data directory, sp_getapplock, the errors
"""
from support.tds.errors import SqlError
from support.tds.hooks import Close, Delay, Fail, Hold
from support.tds.server import TdsServer

__all__ = ["Close", "Delay", "Fail", "Hold", "SqlError", "TdsServer"]
