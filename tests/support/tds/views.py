"""The views of the whole server (databases, sessions, locks), filled in front of a statement that asks for them."""
from support.tds.catalogue_schema import SERVER_TABLES
from support.tds.types import COLLATION

LEVELS = {2019: 150, 2022: 160, 2025: 170}


def databases(session):
    rows = []
    for name, number, settings in session.instance.databases():
        single = settings.get("single_user", False)
        rows.append((name, number, session.instance.started, 0, "ONLINE", int(single),
                     "SINGLE_USER" if single else "MULTI_USER", int(settings.get("read_committed_snapshot", False)), 0,
                     "OFF", 0, COLLATION, LEVELS[session.instance.product], "SIMPLE", b"\1"))
    return rows


def sessions(session):
    rows = []
    for other in list(session.instance.sessions.values()):
        rows.append((other.spid, other.login.user, other.login.application, other.login.host, 0,
                     session.instance.database_id(other.database), "running" if other.busy else "sleeping",
                     other.login_time, 1, other.transactions, other.login.library, other.login.user, other.login_time))
    return rows


def connections(session):
    return [(other.spid, "TRUE" if other.encrypted else "FALSE", "TCP", other.address, 1433)
            for other in list(session.instance.sessions.values())]


def requests(session):
    return [(other.spid, "running", "SELECT", session.instance.database_id(other.database), 0, None, 0)
            for other in list(session.instance.sessions.values()) if other.busy]


def locks(session):
    rows = []
    for database, resource, mode, status, owner, holder in session.instance.locks.rows():
        # as the server tells it: the first 32 characters, and a hash
        described = f"0:[{resource[:32]}]:({abs(hash(resource)) & 0xFFFFFFFF:08x})"
        rows.append(("APPLICATION", session.instance.database_id(database), described, mode, "LOCK", status, holder.spid,
                     owner.upper()))
    for other in list(session.instance.sessions.values()):
        rows.append(("DATABASE", session.instance.database_id(other.database), "", "S", "LOCK", "GRANT", other.spid,
                     "SHARED_TRANSACTION_WORKSPACE"))
    return rows


def principals(session):
    return [(name, number, "S", "SQL_LOGIN", 0) for number, name in enumerate(session.instance.logins(), 1)]


def logins(session):
    return [(name, number, "S", 0) for number, name in enumerate(session.instance.logins(), 1)]


def files(session):
    return [(number, 1, name, f"/var/opt/mssql/data/{name}.mdf", "ROWS")
            for name, number, _ in session.instance.databases()]


ROWS = {
    "sys_databases": databases, "sys_dm_exec_sessions": sessions, "sys_dm_exec_connections": connections,
    "sys_dm_exec_requests": requests, "sys_dm_tran_locks": locks, "sys_server_principals": principals,
    "sys_sql_logins": logins, "sys_configurations": lambda session: [],
    "sys_dm_os_sys_info": lambda session: [(session.instance.started, 2, 4194304)], "sys_master_files": files,
}


def refresh(session, connection, tables):
    """Makes those of the tables that belong to the server say what is true now."""
    for name in set(tables) & set(SERVER_TABLES):
        connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name}({SERVER_TABLES[name]})")
        connection.execute(f"DELETE FROM temp.{name}")
        marks = ", ".join("?" * (SERVER_TABLES[name].count(",") + 1))
        connection.executemany(f"INSERT INTO temp.{name} VALUES ({marks})", ROWS[name](session))
