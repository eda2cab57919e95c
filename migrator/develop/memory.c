#include "migrator/develop/memory.h"

#include <string.h>

#include "base/file.h"
#include "migrator/develop/scratch.h"
#include "migrator/diff/steps.h"
#include "migrator/sql/render.h"

static void put_text(struct strbuf *out, const char *text)
{
    strbuf_addf(out, "%zu:%s,", text ? strlen(text) : 0, text ? text : "");
}

// What a description of a database knows, and the statements that make it do not say.
static void put_unsaid(struct strbuf *out, const struct table *table)
{
    put_text(out, table->schema);
    put_text(out, table->name);
    for (size_t i = 0; i < table->column_count; i++)
        put_text(out, table->columns[i].value.expression);
    for (size_t i = 0; i < table->index_count; i++) {
        put_text(out, table->indexes[i].where);
        strbuf_addch(out, table->indexes[i].is_constraint ? 'c' : 'i');
    }
}

// Of the statements that make such a database from nothing.
static void shape_hash(const struct model *actual, char out[SHA256_HEX_SIZE])
{
    AUTO_STRBUF text = STRBUF_INIT;
    struct model *nothing = model_new(actual->dialect->provider);
    struct steps steps = {0};
    model_diff(nothing, actual, &steps);
    steps_render(&steps, &text);
    steps_release(&steps);
    model_free(nothing);
    for (size_t i = 0; i < actual->table_count; i++)
        put_unsaid(&text, &actual->tables[i]);
    sha256_hex(text.data, text.len, out);
}

// Of the history, and of what was looked at: another scope sees another shape.
static int cause_hash(const struct history *history, const struct introspect_scope *scope,
                      char out[SHA256_HEX_SIZE], struct err *err)
{
    AUTO_STRBUF text = STRBUF_INIT;
    char hash[SHA256_HEX_SIZE];
    if (scratch_history_hash(history, hash, err))
        return -1;
    strbuf_addf(&text, "%s %d %d", hash, scope->extensions, scope->partial_indexes);
    for (size_t i = 0; i < scope->schema_count; i++)
        put_text(&text, scope->schemas[i]);
    sha256_hex(text.data, text.len, out);
    return 0;
}

static int fact(const struct history *history, const struct introspect_scope *scope,
                const struct model *actual, struct strbuf *out, struct err *err)
{
    char cause[SHA256_HEX_SIZE], shape[SHA256_HEX_SIZE];
    if (cause_hash(history, scope, cause, err))
        return -1;
    shape_hash(actual, shape);
    strbuf_addf(out, "%s %s\n", cause, shape);
    return 0;
}

enum memory memory_of(const char *path, const struct history *history,
                      const struct introspect_scope *scope, const struct model *actual)
{
    AUTO_STRBUF known = STRBUF_INIT, seen = STRBUF_INIT;
    struct err ignored;
    if (!path || !file_exists(path) || file_read(path, &known, &ignored) ||
        fact(history, scope, actual, &seen, &ignored) || known.len != seen.len ||
        strncmp(known.data, seen.data, SHA256_HEX_SIZE) != 0)
        return MEMORY_NONE;
    return strcmp(known.data, seen.data) == 0 ? MEMORY_SAME : MEMORY_OTHER_SHAPE;
}

int memory_keep(const char *path, const struct history *history,
                const struct introspect_scope *scope, const struct model *actual, struct err *err)
{
    AUTO_STRBUF line = STRBUF_INIT;
    if (fact(history, scope, actual, &line, err))
        return -1;
    return file_write_atomic(path, line.data, line.len, 0600, err);
}
