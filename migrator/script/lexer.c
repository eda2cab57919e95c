#include "migrator/script/lexer.h"

#include <string.h>
#include <strings.h>

static char at(const struct sql_lexer *lexer, size_t position)
{
    return position < lexer->length ? lexer->text[position] : '\0';
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool starts_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

// SQL Server's variables, temporary tables and parts of names begin with a mark.
static bool is_mark(const struct sql_lexer *lexer, char c)
{
    return lexer->dialect == SQL_SQLSERVER && (c == '@' || c == '#' || c == '$');
}

static bool continues_word(const struct sql_lexer *lexer, char c)
{
    return starts_word(c) || is_digit(c) || c == '$' || is_mark(lexer, c);
}

// MySQL takes "--" for a comment only where a blank follows: 5--1 is 6 there.
static bool at_line_comment(const struct sql_lexer *lexer, size_t position)
{
    if (lexer->dialect == SQL_MYSQL && at(lexer, position) == '#')
        return true;
    return at(lexer, position) == '-' && at(lexer, position + 1) == '-' &&
           (lexer->dialect != SQL_MYSQL || (unsigned char)at(lexer, position + 2) <= ' ');
}

// "/*!" and MariaDB's "/*M!" begin a comment that the server executes.
static bool at_executed_comment(const struct sql_lexer *lexer, size_t position)
{
    const size_t mark = at(lexer, position + 2) == 'M' ? position + 3 : position + 2;
    return lexer->dialect == SQL_MYSQL && at(lexer, position) == '/' &&
           at(lexer, position + 1) == '*' && at(lexer, mark) == '!';
}

static size_t skip_line_comment(const struct sql_lexer *lexer, size_t position)
{
    // Postgres ends one at a carriage return as well.
    while (position < lexer->length && lexer->text[position] != '\n' &&
           !(lexer->text[position] == '\r' && lexer->dialect == SQL_POSTGRES))
        position++;
    return position;
}

// From behind the opening "/*". Postgres and SQL Server nest comments, the others do not, and
// SQLite lets the end of the text end one. Returns false when the text ends first.
static bool skip_block_comment(struct sql_lexer *lexer)
{
    const bool nests = lexer->dialect == SQL_POSTGRES || lexer->dialect == SQL_SQLSERVER;
    size_t depth = 1;
    while (lexer->position < lexer->length) {
        char c = lexer->text[lexer->position++], next = at(lexer, lexer->position);
        if (c == '*' && next == '/') {
            lexer->position++;
            if (--depth == 0)
                return true;
        } else if (c == '/' && next == '*' && nests) {
            lexer->position++;
            depth++;
        }
    }
    return lexer->dialect == SQL_SQLITE;
}

// Skips white space and comments. Returns false when the text ends within a comment, and sets
// *start to where that began.
static bool skip_blank(struct sql_lexer *lexer, size_t *start)
{
    for (;;) {
        char c = at(lexer, lexer->position);
        if (lexer->position < lexer->length && is_space(c)) {
            lexer->position++;
        } else if (at_line_comment(lexer, lexer->position)) {
            lexer->position = skip_line_comment(lexer, lexer->position);
        } else if (at_executed_comment(lexer, lexer->position)) {
            return true;
        } else if (c == '/' && at(lexer, lexer->position + 1) == '*') {
            *start = lexer->position;
            lexer->position += 2;
            if (!skip_block_comment(lexer))
                return false;
        } else {
            return true;
        }
    }
}

// From behind the opening quote; a doubled quote stands for itself. Returns false when the text
// ends first.
static bool skip_quoted(struct sql_lexer *lexer, char quote, bool backslash_escapes)
{
    while (lexer->position < lexer->length) {
        char c = lexer->text[lexer->position++];
        if (c == '\\' && backslash_escapes && lexer->position < lexer->length) {
            lexer->position++;
        } else if (c == quote) {
            if (at(lexer, lexer->position) != quote)
                return true;
            lexer->position++;
        }
    }
    return false;
}

// Postgres joins strings that only white space with a line end (and line comments) parts, and an
// E'' string goes on as one. Moves behind the next quote and returns true if there is one.
static bool continue_string(struct sql_lexer *lexer)
{
    bool line_ended = false;
    size_t position = lexer->position;
    for (;;) {
        char c = at(lexer, position);
        if (c == '\n' || c == '\r') {
            line_ended = true;
            position++;
        } else if (position < lexer->length && is_space(c)) {
            position++;
        } else if (at_line_comment(lexer, position)) {
            position = skip_line_comment(lexer, position);
        } else {
            break;
        }
    }
    if (!line_ended || at(lexer, position) != '\'')
        return false;
    lexer->position = position + 1;
    return true;
}

static struct sql_token finish(const struct sql_lexer *lexer, enum sql_token_kind kind,
                               size_t start, bool terminated)
{
    return (struct sql_token){kind, start, lexer->position, !terminated};
}

// string = "'" … "'", MySQL's also in double quotes; the lexer stands at the first quote
static struct sql_token read_string(struct sql_lexer *lexer, size_t start, bool backslash_escapes)
{
    const char quote = at(lexer, lexer->position++);
    const bool may_continue = backslash_escapes && lexer->dialect == SQL_POSTGRES;
    bool terminated;
    do {
        terminated = skip_quoted(lexer, quote, backslash_escapes);
    } while (terminated && may_continue && continue_string(lexer));
    return finish(lexer, SQL_STRING, start, terminated);
}

// dollar-quoted = "$" [ tag ] "$" … "$" [ tag ] "$". Returns false, nothing read, when the dollar
// opens none.
static bool read_dollar_quoted(struct sql_lexer *lexer, struct sql_token *token)
{
    const size_t start = lexer->position;
    size_t tag_end = start + 1;
    if (starts_word(at(lexer, tag_end)))
        while (continues_word(lexer, at(lexer, tag_end)) && at(lexer, tag_end) != '$')
            tag_end++;
    if (at(lexer, tag_end) != '$')
        return false;
    const size_t tag_length = tag_end + 1 - start;
    const char *body = lexer->text + tag_end + 1;
    const char *close = memmem(body, lexer->length - tag_end - 1, lexer->text + start, tag_length);
    lexer->position = close ? (size_t)(close - lexer->text) + tag_length : lexer->length;
    *token = finish(lexer, SQL_STRING, start, close != NULL);
    return true;
}

// A word, or the string or identifier that it is the prefix of: E'' U&'' U&"" B'' X'' N''
static struct sql_token read_word(struct sql_lexer *lexer)
{
    const size_t start = lexer->position;
    while (continues_word(lexer, at(lexer, lexer->position)))
        lexer->position++;
    const char first = at(lexer, start), next = at(lexer, lexer->position);
    if (lexer->position - start != 1)
        return finish(lexer, SQL_WORD, start, true);
    if (next == '\'' && lexer->dialect == SQL_POSTGRES && strchr("eEbBxXnN", first))
        return read_string(lexer, start,
                           first == 'e' || first == 'E' ||
                               (lexer->backslash_escapes && (first == 'n' || first == 'N')));
    if (next == '\'' && lexer->dialect == SQL_SQLITE && (first == 'x' || first == 'X'))
        return read_string(lexer, start, false);
    if (next == '\'' && lexer->dialect == SQL_SQLSERVER && (first == 'n' || first == 'N'))
        return read_string(lexer, start, false);
    if (next == '&' && lexer->dialect == SQL_POSTGRES && (first == 'u' || first == 'U')) {
        const char quote = at(lexer, lexer->position + 1);
        if (quote == '\'') {
            lexer->position++;
            return read_string(lexer, start, false);
        }
        if (quote == '"') {
            lexer->position += 2;
            const bool terminated = skip_quoted(lexer, '"', false);
            return finish(lexer, SQL_IDENTIFIER, start, terminated);
        }
    }
    return finish(lexer, SQL_WORD, start, true);
}

static struct sql_token read_number(struct sql_lexer *lexer)
{
    const size_t start = lexer->position;
    while (is_digit(at(lexer, lexer->position)) || starts_word(at(lexer, lexer->position)) ||
           at(lexer, lexer->position) == '.')
        lexer->position++;
    return finish(lexer, SQL_NUMBER, start, true);
}

static bool read_quoted_identifier(struct sql_lexer *lexer, char c, struct sql_token *token)
{
    const size_t start = lexer->position;
    const bool is_sqlite = lexer->dialect == SQL_SQLITE;
    const bool is_sqlserver = lexer->dialect == SQL_SQLSERVER;
    const bool has_backticks = is_sqlite || lexer->dialect == SQL_MYSQL;
    if (c == '"' || (c == '`' && has_backticks) || (c == '[' && is_sqlserver)) {
        lexer->position++;
        const bool terminated = skip_quoted(lexer, c == '[' ? ']' : c, false);
        *token = finish(lexer, SQL_IDENTIFIER, start, terminated);
        return true;
    }
    if (c != '[' || !is_sqlite)
        return false;
    const char *close = memchr(lexer->text + start, ']', lexer->length - start);
    lexer->position = close ? (size_t)(close - lexer->text) + 1 : lexer->length;
    *token = finish(lexer, SQL_IDENTIFIER, start, close != NULL);
    return true;
}

static struct sql_token read_executed_comment(struct sql_lexer *lexer)
{
    const size_t start = lexer->position;
    lexer->position += 2;
    const bool terminated = skip_block_comment(lexer);
    return finish(lexer, SQL_SYMBOL, start, terminated);
}

struct sql_token sql_lexer_next(struct sql_lexer *lexer)
{
    size_t comment = 0;
    struct sql_token token;
    if (!skip_blank(lexer, &comment))
        return (struct sql_token){SQL_END, comment, lexer->length, true};
    const size_t start = lexer->position;
    if (start >= lexer->length)
        return (struct sql_token){SQL_END, lexer->length, lexer->length, false};
    const char c = lexer->text[start];
    if (c == '\'' || (c == '"' && lexer->dialect == SQL_MYSQL))
        return read_string(lexer, start, lexer->backslash_escapes);
    if (at_executed_comment(lexer, start))
        return read_executed_comment(lexer);
    if (read_quoted_identifier(lexer, c, &token))
        return token;
    if (c == '$' && lexer->dialect == SQL_POSTGRES && read_dollar_quoted(lexer, &token))
        return token;
    // A mark before a digit is a currency's: $1.50
    if (starts_word(c) || (is_mark(lexer, c) && !is_digit(at(lexer, start + 1))))
        return read_word(lexer);
    if (is_digit(c))
        return read_number(lexer);
    lexer->position++;
    return finish(lexer, c == ';' ? SQL_SEMICOLON : SQL_SYMBOL, start, true);
}

bool sql_token_is(const char *text, struct sql_token token, const char *keyword)
{
    const size_t length = strlen(keyword);
    return token.kind == SQL_WORD && token.end - token.start == length &&
           strncasecmp(text + token.start, keyword, length) == 0;
}

bool sql_token_is_any(const char *text, struct sql_token token, const char *const *keywords)
{
    for (; *keywords; keywords++)
        if (sql_token_is(text, token, *keywords))
            return true;
    return false;
}
