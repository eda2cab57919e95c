#include "migrator/driver/postgres.h"
#include "migrator/sql_quote.h"

static void take_statement(void *context, const char *const *values)
{
    if (values[0])
        strbuf_addf(context, "%s; ", values[0]);
}

// The statements that make the schema anew as it was: owner, comment, grants, and the default
// privileges in it. Grants of others' default privileges need the right to act for them; without it
// they are left out.
static int read_recreation(struct driver *driver, const char *schema, struct strbuf *out,
                           struct err *err)
{
    static const char sql[] =
        "WITH target AS (SELECT oid, nspname, nspowner, nspacl FROM pg_catalog.pg_namespace "
        "WHERE nspname = %s), "
        "grantee AS (SELECT 0::pg_catalog.oid AS oid, 'PUBLIC' AS name "
        "UNION ALL SELECT oid, pg_catalog.quote_ident(rolname) FROM pg_catalog.pg_roles) "
        "SELECT sql FROM ("
        "SELECT 1 AS step, pg_catalog.format('CREATE SCHEMA %%I AUTHORIZATION %%I', nspname, "
        "pg_catalog.pg_get_userbyid(nspowner)) AS sql FROM target "
        "UNION ALL SELECT 2, pg_catalog.format('COMMENT ON SCHEMA %%I IS %%L', nspname, "
        "pg_catalog.obj_description(oid, 'pg_namespace')) FROM target "
        "WHERE pg_catalog.obj_description(oid, 'pg_namespace') IS NOT NULL "
        "UNION ALL SELECT 3, pg_catalog.format('GRANT %%s ON SCHEMA %%I TO %%s%%s', "
        "a.privilege_type, t.nspname, g.name, CASE WHEN a.is_grantable THEN "
        "' WITH GRANT OPTION' ELSE '' END) FROM target t "
        "CROSS JOIN LATERAL pg_catalog.aclexplode(t.nspacl) a "
        "JOIN grantee g ON g.oid = a.grantee WHERE a.grantee <> t.nspowner "
        "UNION ALL SELECT 4, pg_catalog.format('ALTER DEFAULT PRIVILEGES FOR ROLE %%I IN SCHEMA "
        "%%I GRANT %%s ON %%s TO %%s%%s', pg_catalog.pg_get_userbyid(d.defaclrole), t.nspname, "
        "a.privilege_type, CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' "
        "WHEN 'f' THEN 'FUNCTIONS' ELSE 'TYPES' END, g.name, CASE WHEN a.is_grantable THEN "
        "' WITH GRANT OPTION' ELSE '' END) FROM target t "
        "JOIN pg_catalog.pg_default_acl d ON d.defaclnamespace = t.oid "
        "CROSS JOIN LATERAL pg_catalog.aclexplode(d.defaclacl) a "
        "JOIN grantee g ON g.oid = a.grantee "
        "WHERE pg_catalog.pg_has_role(d.defaclrole, 'USAGE')) s ORDER BY step";
    AUTO_STRBUF name = STRBUF_INIT, query = STRBUF_INIT;
    sql_quote_literal(SQL_POSTGRES, schema, &name);
    strbuf_addf(&query, sql, name.data);
    return driver->ops->query(driver, query.data, take_statement, out, err);
}

static void add_drop(const char *schema, struct strbuf *out)
{
    strbuf_adds(out, "DROP SCHEMA ");
    sql_quote_identifier(SQL_POSTGRES, schema, out);
    strbuf_adds(out, " CASCADE; ");
}

// Another schema that the history makes: only where it is this user's, and never public, which
// `CREATE SCHEMA IF NOT EXISTS` may name and others live in.
static int add_other_drop(struct driver *driver, const char *schema, struct strbuf *out,
                          struct err *err)
{
    size_t found = 0;
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_adds(&sql, "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname <> 'public' "
                      "AND pg_catalog.pg_has_role(nspowner, 'USAGE') AND nspname = ");
    sql_quote_literal(SQL_POSTGRES, schema, &sql);
    if (driver->ops->query(driver, sql.data, driver_count_row, &found, err))
        return -1;
    if (found)
        add_drop(schema, out);
    return 0;
}

int postgres_drop_all(struct driver *driver, const char *const *schemas, size_t count,
                      struct err *err)
{
    struct postgres *postgres = postgres_of(driver);
    AUTO_STRBUF sql = STRBUF_INIT, recreation = STRBUF_INIT;
    for (size_t i = 0; i < count; i++)
        if (add_other_drop(driver, schemas[i], &sql, err))
            return -1;
    if (read_recreation(driver, driver->schema, &recreation, err))
        return -1;
    if (recreation.len) { // else there is no such schema
        add_drop(driver->schema, &sql);
        strbuf_adds(&sql, recreation.data);
    }
    postgres->quiet = true; // the server counts what a cascade drops
    const int failed = sql.len ? postgres_execute(driver, sql.data, err) : 0;
    postgres->quiet = false;
    return failed;
}
