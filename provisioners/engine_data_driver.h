#pragma once
// What is known of the engines' data, engine by engine; private to this room.

#include "provisioners/engine_data.h"

struct engine_data_driver {
    struct engine_version (*read)(const struct engine *engine, const char *directory);
    const char *const *heal, *const *version; // engine_heal_command, engine_version_command
};

enum { ENGINE_DATA_NONE = 0, ENGINE_DATA_UNKNOWN = -1 };

extern const struct engine_data_driver engine_data_mssql, engine_data_mysql, engine_data_postgres;
