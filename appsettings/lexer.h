#pragma once
// The words of JSON with comments (RFC 8259, plus // and /* */). Reports what is wrong inside a
// word and goes on behind it; every byte is looked at once.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"

enum token_type {
    TOKEN_END,
    TOKEN_OPEN_BRACE,
    TOKEN_CLOSE_BRACE,
    TOKEN_OPEN_BRACKET,
    TOKEN_CLOSE_BRACKET,
    TOKEN_COLON,
    TOKEN_COMMA,
    TOKEN_STRING,
    TOKEN_WORD, // a number, true, false, null; or what nobody understands
};

struct token {
    enum token_type type;
    size_t start, end;
    const char *text; // STRING: decoded; WORD: as written; else NULL
    bool is_broken;   // an error was reported for it
};

struct lexer {
    const struct source *source;
    struct arena *arena;     // texts of tokens
    struct diag_list *diags; // NULL: mistakes are passed over in silence
    size_t at, error_count;
    struct strbuf scratch;
};

// Skips a byte order mark. Whoever starts a lexer releases it.
void lexer_start(struct lexer *lexer, const struct source *source, struct arena *arena,
                 struct diag_list *diags);
void lexer_release(struct lexer *lexer);
void lexer_next(struct lexer *lexer, struct token *token);

// Reports a mistake at bytes [start, end). Returns false when it was not added: a file with a
// hundred mistakes has been given up on, which has been said.
bool lexer_error(struct lexer *lexer, size_t start, size_t end, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// Reports malformed UTF-8 and NULs. False when the text is none at all but UTF-16.
bool source_check_encoding(const struct source *source, struct diag_list *diags);
