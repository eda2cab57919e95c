#pragma once
// The leading tokens of a statement, for telling kinds apart.

#include "migrator/script/lexer.h"

enum { WORDS_MAX = 6 };

struct words {
    struct sql_lexer lexer; // bounded to the statement, at its start
    struct sql_token tokens[WORDS_MAX];
    size_t count;
};

static inline struct words words_read(const struct sql_lexer *lexer, size_t start, size_t end)
{
    struct words words = {.lexer = *lexer};
    words.lexer.position = start;
    words.lexer.length = end;
    struct sql_lexer reader = words.lexer;
    while (words.count < WORDS_MAX) {
        const struct sql_token token = sql_lexer_next(&reader);
        if (token.kind == SQL_END)
            break;
        words.tokens[words.count++] = token;
    }
    return words;
}

static inline bool words_is(const struct words *words, size_t index, const char *keyword)
{
    return index < words->count && sql_token_is(words->lexer.text, words->tokens[index], keyword);
}

// Do the two words follow each other anywhere in the statement? second == NULL: the first alone.
static inline bool words_have(const struct words *words, const char *first, const char *second)
{
    struct sql_lexer reader = words->lexer;
    struct sql_token previous = {0};
    for (;;) {
        const struct sql_token token = sql_lexer_next(&reader);
        if (token.kind == SQL_END)
            return false;
        if (second ? sql_token_is(reader.text, previous, first) &&
                         sql_token_is(reader.text, token, second)
                   : sql_token_is(reader.text, token, first))
            return true;
        previous = token;
    }
}
