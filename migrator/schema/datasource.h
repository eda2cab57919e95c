#pragma once
// The datasource of the datamodel. Part of migrator/schema/datamodel.h, and of its arena.

#include "migrator/schema/field_types.h"

struct dm_extension {
    const char *name;
    const char *db_name; // map:, else name
    const char *schema;  // NULL: absent
    const char *version; // NULL: absent
    struct span span;
};

enum dm_relation_mode { DM_FOREIGN_KEYS, DM_EMULATED };

// A setting that is a text, or the name of an environment variable: env("X"). Both NULL: absent.
struct dm_setting {
    const char *text;
    const char *variable;
    struct span span;
};

struct dm_datasource {
    const char *name;
    enum dm_provider provider;
    const char *provider_text; // as written: "postgres"
    struct dm_setting url, direct_url, shadow_database_url;
    enum dm_relation_mode relation_mode;
    const char *const *schemas; // as written; db.schemas
    size_t schema_count;
    struct dm_extension *extensions;
    size_t extension_count;
    struct span span;
};
