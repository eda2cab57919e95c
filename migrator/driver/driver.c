#include "migrator/driver/driver.h"

#include <stdarg.h>
#include <string.h>

#include "migrator/driver/engines.h"

static const struct {
    const char *scheme, *provider;
    int (*open)(const char *url, const struct migrator_callbacks *callbacks, enum driver_mode mode,
                struct driver **out, bool *missing, struct err *err);
} drivers[] = {
    {"postgresql://", "postgresql", postgres_open},
    {"postgres://", "postgresql", postgres_open},
    {"mysql://", "mysql", mysql_open},
    {"mariadb://", "mysql", mysql_open},
    {"sqlserver://", "sqlserver", sqlserver_open},
    {"file:", "sqlite", sqlite_open},
    {"sqlite:", "sqlite", sqlite_open},
};
enum { DRIVER_COUNT = sizeof drivers / sizeof *drivers };

// DRIVER_COUNT: none.
static size_t find_driver(const char *url)
{
    for (size_t i = 0; i < DRIVER_COUNT; i++)
        if (strncmp(url, drivers[i].scheme, strlen(drivers[i].scheme)) == 0)
            return i;
    return DRIVER_COUNT;
}

const char *migrator_provider_of(const char *url)
{
    const size_t found = find_driver(url);
    return found < DRIVER_COUNT ? drivers[found].provider : NULL;
}

int driver_open(const struct migrator_target *target, const struct migrator_callbacks *callbacks,
                enum driver_mode mode, struct driver **out, bool *missing, struct err *err)
{
    const size_t found = find_driver(target->url);
    if (missing)
        *missing = false;
    if (found < DRIVER_COUNT && strcmp(drivers[found].provider, target->provider) == 0)
        return drivers[found].open(target->url, callbacks, mode, out, missing, err);
    err_set(err, ERR_INVALID, "the URL is not one of %s", target->provider);
    return err_hint(err, "postgresql:// or mysql://user:password@host:port/database, "
                         "sqlserver://host:port;database=…;user=…;password=…, or "
                         "file:/path/of/file.db");
}

void driver_close(struct driver *driver)
{
    if (!driver)
        return;
    free((char *)driver->ledger.name);
    free(driver->schema);
    free(driver->place);
    driver->ops->close(driver);
}

void driver_cleanup(struct driver **driver)
{
    driver_close(*driver);
}

int driver_create_schema(struct driver *driver, struct err *err)
{
    return driver->ops->schema_create ? driver->ops->schema_create(driver, err) : 0;
}

int driver_create_ledger(struct driver *driver, struct err *err)
{
    AUTO_STRBUF sql = STRBUF_INIT;
    ledger_sql_create(&driver->ledger, &sql);
    return driver_create_schema(driver, err) || driver->ops->execute(driver, sql.data, err) ? -1
                                                                                            : 0;
}

int driver_execute_transaction(struct driver *driver, const char *statements, struct err *err)
{
    struct err ignored;
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_addf(&sql, "%s; %s; COMMIT",
                driver->script.dialect == SQL_SQLSERVER ? "BEGIN TRANSACTION" : "BEGIN",
                statements);
    if (driver->ops->execute(driver, sql.data, err) == 0)
        return 0;
    (void)!driver->ops->execute(driver, "ROLLBACK", &ignored);
    return -1;
}

void driver_say(const struct driver *driver, const char *format, ...)
{
    if (!driver->callbacks || !driver->callbacks->line)
        return;
    va_list args;
    va_start(args, format);
    AUTOFREE char *text = mem_vprintf(format, args);
    va_end(args);
    driver->callbacks->line(driver->callbacks->context, text);
}

void driver_take_first(void *context, const char *const *values)
{
    char **out = context;
    if (!*out && values[0])
        *out = mem_strdup(values[0]);
}

void driver_count_row(void *context, const char *const *values)
{
    (void)values;
    ++*(size_t *)context;
}
