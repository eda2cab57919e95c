#include "appsettings/dotenv.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "appsettings/lexer.h"
#include "appsettings/secrets.h"
#include "base/map.h"
#include "base/strbuf.h"
#include "base/utf8.h"

struct dotenv_parser {
    const struct source *source;
    size_t at;
    struct arena *arena;
    struct diag_list *diags;
    dotenv_entries *out;
    struct map *places; // name -> its index in out + 1
    struct strbuf value;
};

static char peek(const struct dotenv_parser *parser)
{
    return parser->at < parser->source->length ? parser->source->text[parser->at] : '\n';
}

static struct span span_from(const struct dotenv_parser *parser, size_t start)
{
    return (struct span){parser->source, start, parser->at};
}

static void skip_blanks(struct dotenv_parser *parser)
{
    while (peek(parser) == ' ' || peek(parser) == '\t' || peek(parser) == '\r')
        parser->at++;
}

static void skip_to_line_end(struct dotenv_parser *parser)
{
    while (peek(parser) != '\n')
        parser->at++;
}

static void add_character(struct dotenv_parser *parser)
{
    const char *text = parser->source->text + parser->at;
    size_t size = utf8_sequence(text, parser->source->length - parser->at);
    if (size > 0 && *text != '\0')
        strbuf_add(&parser->value, text, size);
    else
        utf8_add(&parser->value, 0xFFFD); // reported by source_check_encoding
    parser->at += size > 0 ? size : 1;
}

// name = ( LETTER | "_" ) { LETTER | DIGIT | "_" | "." | "-" }
static size_t name_length(const char *text, size_t length)
{
    size_t i = 0;
    while (i < length &&
           (isalpha((unsigned char)text[i]) || text[i] == '_' ||
            (i > 0 && text[i] && (isdigit((unsigned char)text[i]) || strchr(".-", text[i])))))
        i++;
    return i;
}

// quoted = "'" { any } "'" | '"' { any | "\" any } '"'
static void parse_quoted(struct dotenv_parser *parser, struct span *span)
{
    static const char letters[] = "nrt\"\\$", meanings[] = "\n\r\t\"\\$";
    const struct source *source = parser->source;
    const size_t open_at = parser->at;
    const char quote = peek(parser);
    parser->at++;
    while (parser->at < source->length && source->text[parser->at] != quote) {
        const char *letter = NULL;
        if (quote == '"' && source->text[parser->at] == '\\' && parser->at + 1 < source->length &&
            source->text[parser->at + 1])
            letter = strchr(letters, source->text[parser->at + 1]);
        if (letter) {
            strbuf_addch(&parser->value, meanings[letter - letters]);
            parser->at += 2;
        } else {
            add_character(parser);
        }
    }
    *span = (struct span){source, open_at + 1, parser->at};
    if (parser->at == source->length) {
        diag_error(parser->diags, (struct span){source, open_at, open_at + 1},
                   "the quoted value is not closed");
        return;
    }
    parser->at++;
    skip_blanks(parser);
    if (peek(parser) != '\n' && peek(parser) != '#') {
        const size_t start = parser->at;
        skip_to_line_end(parser);
        diag_error(parser->diags, (struct span){source, start, start + 1},
                   "text behind the closing quote");
        secret_blot(span_from(parser, start));
    }
}

// plain = up to the end of the line or to a "#" behind a blank; blanks at its end don't count
static void parse_plain(struct dotenv_parser *parser, struct span *span)
{
    const size_t start = parser->at;
    while (peek(parser) != '\n') {
        const char previous = parser->at > start ? parser->source->text[parser->at - 1] : ' ';
        if (peek(parser) == '#' && (previous == ' ' || previous == '\t'))
            break;
        add_character(parser);
    }
    *span = span_from(parser, start);
    struct strbuf *value = &parser->value;
    while (value->len > 0 && strchr(" \t\r", value->data[value->len - 1])) {
        value->data[--value->len] = '\0';
        span->end--;
    }
}

static void add_entry(struct dotenv_parser *parser, const char *name, struct span span)
{
    const struct dotenv_entry entry = {
        name, arena_strndup(parser->arena, parser->value.data, parser->value.len), span};
    const size_t place = (uintptr_t)map_get(parser->places, name);
    if (place) {
        parser->out->items[place - 1] = entry;
        return;
    }
    vec_push(parser->out, entry);
    map_put(parser->places, name, (void *)(uintptr_t)parser->out->len); // NOLINT: an index
}

// entry = [ "export" BLANK ] name "=" ( quoted | plain )
static void parse_entry(struct dotenv_parser *parser)
{
    const char *text = parser->source->text;
    if (parser->at + 7 < parser->source->length && memcmp(text + parser->at, "export", 6) == 0 &&
        strchr(" \t", text[parser->at + 6])) {
        parser->at += 7;
        skip_blanks(parser);
    }
    const size_t start = parser->at;
    const size_t length = name_length(text + start, parser->source->length - start);
    parser->at += length;
    skip_blanks(parser);
    if (length == 0 || peek(parser) != '=') {
        parser->at = start + length;
        diag_warning(parser->diags, (struct span){parser->source, start, start + 1},
                     "not a line NAME=value; it is ignored");
        skip_to_line_end(parser);
        secret_blot(span_from(parser, start + length)); // a password may stand here
        return;
    }
    parser->at++;
    skip_blanks(parser);
    strbuf_clear(&parser->value);
    struct span span;
    if (peek(parser) == '"' || peek(parser) == '\'')
        parse_quoted(parser, &span);
    else
        parse_plain(parser, &span);
    const char *name = arena_strndup(parser->arena, text + start, length);
    add_entry(parser, name, span);
    AUTO_STRBUF masked = STRBUF_INIT;
    if (strncasecmp(name, "NetScript__", 11) != 0 || secret_name(name) ||
        secret_mask(parser->value.data, &masked))
        secret_blot(span);
    skip_to_line_end(parser);
}

// file = { [ entry ] [ "#" comment ] NEWLINE }
void dotenv_parse(const struct source *source, struct arena *arena, struct diag_list *diags,
                  dotenv_entries *out)
{
    struct dotenv_parser parser = {.source = source,
                                   .arena = arena,
                                   .diags = diags,
                                   .out = out,
                                   .places = map_new(),
                                   .value = {.data = strbuf_empty}};
    if (source_check_encoding(source, diags)) {
        if (source->length >= 3 && memcmp(source->text, "\xEF\xBB\xBF", 3) == 0)
            parser.at = 3;
        for (; parser.at < source->length; parser.at++) {
            skip_blanks(&parser);
            if (peek(&parser) == '#')
                skip_to_line_end(&parser);
            else if (peek(&parser) != '\n')
                parse_entry(&parser);
        }
    }
    map_free(parser.places);
    strbuf_release(&parser.value);
}
