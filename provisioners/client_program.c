#include "provisioners/client_program.h"

const struct client_program *client_program_of(const struct engine *engine)
{
    static const struct client_program postgres = {"psql", "postgresql-client", "PGPASSWORD", NULL};
    static const struct client_program mysql = {"mysql", "default-mysql-client", "MYSQL_PWD", NULL};
    static const struct client_program mssql = {"sqlcmd", "mssql-tools18", "SQLCMDPASSWORD",
                                                "/opt/mssql-tools18/bin/sqlcmd"};
    static const struct client_program sqlite = {"sqlite3", "sqlite3", NULL, NULL};
    static const struct client_program redis = {"redis-cli", "redis-tools", "REDISCLI_AUTH", NULL};
    switch (engine->id) {
    case ENGINE_POSTGRES: return &postgres;
    case ENGINE_MYSQL: return &mysql;
    case ENGINE_SQLITE: return &sqlite;
    case ENGINE_REDIS:
    case ENGINE_GARNET: return &redis;
    case ENGINE_MSSQL: return &mssql;
    case ENGINE_DENO_KV: break;
    }
    return NULL;
}
