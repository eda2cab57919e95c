#include "migrator/script/sqlserver_batch.h"

#include <stdint.h>
#include <string.h>

enum { REPEAT_MAX = INT32_MAX };

static bool line_ends_within(const struct sql_lexer *lexer, size_t start, size_t end)
{
    return memchr(lexer->text + start, '\n', end - start) != NULL;
}

// Returns false where the token is no count that sqlcmd takes: 0, or more than an int holds.
static bool read_count(const char *text, struct sql_token token, size_t *out)
{
    uint64_t count = 0;
    for (size_t i = token.start; i < token.end; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        count = count * 10 + (uint64_t)(text[i] - '0');
        if (count > REPEAT_MAX)
            return false;
    }
    *out = (size_t)count;
    return count > 0;
}

// The rest of a separator's line, from behind the word that began it: a count, if any. Returns
// false, nothing read, where there is more.
static bool read_rest_of_line(struct sql_lexer *lexer, size_t *repeat)
{
    struct sql_lexer ahead = *lexer;
    size_t end = lexer->position;
    struct sql_token next = sql_lexer_next(&ahead);
    *repeat = 1;
    if (next.kind == SQL_NUMBER && !line_ends_within(lexer, end, next.start) &&
        read_count(lexer->text, next, repeat)) {
        end = next.end;
        next = sql_lexer_next(&ahead);
    }
    if (next.kind != SQL_END && !line_ends_within(lexer, end, next.start))
        return false;
    lexer->position = end;
    return true;
}

// Reads what follows GO. `before`: the end of the token before it.
static bool is_separator(struct sql_lexer *lexer, struct sql_token token, size_t before,
                         size_t *repeat)
{
    return sql_token_is(lexer->text, token, "GO") &&
           (before == 0 || line_ends_within(lexer, before, token.start)) &&
           read_rest_of_line(lexer, repeat);
}

bool sqlserver_batch_next(struct sql_splitter *splitter, struct sql_statement *out)
{
    struct sql_lexer *lexer = &splitter->lexer;
    struct sql_statement batch = {.repeat = 1};
    size_t before = lexer->position, repeat = 1;
    bool is_filled = false;
    for (;;) {
        const struct sql_token token = sql_lexer_next(lexer);
        if (token.unterminated)
            splitter->unterminated = true;
        if (token.kind == SQL_END)
            break;
        if (is_separator(lexer, token, before, &repeat)) {
            before = lexer->position;
            batch.repeat = repeat;
            if (is_filled)
                break;
            batch = (struct sql_statement){.repeat = 1};
            continue;
        }
        if (batch.end == 0)
            batch.start = token.start;
        batch.end = before = token.end;
        is_filled = is_filled || token.kind != SQL_SEMICOLON;
    }
    *out = batch;
    return is_filled;
}
