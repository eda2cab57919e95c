#include <string.h>

#include "migrator/driver/driver.h"
#include "migrator/script/words.h"
#include "migrator/target.h"

typedef VEC_OF(char *) name_list;

// CREATE SCHEMA [ IF NOT EXISTS ] name …
static char *created_schema(const struct script *script, const struct script_statement *statement)
{
    const struct sql_lexer lexer = {.text = script->source.text, .dialect = script->dialect};
    const struct words words = words_read(&lexer, statement->start, statement->end);
    if (!words_is(&words, 0, "CREATE") || !words_is(&words, 1, "SCHEMA"))
        return NULL;
    const size_t index = words_is(&words, 2, "IF") ? 5 : 2;
    if (index >= words.count || words_is(&words, index, "AUTHORIZATION"))
        return NULL;
    const struct sql_token token = words.tokens[index];
    const bool is_quoted = token.kind == SQL_IDENTIFIER;
    return mem_strndup(script->source.text + token.start + is_quoted,
                       token.end - token.start - 2 * (size_t)is_quoted);
}

static void add_name(name_list *names, char *name)
{
    vec_each (known, names)
        if (strcmp(*known, name) == 0) {
            free(name);
            return;
        }
    vec_push(names, name);
}

// Other schemas that the history's own files make would stand in the way of making them again.
static void find_schemas(const struct driver *driver, const struct history *history,
                         name_list *names)
{
    vec_each (migration, &history->migrations) {
        struct script script;
        struct err ignored;
        if (script_read(migration->path, migration->path, &driver->script, &script, &ignored))
            continue;
        vec_each (statement, &script.statements) {
            char *name = created_schema(&script, statement);
            if (name && strcmp(name, driver->schema) != 0)
                add_name(names, name);
            else
                free(name);
        }
        script_release(&script);
    }
}

int migrator_drop_all(const struct migrator_target *target, struct err *err)
{
    struct history history = {0};
    name_list schemas = {0};
    struct driver *driver = NULL;
    bool missing = false;
    int failed = target_read_history(target, &history, err);
    if (!failed && driver_open(target, NULL, DRIVER_READ, &driver, &missing, err))
        failed = !missing; // nothing to drop
    driver_close(driver);
    driver = NULL;
    if (!failed && !missing) {
        failed = driver_open(target, NULL, DRIVER_WRITE, &driver, NULL, err) ||
                 driver->ops->lock(driver, target_lock_timeout_ms(target), err);
        if (!failed && driver->schema)
            find_schemas(driver, &history, &schemas);
        failed = failed || driver->ops->drop_all(driver, (const char *const *)schemas.items,
                                                 schemas.len, err);
    }
    driver_close(driver);
    vec_each (name, &schemas)
        free(*name);
    vec_release(&schemas);
    history_release(&history);
    return failed ? -1 : 0;
}
