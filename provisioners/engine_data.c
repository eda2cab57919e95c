#include <stddef.h>

#include "provisioners/engine_data_driver.h"

static const struct engine_data_driver *driver_of(const struct engine *engine)
{
    switch (engine->id) {
    case ENGINE_POSTGRES: return &engine_data_postgres;
    case ENGINE_MYSQL: return &engine_data_mysql;
    case ENGINE_MSSQL: return &engine_data_mssql;
    default: return NULL;
    }
}

struct engine_version engine_data_version(const struct engine *engine, const char *directory)
{
    const struct engine_data_driver *driver = driver_of(engine);
    return driver ? driver->read(engine, directory) : (struct engine_version){.minor = -1};
}

const char *const *engine_heal_command(const struct engine *engine)
{
    const struct engine_data_driver *driver = driver_of(engine);
    return driver ? driver->heal : NULL;
}

bool engine_reads_password_at_start(const struct engine *engine)
{
    return engine->id == ENGINE_REDIS;
}

const char *const *engine_version_command(const struct engine *engine)
{
    const struct engine_data_driver *driver = driver_of(engine);
    return driver ? driver->version : NULL;
}
