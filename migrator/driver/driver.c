#include "migrator/driver/driver.h"

#include <stdarg.h>
#include <string.h>

#include "migrator/driver/engines.h"

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

int driver_open(const struct migrator_target *target, const struct migrator_callbacks *callbacks,
                enum driver_mode mode, struct driver **out, bool *missing, struct err *err)
{
    const bool is_postgres =
        starts_with(target->url, "postgresql://") || starts_with(target->url, "postgres://");
    const bool is_file = starts_with(target->url, "file:") || starts_with(target->url, "sqlite:");
    if (missing)
        *missing = false;
    if (strcmp(target->provider, "postgresql") == 0 && is_postgres)
        return postgres_open(target->url, callbacks, mode, out, missing, err);
    if (strcmp(target->provider, "sqlite") == 0 && is_file)
        return sqlite_open(target->url, callbacks, mode, out, missing, err);
    err_set(err, ERR_INVALID, "the URL is not one of %s", target->provider);
    return err_hint(err, "postgresql://user:password@host:port/database, or file:/path/of/file.db");
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

int driver_execute_transaction(struct driver *driver, const char *statements, struct err *err)
{
    struct err ignored;
    AUTO_STRBUF sql = STRBUF_INIT;
    strbuf_addf(&sql, "BEGIN; %s; COMMIT", statements);
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
