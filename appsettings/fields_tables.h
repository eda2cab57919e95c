#pragma once
// The tables of records, for fields.c.

#include "appsettings/fields.h"

extern const struct field_table fields_database, fields_cache;
extern const struct field_table fields_service, fields_plugin, fields_background, fields_app,
    fields_tool;

#define FIELD_TABLE(title_, items_)                       \
    {                                                     \
        title_, items_, sizeof(items_) / sizeof *(items_) \
    }
