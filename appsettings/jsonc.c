#include "appsettings/jsonc.h"

#include <ctype.h>
#include <string.h>

#include "appsettings/lexer.h"
#include "base/suggest.h"

struct parser {
    struct lexer lexer;
    struct token token; // the next one
    size_t previous_end;
    int depth;
    size_t open_objects, open_arrays; // brackets around the cursor
    bool is_whole, reached_end;
};

static struct settings_node *parse_value(struct parser *parser);

static void advance(struct parser *parser)
{
    parser->previous_end = parser->token.end;
    lexer_next(&parser->lexer, &parser->token);
}

static bool complain_at_token(struct parser *parser, const char *message)
{
    return lexer_error(&parser->lexer, parser->token.start, parser->token.end, "%s", message);
}

static struct settings_node *node_here(struct parser *parser, enum node_type type)
{
    struct settings_node *node = node_new(parser->lexer.arena, type);
    node->span = (struct span){parser->lexer.source, parser->token.start, parser->token.end};
    return node;
}

static const char *skip_digits(const char *text)
{
    while (isdigit((unsigned char)*text))
        text++;
    return text;
}

// number = [ "-" ] ( "0" | digits not beginning with 0 ) [ "." digits ] [ [eE] [ "+" | "-" ] digits
// ]
static bool is_number(const char *text)
{
    text += *text == '-';
    const char *end = *text == '0' ? text + 1 : skip_digits(text);
    if (end == text)
        return false;
    if (*end == '.') {
        text = end + 1;
        end = skip_digits(text);
        if (end == text)
            return false;
    }
    if (*end == 'e' || *end == 'E') {
        text = end + 1 + (end[1] == '+' || end[1] == '-');
        end = skip_digits(text);
        if (end == text)
            return false;
    }
    return *end == '\0';
}

// word = number | "true" | "false" | "null"
static struct settings_node *parse_word(struct parser *parser)
{
    static const char *const words[] = {"true", "false", "null"};
    const char *text = parser->token.text;
    struct settings_node *node = node_here(parser, NODE_NULL);
    node->text = text;
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0) {
        node->type = NODE_BOOL;
    } else if (is_number(text)) {
        node->type = NODE_NUMBER;
    } else if (strcmp(text, "null") != 0) {
        node->is_broken = true;
        const char *meant = suggest_nearest(text, words, 3);
        const bool like_number = strchr("0123456789.+-", text[0]) != NULL;
        if (complain_at_token(parser, like_number ? "not a number as JSON writes them"
                                                  : "expected a value")) {
            if (meant)
                diag_hint(parser->lexer.diags, "did you mean %s?", meant);
            else if (!like_number)
                diag_hint(parser->lexer.diags, "strings take double quotes");
        }
    }
    advance(parser);
    return node;
}

// The file ends inside of a container. Said once, of the innermost.
static void report_unclosed(struct parser *parser, size_t open_at, const char *what)
{
    parser->is_whole = false;
    if (parser->reached_end)
        return;
    parser->reached_end = true;
    lexer_error(&parser->lexer, open_at, open_at + 1, "the %s that opens here is not closed", what);
}

// The other kind's bracket where this container should end. It ends a container around this one,
// and true is returned; or it is one too many, and is stepped over.
static bool ends_by_other_bracket(struct parser *parser, bool is_object, size_t open_at)
{
    parser->is_whole = false;
    if (lexer_error(&parser->lexer, parser->token.start, parser->token.end, "expected '%c'",
                    is_object ? '}' : ']')) {
        struct position opened = source_position(parser->lexer.source, open_at);
        diag_hint(parser->lexer.diags, "it closes the %s that opens at line %zu, column %zu",
                  is_object ? "object" : "array", opened.line, opened.column);
    }
    if ((is_object ? parser->open_arrays : parser->open_objects) > 0)
        return true;
    advance(parser);
    if (parser->token.type == TOKEN_COMMA)
        advance(parser); // the separator of what stands before the bracket
    return false;
}

// Whether the container that opened at `open_at` ends at the next token. Its own bracket is
// consumed.
static bool container_ends(struct parser *parser, enum token_type close, size_t open_at)
{
    const bool is_object = close == TOKEN_CLOSE_BRACE;
    for (;;) {
        if (parser->token.type == close) {
            advance(parser);
            return true;
        }
        switch (parser->token.type) {
        case TOKEN_END:
            report_unclosed(parser, open_at, is_object ? "object" : "array");
            return true;
        case TOKEN_CLOSE_BRACE:
        case TOKEN_CLOSE_BRACKET:
            if (ends_by_other_bracket(parser, is_object, open_at))
                return true;
            break;
        default: return false;
        }
    }
}

// separator = ","; may be absent before the container's end
static void parse_separator(struct parser *parser, bool is_broken)
{
    switch (parser->token.type) {
    case TOKEN_COMMA: advance(parser); return;
    case TOKEN_CLOSE_BRACE:
    case TOKEN_CLOSE_BRACKET:
    case TOKEN_END: return;
    default:
        if (!is_broken)
            lexer_error(&parser->lexer, parser->previous_end, parser->previous_end + 1,
                        "expected ','");
    }
}

static void add_member(struct parser *parser, struct settings_node *object,
                       const struct token *name, struct settings_node *value)
{
    const struct span key_span = {parser->lexer.source, name->start, name->end};
    struct settings_node *former = node_find(object, name->text);
    value->key_span = key_span;
    if (!former) {
        value->key = name->text;
        node_append(parser->lexer.arena, object, value);
        return;
    }
    if (lexer_error(&parser->lexer, name->start, name->end, "\"%s\" is given twice", name->text)) {
        struct position first = source_position(key_span.source, former->key_span.start);
        diag_hint(parser->lexer.diags, "the first is at line %zu, column %zu; remove one of them",
                  first.line, first.column);
    }
    node_assign(former, value);
}

// member = STRING ":" value
static void parse_member(struct parser *parser, struct settings_node *object)
{
    struct token name = parser->token;
    if (name.type == TOKEN_WORD) {
        complain_at_token(parser, "names take double quotes");
        name.is_broken = true;
    }
    advance(parser);
    const bool starts_value =
        parser->token.type == TOKEN_STRING || parser->token.type == TOKEN_WORD ||
        parser->token.type == TOKEN_OPEN_BRACE || parser->token.type == TOKEN_OPEN_BRACKET;
    if (parser->token.type == TOKEN_COLON) {
        advance(parser);
    } else {
        if (!name.is_broken)
            lexer_error(&parser->lexer, name.end, name.end + 1, "expected ':' after the name");
        if (!starts_value || name.is_broken) {
            parse_separator(parser, true);
            return;
        }
    }
    const bool is_broken = parser->token.is_broken;
    add_member(parser, object, &name, parse_value(parser));
    parse_separator(parser, is_broken);
}

// object = "{" [ member { "," member } [ "," ] ] "}"
static struct settings_node *parse_object(struct parser *parser)
{
    struct settings_node *object = node_here(parser, NODE_OBJECT);
    parser->open_objects++;
    advance(parser);
    while (!container_ends(parser, TOKEN_CLOSE_BRACE, object->span.start)) {
        switch (parser->token.type) {
        case TOKEN_STRING:
        case TOKEN_WORD: parse_member(parser, object); break;
        case TOKEN_COMMA:
        case TOKEN_COLON:
            complain_at_token(parser, "expected a name in double quotes");
            advance(parser);
            break;
        default:
            complain_at_token(parser, "expected a name in double quotes");
            (void)parse_value(parser);
            parse_separator(parser, false);
        }
    }
    parser->open_objects--;
    object->span.end = parser->previous_end;
    return object;
}

// array = "[" [ value { "," value } [ "," ] ] "]"
static struct settings_node *parse_array(struct parser *parser)
{
    struct settings_node *array = node_here(parser, NODE_ARRAY);
    parser->open_arrays++;
    advance(parser);
    while (!container_ends(parser, TOKEN_CLOSE_BRACKET, array->span.start)) {
        if (parser->token.type == TOKEN_COMMA || parser->token.type == TOKEN_COLON) {
            complain_at_token(parser, parser->token.type == TOKEN_COMMA ? "expected a value"
                                                                        : "expected ','");
            advance(parser);
            continue;
        }
        const bool is_broken = parser->token.is_broken;
        node_append(parser->lexer.arena, array, parse_value(parser));
        if (parser->token.type != TOKEN_COLON)
            parse_separator(parser, is_broken);
    }
    parser->open_arrays--;
    array->span.end = parser->previous_end;
    return array;
}

// A container below the deepest that is read: stepped over, brackets counted and not matched.
static struct settings_node *skip_container(struct parser *parser)
{
    struct settings_node *node = node_here(parser, NODE_NULL);
    node->is_broken = true;
    lexer_error(&parser->lexer, parser->token.start, parser->token.end,
                "nested deeper than %d levels", JSONC_MAX_DEPTH);
    size_t open = 0;
    do {
        if (parser->token.type == TOKEN_OPEN_BRACE || parser->token.type == TOKEN_OPEN_BRACKET)
            open++;
        if (parser->token.type == TOKEN_CLOSE_BRACE || parser->token.type == TOKEN_CLOSE_BRACKET)
            open--;
        advance(parser);
    } while (open > 0 && parser->token.type != TOKEN_END);
    return node;
}

// value = object | array | STRING | word
static struct settings_node *parse_value(struct parser *parser)
{
    struct settings_node *node;
    switch (parser->token.type) {
    case TOKEN_OPEN_BRACE:
    case TOKEN_OPEN_BRACKET:
        if (parser->depth == JSONC_MAX_DEPTH)
            return skip_container(parser);
        parser->depth++;
        node = parser->token.type == TOKEN_OPEN_BRACE ? parse_object(parser) : parse_array(parser);
        parser->depth--;
        return node;
    case TOKEN_STRING:
        node = node_here(parser, NODE_STRING);
        node->text = parser->token.text;
        node->is_broken = parser->token.is_broken;
        advance(parser);
        return node;
    case TOKEN_WORD: return parse_word(parser);
    default:
        complain_at_token(parser, "expected a value");
        node = node_here(parser, NODE_NULL);
        node->is_broken = true;
        return node;
    }
}

static struct settings_node *nothing(struct parser *parser)
{
    struct settings_node *root = node_new(parser->lexer.arena, NODE_NULL);
    root->is_broken = true;
    parser->is_whole = false;
    return root;
}

// document = value END
struct settings_node *jsonc_parse(const struct source *source, struct arena *arena,
                                  struct diag_list *diags, bool *is_whole)
{
    struct parser parser = {.is_whole = true};
    struct settings_node *root;
    lexer_start(&parser.lexer, source, arena, diags);
    if (source_check_encoding(source, diags)) {
        advance(&parser);
        if (parser.token.type != TOKEN_END) {
            root = parse_value(&parser);
        } else {
            complain_at_token(&parser, "the file is empty; expected an object");
            root = nothing(&parser);
        }
        if (parser.token.type != TOKEN_END) {
            complain_at_token(&parser, "expected the end of the file");
            parser.is_whole = false;
        }
    } else {
        root = nothing(&parser);
    }
    *is_whole = parser.is_whole;
    lexer_release(&parser.lexer);
    return root;
}
