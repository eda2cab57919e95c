#include "migrator/model/model.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"

struct model *model_new(enum dm_provider provider)
{
    struct arena *arena = arena_new();
    struct model *model = ARENA_NEW(arena, struct model);
    model->arena = arena;
    model->dialect = dialect_of(provider);
    return model;
}

void model_free(struct model *model)
{
    if (model)
        arena_free(model->arena); // the model lies in it
}

const struct column *table_column(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    }
    return NULL;
}

bool index_has_column(const struct index *index, const struct column *column)
{
    for (size_t i = 0; i < index->part_count; i++) {
        if (index->parts[i].column == column)
            return true;
    }
    return false;
}

bool table_name_is_external(const struct dialect *dialect, const char *name)
{
    static const char *const postgis[] = {"spatial_ref_sys", "geometry_columns",
                                          "geography_columns", "raster_columns",
                                          "raster_overviews"};
    if (strcmp(name, "_prisma_migrations") == 0)
        return true;
    if (dialect->provider != DM_POSTGRESQL)
        return false;
    for (size_t i = 0; i < sizeof postgis / sizeof *postgis; i++) {
        if (strcasecmp(name, postgis[i]) == 0)
            return true;
    }
    return false;
}

int name_compare(const char *left, const char *right)
{
    if (!left || !right)
        return (left != NULL) - (right != NULL);
    return strcmp(left, right);
}

bool enumeration_same(const struct enumeration *left, const struct enumeration *right)
{
    return strcmp(left->name, right->name) == 0 && name_compare(left->space, right->space) == 0;
}

const struct column *table_key_column(const struct table *table)
{
    return table->primary_key && table->primary_key->part_count == 1
               ? table->primary_key->parts[0].column
               : NULL;
}

char *constraint_name(struct arena *arena, const struct dialect *dialect, const char *table,
                      const char *columns, const char *suffix)
{
    char *base =
        columns ? arena_printf(arena, "%s_%s", table, columns) : arena_strdup(arena, table);
    size_t length = strlen(base);
    size_t suffix_length = strlen(suffix);
    if (dialect->name_limit > 0 && length + suffix_length > dialect->name_limit) {
        length = dialect->name_limit > suffix_length ? dialect->name_limit - suffix_length : 0;
        while (length > 0 && ((unsigned char)base[length] & 0xC0) == 0x80)
            length--; // not inside a UTF-8 sequence
    }
    return arena_printf(arena, "%.*s%s", (int)length, base, suffix);
}
