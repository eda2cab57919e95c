#include <string.h>

#include "migrator/driver/driver.h"
#include "migrator/script/words.h"
#include "migrator/target.h"

typedef VEC_OF(char *) name_list;

static void add_name(name_list *names, char *name)
{
    vec_each (known, names)
        if (strcmp(*known, name) == 0) {
            free(name);
            return;
        }
    vec_push(names, name);
}

// CREATE SCHEMA [ IF NOT EXISTS ] name … behind its keywords; NULL: no name.
static char *name_behind(struct sql_lexer lexer)
{
    struct sql_token token = sql_lexer_next(&lexer);
    if (sql_token_is(lexer.text, token, "IF"))
        for (int i = 0; i < 3; i++)
            token = sql_lexer_next(&lexer);
    if (sql_token_is(lexer.text, token, "AUTHORIZATION") ||
        (token.kind != SQL_WORD && token.kind != SQL_IDENTIFIER))
        return NULL;
    const bool is_quoted = token.kind == SQL_IDENTIFIER;
    return mem_strndup(lexer.text + token.start + is_quoted,
                       token.end - token.start - 2 * (size_t)is_quoted);
}

static void find_in(const struct driver *driver, struct sql_lexer lexer, name_list *names)
{
    struct sql_token previous = {0};
    for (;;) {
        const struct sql_token token = sql_lexer_next(&lexer);
        if (token.kind == SQL_END)
            return;
        // SQL Server has it alone in its batch, so that others execute it as text.
        if (token.kind == SQL_STRING && lexer.dialect == SQL_SQLSERVER) {
            const size_t quote = lexer.text[token.start] == '\'' ? 1 : 2;
            find_in(driver,
                    (struct sql_lexer){.text = lexer.text,
                                       .position = token.start + quote,
                                       .length = token.end - 1,
                                       .dialect = lexer.dialect},
                    names);
        }
        char *name = sql_token_is(lexer.text, previous, "CREATE") &&
                             sql_token_is(lexer.text, token, "SCHEMA")
                         ? name_behind(lexer)
                         : NULL;
        if (name && strcmp(name, driver->schema) != 0)
            add_name(names, name);
        else
            free(name);
        previous = token;
    }
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
        find_in(driver,
                (struct sql_lexer){.text = script.source.text,
                                   .length = script.source.length,
                                   .dialect = script.dialect},
                names);
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
