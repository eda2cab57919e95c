#include "migrator/script/script.h"

#include <string.h>

#include "migrator/script/statement.h"
#include "migrator/text_file.h"

static const char byte_order_mark[] = "\xEF\xBB\xBF";

static enum statement_kind statement_kind(const struct sql_lexer *lexer, size_t start, size_t end)
{
    switch (lexer->dialect) {
    case SQL_POSTGRES: return postgres_statement_kind(lexer, start, end);
    case SQL_SQLITE: return sqlite_statement_kind(lexer, start, end);
    case SQL_MYSQL: return mysql_statement_kind(lexer, start, end);
    case SQL_SQLSERVER: return sqlserver_statement_kind(lexer, start, end);
    }
    return STATEMENT_PLAIN;
}

void script_parse(const struct source *source, const struct script_options *options,
                  struct script *out)
{
    *out = (struct script){.file = *source,
                           .source = *source,
                           .dialect = options->dialect,
                           .backslash_escapes = options->backslash_escapes};
    const size_t mark = sizeof byte_order_mark - 1;
    if (source->length >= mark && memcmp(source->text, byte_order_mark, mark) == 0) {
        out->source.text += mark;
        out->source.length -= mark;
    }
    const struct sql_lexer lexer = {.text = out->source.text,
                                    .length = out->source.length,
                                    .dialect = options->dialect,
                                    .backslash_escapes = options->backslash_escapes};
    struct sql_splitter splitter = {.lexer = lexer};
    struct sql_statement statement;
    while (sql_splitter_next(&splitter, &statement)) {
        const enum statement_kind kind = statement_kind(&lexer, statement.start, statement.end);
        vec_push(&out->statements,
                 (struct script_statement){statement.start, statement.end, kind, statement.repeat});
    }
    out->unterminated = splitter.unterminated;
}

int script_read(const char *path, const char *shown_path, const struct script_options *options,
                struct script *out, struct err *err)
{
    struct source source;
    if (text_file_read(path, shown_path, &source, err))
        return -1;
    script_parse(&source, options, out);
    out->owned = true;
    return 0;
}

void script_release(struct script *script)
{
    if (script->owned)
        text_file_release(&script->file);
    vec_release(&script->statements);
    *script = (struct script){0};
}

bool script_has(const struct script *script, enum statement_kind kind)
{
    vec_each (statement, &script->statements)
        if (statement->kind == kind)
            return true;
    return false;
}

bool script_is_transactional(const struct script *script)
{
    static const enum statement_kind against[] = {STATEMENT_BEGIN,    STATEMENT_COMMIT,
                                                  STATEMENT_ROLLBACK, STATEMENT_TRANSACTION,
                                                  STATEMENT_ALONE,    STATEMENT_IDENTITY};
    for (size_t i = 0; i < sizeof against / sizeof *against; i++)
        if (script_has(script, against[i]))
            return false;
    return !script->unterminated;
}

// Whether a transaction of the file's own is open behind a statement of this kind.
static bool is_open_behind(enum statement_kind kind, bool is_open)
{
    if (kind == STATEMENT_COMMIT || kind == STATEMENT_ROLLBACK)
        return false;
    return is_open || kind == STATEMENT_BEGIN;
}

static bool runs_alone(enum statement_kind kind, enum script_cut cut)
{
    return cut == SCRIPT_CUT_ALL || kind == STATEMENT_ALONE ||
           (kind == STATEMENT_ENUM_VALUE && cut == SCRIPT_CUT_ENUM_VALUES);
}

void script_cut(const struct script *script, enum script_cut cut, script_groups *out)
{
    const size_t count = script->statements.len;
    bool in_transaction = false;
    size_t first = 0;
    for (size_t i = 0; i < count; i++) {
        const enum statement_kind kind = script->statements.items[i].kind;
        in_transaction = is_open_behind(kind, in_transaction);
        if (script->dialect != SQL_SQLSERVER && (in_transaction || !runs_alone(kind, cut)))
            continue;
        if (first < i)
            vec_push(out, (struct script_group){first, i});
        vec_push(out, (struct script_group){i, i + 1});
        first = i + 1;
    }
    if (first < count)
        vec_push(out, (struct script_group){first, count});
}

static size_t committed_batches(const struct script *script, size_t completed)
{
    size_t committed = 0;
    bool in_transaction = false;
    for (size_t i = 0; i < completed && i < script->statements.len; i++) {
        in_transaction = is_open_behind(script->statements.items[i].kind, in_transaction);
        if (!in_transaction)
            committed = i + 1;
    }
    return committed;
}

size_t script_committed(const struct script *script, size_t first, size_t completed)
{
    if (script->dialect == SQL_SQLSERVER)
        return committed_batches(script, first + completed);
    size_t committed = first;
    for (size_t i = first; i < first + completed && i < script->statements.len; i++)
        if (script->statements.items[i].kind == STATEMENT_COMMIT)
            committed = i + 1;
    return committed;
}

size_t script_statement_at(const struct script *script, size_t offset)
{
    size_t found = 0;
    for (size_t i = 0; i < script->statements.len; i++)
        if (script->statements.items[i].start <= offset)
            found = i;
    return found;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r';
}

size_t script_line_offset(const struct script *script, size_t index, size_t line)
{
    const struct script_statement *statement = &script->statements.items[index];
    const char *text = script->source.text;
    size_t begin = statement->start;
    for (const char *end; line > 1; line--) {
        end = memchr(text + begin, '\n', statement->end - begin);
        if (!end)
            break;
        begin = (size_t)(end - text) + 1;
    }
    size_t at = begin;
    while (at < statement->end && is_blank(text[at]))
        at++;
    return at < statement->end && text[at] != '\n' ? at : begin;
}
