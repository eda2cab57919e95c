#include "appsettings/secrets.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "appsettings/lexer.h"
#include "base/utf8.h"

// What no URL holds.
#define BLANKS " \t\r\n\"'"

bool secret_section(const char *name)
{
    return strcasecmp(name, "Parameters") == 0 || strcasecmp(name, "ConnectionStrings") == 0;
}

bool secret_name(const char *name)
{
    static const char *const parts[] = {"password",   "passwd",          "pwd",    "passphrase",
                                        "secret",     "token",           "apikey", "private",
                                        "credential", "connectionstring"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcasestr(name, parts[i]))
            return true;
    const size_t length = strlen(name);
    return length > 4 && strcasecmp(name + length - 4, "_key") == 0;
}

// The "u:p@" of a URL whose rest begins at `text`: sets where the password is. The last @ ends it,
// as passwords are not always encoded.
static bool find_url_password(const char *text, const char **start, const char **end)
{
    const size_t length = strcspn(text, BLANKS);
    const char *at = memrchr(text, '@', length);
    const char *colon = at ? memchr(text, ':', (size_t)(at - text)) : NULL;
    if (!colon || colon + 1 == at)
        return false;
    *start = colon + 1;
    *end = at;
    return true;
}

// The value of "Password=…;", "Pwd=…;", "?password=…&" at `text`.
static bool find_named_password(const char *text, const char **start, const char **end)
{
    const size_t name = strncasecmp(text, "password=", 9) == 0 ? 9
                        : strncasecmp(text, "pwd=", 4) == 0    ? 4
                                                               : 0;
    if (name == 0)
        return false;
    *start = text + name;
    // A quoted value may hold what else would end it.
    const bool is_quoted = **start == '"' || **start == '\'';
    const char quote[] = {**start, '\0'};
    *end = *start + (is_quoted ? 1 + strcspn(*start + 1, quote) : strcspn(*start, ";&"));
    return *end > *start;
}

bool secret_mask(const char *value, struct strbuf *out)
{
    bool found = false;
    const char *searched = value; // no URL up to here has a password
    while (*value) {
        const char *start = NULL, *end = NULL;
        if (value >= searched && strncmp(value, "://", 3) == 0 &&
            !find_url_password(value + 3, &start, &end))
            searched = value + 3 + strcspn(value + 3, BLANKS);
        if (start || find_named_password(value, &start, &end)) {
            strbuf_add(out, value, (size_t)(start - value));
            strbuf_adds(out, "****");
            value = end;
            found = true;
        } else {
            strbuf_addch(out, *value++);
        }
    }
    return found;
}

void secret_blot(struct span span)
{
    // One character stands for each, of the same length in bytes.
    static const char *const blots[] = {"", "*", "\xC2\xB7", "\xE2\x80\xA2", "\xF0\x9F\x94\x92"};
    char *text = (char *)span.source->text;
    for (size_t i = span.start; i < span.end;) {
        size_t size = utf8_sequence(text + i, span.end - i);
        if (size == 0 || text[i] == '\n' || text[i] == '\r') {
            text[i] = size == 0 ? '*' : text[i];
            i++;
            continue;
        }
        memcpy(text + i, blots[size], size);
        i += size;
    }
}

struct blotter {
    const struct source *source;
    const char *name;     // of the value that follows
    struct token value;   // the string or word just read; a name if a colon follows
    size_t depth;         // of objects; a bracket too many changes nothing
    bool in_section;      // of secrets
    struct strbuf masked; // scratch
};

static void judge_value(struct blotter *blotter)
{
    struct token *value = &blotter->value;
    if (value->type == TOKEN_END)
        return;
    strbuf_clear(&blotter->masked);
    if (blotter->in_section || (blotter->name && secret_name(blotter->name)) ||
        secret_mask(value->text, &blotter->masked)) {
        const size_t quote = value->type == TOKEN_STRING;
        const bool is_closed =
            quote && value->end - value->start > 1 &&
            blotter->source->text[value->end - 1] == blotter->source->text[value->start];
        secret_blot((struct span){blotter->source, value->start + quote, value->end - is_closed});
    }
    value->type = TOKEN_END;
}

static void blot_token(struct blotter *blotter, const struct token *token)
{
    if (token->type == TOKEN_COLON && blotter->value.type != TOKEN_END) {
        blotter->name = blotter->value.text;
        blotter->value.type = TOKEN_END;
        return;
    }
    judge_value(blotter);
    switch (token->type) {
    case TOKEN_STRING:
    case TOKEN_WORD: blotter->value = *token; break;
    case TOKEN_OPEN_BRACE:
        if (blotter->depth++ == 1 && blotter->name)
            blotter->in_section = secret_section(blotter->name);
        break;
    case TOKEN_CLOSE_BRACE:
        if (blotter->depth > 0 && --blotter->depth <= 1)
            blotter->in_section = false;
        break;
    default: break;
    }
}

void secret_blot_json(const struct source *source)
{
    struct arena *scratch = arena_new();
    struct blotter blotter = {.source = source, .masked = {.data = strbuf_empty}};
    struct lexer lexer;
    struct token token;
    lexer_start(&lexer, source, scratch, NULL);
    do {
        lexer_next(&lexer, &token);
        blot_token(&blotter, &token);
    } while (token.type != TOKEN_END);
    lexer_release(&lexer);
    strbuf_release(&blotter.masked);
    arena_free(scratch);
}
