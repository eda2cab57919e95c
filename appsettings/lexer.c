#include "appsettings/lexer.h"

#include <stdarg.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

enum { MOST_ERRORS = 100 };

void lexer_start(struct lexer *lexer, const struct source *source, struct arena *arena,
                 struct diag_list *diags)
{
    *lexer = (struct lexer){
        .source = source, .arena = arena, .diags = diags, .scratch = {.data = strbuf_empty}};
    if (source->length >= 3 && memcmp(source->text, "\xEF\xBB\xBF", 3) == 0)
        lexer->at = 3;
}

void lexer_release(struct lexer *lexer)
{
    strbuf_release(&lexer->scratch);
}

bool lexer_error(struct lexer *lexer, size_t start, size_t end, const char *format, ...)
{
    if (!lexer->diags || lexer->error_count > MOST_ERRORS)
        return false;
    const struct span span = {lexer->source, start, end};
    if (lexer->error_count++ == MOST_ERRORS) {
        diag_error(lexer->diags, span, "more than %d mistakes; the rest is not shown", MOST_ERRORS);
        return false;
    }
    va_list args;
    va_start(args, format);
    AUTOFREE char *message = mem_vprintf(format, args);
    va_end(args);
    diag_error(lexer->diags, span, "%s", message);
    return true;
}

bool source_check_encoding(const struct source *source, struct diag_list *diags)
{
    const char *text = source->text;
    const size_t length = source->length;
    if (length >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0 ||
                        (text[0] == '\0') != (text[1] == '\0'))) {
        diag_error(diags, (struct span){source, 0, 1}, "the file is UTF-16");
        diag_hint(diags, "save it as UTF-8");
        return false;
    }
    int reported = 0;
    for (size_t i = 0; i < length && reported < MOST_ERRORS;) {
        size_t size = utf8_sequence(text + i, length - i);
        if (size > 0 && text[i] != '\0') {
            i += size;
            continue;
        }
        const bool is_nul = text[i] == '\0';
        const size_t start = i;
        while (i < length && (is_nul ? text[i] == '\0' : utf8_sequence(text + i, length - i) == 0))
            i++;
        diag_error(diags, (struct span){source, start, i},
                   is_nul ? "a NUL byte" : "not valid UTF-8");
        reported++;
    }
    return true;
}

static bool starts_with(const struct lexer *lexer, const char *pair)
{
    return lexer->at + 1 < lexer->source->length &&
           memcmp(lexer->source->text + lexer->at, pair, 2) == 0;
}

static void skip_block_comment(struct lexer *lexer)
{
    const size_t start = lexer->at;
    for (lexer->at += 2; lexer->at < lexer->source->length; lexer->at++) {
        if (starts_with(lexer, "*/")) {
            lexer->at += 2;
            return;
        }
    }
    lexer_error(lexer, start, start + 2, "the comment is not closed");
}

// NUL bytes count as blank: source_check_encoding has reported them.
static void skip_blank(struct lexer *lexer)
{
    const struct source *source = lexer->source;
    while (lexer->at < source->length) {
        if (memchr(" \t\r\n", source->text[lexer->at], 5)) {
            lexer->at++;
        } else if (starts_with(lexer, "//")) {
            while (lexer->at < source->length && source->text[lexer->at] != '\n')
                lexer->at++;
        } else if (starts_with(lexer, "/*")) {
            skip_block_comment(lexer);
        } else {
            return;
        }
    }
}

// Four hexadecimal digits at `at`, or -1.
static int32_t hex4(const struct source *source, size_t at)
{
    int32_t value = 0;
    if (at + 4 > source->length)
        return -1;
    for (size_t i = at; i < at + 4; i++) {
        const char c = source->text[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static bool escape_error(struct lexer *lexer, size_t start, const char *message)
{
    lexer_error(lexer, start, lexer->at, "%s", message);
    return false;
}

// escape = "\u" 4HEX [ "\u" 4HEX ]; the cursor is behind the first "\u"
static bool lex_unicode_escape(struct lexer *lexer)
{
    const size_t start = lexer->at - 2;
    int32_t value = hex4(lexer->source, lexer->at);
    if (value < 0)
        return escape_error(lexer, start, "\\u takes four hexadecimal digits");
    lexer->at += 4;
    if (value >= 0xD800 && value <= 0xDBFF && starts_with(lexer, "\\u")) {
        int32_t low = hex4(lexer->source, lexer->at + 2);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            lexer->at += 6;
            value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    if (value >= 0xD800 && value <= 0xDFFF)
        return escape_error(lexer, start, "half of a surrogate pair");
    if (value == 0)
        return escape_error(lexer, start, "a setting cannot hold a NUL character");
    utf8_add(&lexer->scratch, (uint32_t)value);
    return true;
}

// escape = "\" ( ["] | "\" | "/" | "b" | "f" | "n" | "r" | "t" | unicode ); the cursor is on "\"
static bool lex_escape(struct lexer *lexer)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const struct source *source = lexer->source;
    const size_t start = lexer->at++;
    if (lexer->at == source->length || source->text[lexer->at] == '\n')
        return true; // the string is not closed, which is the mistake to name
    const char c = source->text[lexer->at++];
    if (c == 'u')
        return lex_unicode_escape(lexer);
    const char *letter = c ? strchr(letters, c) : NULL;
    if (letter) {
        strbuf_addch(&lexer->scratch, meanings[letter - letters]);
        return true;
    }
    lexer->at--;
    if (lexer_error(lexer, start, start + 2, "unknown escape sequence"))
        diag_hint(lexer->diags, "a backslash itself is written \\\\");
    return false;
}

// Takes the character at the cursor; a byte of none counts as U+FFFD (source_check_encoding has
// reported it).
static void take_character(struct lexer *lexer)
{
    const char *text = lexer->source->text + lexer->at;
    size_t size = utf8_sequence(text, lexer->source->length - lexer->at);
    if (size > 0 && *text != '\0')
        strbuf_add(&lexer->scratch, text, size);
    else
        utf8_add(&lexer->scratch, 0xFFFD);
    lexer->at += size > 0 ? size : 1;
}

// string = '"' { character | escape } '"', on one line
static void lex_string(struct lexer *lexer, struct token *token)
{
    const struct source *source = lexer->source;
    const char quote = source->text[lexer->at];
    token->type = TOKEN_STRING;
    strbuf_clear(&lexer->scratch);
    lexer->at++;
    while (lexer->at < source->length && source->text[lexer->at] != quote &&
           source->text[lexer->at] != '\n') {
        const char c = source->text[lexer->at];
        if (c == '\\') {
            token->is_broken |= !lex_escape(lexer);
            continue;
        }
        const bool ends_line = c == '\r' && starts_with(lexer, "\r\n");
        if (c > 0 && c < 0x20 && !ends_line) {
            lexer_error(lexer, lexer->at, lexer->at + 1, "a control character inside of a string");
            token->is_broken = true;
        }
        take_character(lexer);
    }
    if (lexer->at < source->length && source->text[lexer->at] == quote) {
        lexer->at++;
    } else {
        lexer_error(lexer, token->start, lexer->at, "the string is not closed");
        token->is_broken = true;
    }
    if (quote == '\'' && !token->is_broken) {
        lexer_error(lexer, token->start, lexer->at, "strings take double quotes");
        token->is_broken = true;
    }
    token->text = arena_strndup(lexer->arena, lexer->scratch.data, lexer->scratch.len);
}

static void lex_word(struct lexer *lexer, struct token *token)
{
    const struct source *source = lexer->source;
    static const char ends[] = " \t\r\n{}[]:,\"'"; // and NUL
    token->type = TOKEN_WORD;
    strbuf_clear(&lexer->scratch);
    do
        take_character(lexer);
    while (lexer->at < source->length && !memchr(ends, source->text[lexer->at], sizeof ends) &&
           !starts_with(lexer, "//") && !starts_with(lexer, "/*"));
    token->text = arena_strndup(lexer->arena, lexer->scratch.data, lexer->scratch.len);
}

void lexer_next(struct lexer *lexer, struct token *token)
{
    static const char marks[] = "{}[]:,";
    const struct source *source = lexer->source;
    skip_blank(lexer);
    *token = (struct token){.start = lexer->at};
    if (lexer->at < source->length) {
        const char c = source->text[lexer->at];
        const char *mark = strchr(marks, c);
        if (mark) {
            token->type = (enum token_type)(TOKEN_OPEN_BRACE + (mark - marks));
            lexer->at++;
        } else if (c == '"' || c == '\'') {
            lex_string(lexer, token);
        } else {
            lex_word(lexer, token);
        }
    }
    token->end = lexer->at;
}
