#include "migrator/introspect/draft.h"

#include <string.h>
#include <strings.h>

#include "migrator/model/predicate.h"
#include "migrator/sql_quote.h"

void draft_init(struct draft *draft, struct driver *driver, const struct introspect_scope *scope,
                enum dm_provider provider)
{
    *draft = (struct draft){
        .driver = driver,
        .scope = scope,
        .model = model_new(provider),
        .tables = map_new(),
        .enumerations = map_new(),
    };
}

struct model *draft_finish(struct draft *draft)
{
    map_free(draft->tables);
    map_free(draft->enumerations);
    vec_release(&draft->keys);
    vec_release(&draft->new_tables);
    vec_release(&draft->new_enumerations);
    vec_release(&draft->values);
    vec_release(&draft->columns);
    vec_release(&draft->indexes);
    vec_release(&draft->parts);
    vec_release(&draft->foreign_keys);
    vec_release(&draft->links);
    return draft->model;
}

const char *draft_copy(struct draft *draft, const char *text)
{
    return text ? arena_strdup(draft->model->arena, text) : NULL;
}

int draft_query(struct draft *draft, const char *sql, driver_row *row, struct err *err)
{
    const struct introspect_scope *scope = draft->scope;
    const enum sql_dialect dialect = draft->driver->script.dialect;
    AUTO_STRBUF schemas = STRBUF_INIT;
    AUTO_STRBUF query = STRBUF_INIT;
    for (size_t i = 0; i < scope->schema_count; i++) {
        strbuf_adds(&schemas, i > 0 ? ", " : "");
        sql_quote_literal(dialect, scope->schemas[i], &schemas);
    }
    if (scope->schema_count == 0)
        sql_quote_literal(dialect, draft->driver->schema, &schemas);
    const char *mark = strstr(sql, "%s");
    strbuf_add(&query, sql, mark ? (size_t)(mark - sql) : strlen(sql));
    if (mark) {
        strbuf_adds(&query, schemas.data);
        strbuf_adds(&query, mark + strlen("%s"));
    }
    return draft->driver->ops->query(draft->driver, query.data, row, draft, err);
}

static void take_schema(void *context, const char *const *values)
{
    struct draft *draft = context;
    struct model *model = draft->model;
    model->schemas[model->schema_count++] = draft_copy(draft, values[0]);
    model->listed_schemas = model->schemas; // a database lists what it has
    model->listed_schema_count = model->schema_count;
}

int draft_describe_schemas(struct draft *draft, const char *sql, struct err *err)
{
    const size_t count = draft->scope->schema_count;
    draft->model->schemas = ARENA_ARRAY(draft->model->arena, const char *, count + 1);
    if (count == 0)
        draft->model->own_schema = draft_copy(draft, draft->driver->schema);
    return count == 0 ? 0 : draft_query(draft, sql, take_schema, err);
}

const char *draft_shown_schema(const struct draft *draft, const char *schema)
{
    return draft->scope->schema_count > 0 ? schema : NULL;
}

// Moves the items of a vector into the arena.
static void *settle(struct arena *arena, const void *items, size_t count, size_t size)
{
    void *out = arena_alloc(arena, (count + 1) * size);
    if (count > 0)
        memcpy(out, items, count * size);
    return out;
}
#define SETTLE(draft, vec) \
    settle((draft)->model->arena, (vec)->items, (vec)->len, sizeof *(vec)->items)

static bool is_ours(const char *name)
{
    return strncmp(name, "_berth_", strlen("_berth_")) == 0;
}

void draft_add_table(struct draft *draft, const char *key, const char *schema, const char *name)
{
    if (is_ours(name) || table_name_is_external(draft->model->dialect, name))
        return;
    const size_t position = draft->new_tables.len;
    vec_push(&draft->keys, draft_copy(draft, key));
    const char *copy = draft_copy(draft, schema);
    vec_push(&draft->new_tables, (struct table){.schema = copy,
                                                .space = dialect_space(draft->model->dialect, copy),
                                                .name = draft_copy(draft, name),
                                                .position = position});
}

void draft_close_tables(struct draft *draft)
{
    struct model *model = draft->model;
    model->tables = SETTLE(draft, &draft->new_tables);
    model->table_count = draft->new_tables.len;
    for (size_t i = 0; i < model->table_count; i++)
        map_put(draft->tables, draft->keys.items[i], &model->tables[i]);
}

static void settle_values(struct draft *draft)
{
    if (draft->new_enumerations.len == 0)
        return;
    struct enumeration *last = &draft->new_enumerations.items[draft->new_enumerations.len - 1];
    last->values = SETTLE(draft, &draft->values);
    last->value_count = draft->values.len;
    draft->values.len = 0;
}

void draft_add_enum_value(struct draft *draft, const char *key, const char *schema,
                          const char *name, const char *value)
{
    if (!draft->last || strcmp(draft->last, key) != 0) {
        settle_values(draft);
        const size_t position = draft->new_enumerations.len;
        draft->last = draft_copy(draft, key);
        vec_push(&draft->keys, draft->last);
        const char *copy = draft_copy(draft, schema);
        vec_push(&draft->new_enumerations,
                 (struct enumeration){.schema = copy,
                                      .space = dialect_space(draft->model->dialect, copy),
                                      .name = draft_copy(draft, name),
                                      .position = position});
    }
    vec_push(&draft->values, draft_copy(draft, value));
}

void draft_close_enumerations(struct draft *draft)
{
    struct model *model = draft->model;
    settle_values(draft);
    model->enumerations = SETTLE(draft, &draft->new_enumerations);
    model->enumeration_count = draft->new_enumerations.len;
    for (size_t i = 0; i < model->enumeration_count; i++)
        map_put(draft->enumerations, draft->keys.items[i], &model->enumerations[i]);
    draft->keys.len = 0;
    draft->last = NULL;
}

static void settle_parts(struct draft *draft)
{
    if (draft->indexes.len == 0)
        return;
    struct index *last = &draft->indexes.items[draft->indexes.len - 1];
    if (draft->is_unusable) {
        draft->indexes.len--;
    } else {
        last->parts = SETTLE(draft, &draft->parts);
        last->part_count = draft->parts.len;
    }
    draft->is_unusable = false;
    draft->parts.len = 0;
}

static void settle_links(struct draft *draft)
{
    if (draft->foreign_keys.len == 0)
        return;
    struct arena *arena = draft->model->arena;
    struct foreign_key *last = &draft->foreign_keys.items[draft->foreign_keys.len - 1];
    if (draft->is_unusable) {
        draft->foreign_keys.len--;
    } else {
        last->column_count = draft->links.len;
        last->columns = ARENA_ARRAY(arena, const struct column *, draft->links.len + 1);
        last->target_columns = ARENA_ARRAY(arena, const struct column *, draft->links.len + 1);
        for (size_t i = 0; i < draft->links.len; i++) {
            last->columns[i] = draft->links.items[i].from;
            last->target_columns[i] = draft->links.items[i].to;
        }
    }
    draft->is_unusable = false;
    draft->links.len = 0;
}

// The primary key has a place of its own.
static void settle_indexes(struct draft *draft)
{
    struct table *table = draft->open;
    settle_parts(draft);
    for (size_t i = 0; i < draft->indexes.len;) {
        if (draft->indexes.items[i].kind != DM_INDEX_PRIMARY) {
            draft->indexes.items[i].position = i;
            i++;
            continue;
        }
        table->primary_key = ARENA_NEW(draft->model->arena, struct index);
        *table->primary_key = draft->indexes.items[i];
        memmove(&draft->indexes.items[i], &draft->indexes.items[i + 1],
                (draft->indexes.len - i - 1) * sizeof *draft->indexes.items);
        draft->indexes.len--;
    }
    if (draft->indexes.len > 0) {
        table->indexes = SETTLE(draft, &draft->indexes);
        table->index_count = draft->indexes.len;
    }
    draft->indexes.len = 0;
}

static void settle_table(struct draft *draft)
{
    struct table *table = draft->open;
    if (draft->columns.len > 0) {
        table->columns = SETTLE(draft, &draft->columns);
        table->column_count = draft->columns.len;
        draft->columns.len = 0;
    }
    settle_indexes(draft);
    settle_links(draft);
    if (draft->foreign_keys.len > 0) {
        table->foreign_keys = SETTLE(draft, &draft->foreign_keys);
        table->foreign_key_count = draft->foreign_keys.len;
        draft->foreign_keys.len = 0;
    }
    draft->last = NULL;
}

struct table *draft_enter(struct draft *draft, const char *key)
{
    struct table *table = key ? map_get(draft->tables, key) : NULL;
    if (table == draft->open)
        return table;
    if (draft->open)
        settle_table(draft);
    draft->open = table;
    return table;
}

void draft_add_column(struct draft *draft, struct column column)
{
    column.is_described = true;
    column.position = draft->columns.len;
    vec_push(&draft->columns, column);
}

bool draft_is_next(struct draft *draft, const char *key)
{
    if (draft->last && strcmp(draft->last, key) == 0)
        return false;
    draft->last = draft_copy(draft, key);
    return true;
}

void draft_add_index(struct draft *draft, struct index index)
{
    settle_parts(draft);
    index.comparable = predicate_comparable(draft->model, index.where);
    vec_push(&draft->indexes, index);
}

void draft_add_part(struct draft *draft, struct index_part part)
{
    draft->is_unusable = draft->is_unusable || !part.column;
    vec_push(&draft->parts, part);
}

void draft_add_foreign_key(struct draft *draft, struct foreign_key key)
{
    settle_links(draft);
    key.position = draft->foreign_keys.len;
    vec_push(&draft->foreign_keys, key);
}

void draft_add_link(struct draft *draft, const struct column *from, const struct column *to)
{
    draft->is_unusable = draft->is_unusable || !from || !to;
    vec_push(&draft->links, (struct column_link){from, to});
}

struct foreign_key_row {
    const char *table, *name, *column, *target, *target_column, *on_delete, *on_update;
};

void draft_take_foreign_key(void *context, const char *const *values)
{
    struct draft *draft = context;
    const struct foreign_key_row row = {values[0], values[1], values[2], values[3],
                                        values[4], values[5], values[6]};
    const struct table *target = map_get(draft->tables, row.target);
    const struct table *table = draft_enter(draft, row.table);
    if (!table || !target)
        return;
    if (draft_is_next(draft, row.name))
        draft_add_foreign_key(draft, (struct foreign_key){
                                         .name = draft_copy(draft, row.name),
                                         .target = target,
                                         .on_delete = action_of_words(row.on_delete),
                                         .on_update = action_of_words(row.on_update),
                                     });
    draft_add_link(draft, table_column(table, row.column), table_column(target, row.target_column));
}

enum dm_action action_of_words(const char *words)
{
    static const struct {
        const char *words;
        enum dm_action action;
    } actions[] = {{"CASCADE", DM_CASCADE},
                   {"RESTRICT", DM_RESTRICT},
                   {"SET NULL", DM_SET_NULL},
                   {"SET DEFAULT", DM_SET_DEFAULT}};
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (strcasecmp(actions[i].words, words) == 0)
            return actions[i].action;
    }
    return DM_NO_ACTION;
}
