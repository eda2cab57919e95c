// `berth config`: the merged tree as a listing.
#include <ctype.h>
#include <string.h>

#include "appsettings/secrets.h"
#include "appsettings/settings.h"
#include "appsettings/tree.h"
#include "base/json.h"

struct listing {
    struct strbuf path, value, origin;
    // Where the last place was looked up: the next is most often behind it.
    const struct source *source;
    size_t offset;
    struct position position;
    cJSON *json; // an array; NULL: lines of text go to `out`
    struct strbuf *out;
};

// What a node is below of.
struct standing {
    size_t depth;
    bool is_secret, is_unknown;
};

static struct position position_of(struct listing *listing, struct span span)
{
    if (listing->source != span.source || listing->offset > span.start) {
        listing->source = span.source;
        listing->offset = 0;
        listing->position = (struct position){1, 1};
    }
    const struct source rest = {NULL, span.source->text + listing->offset,
                                span.source->length - listing->offset};
    struct position step = source_position(&rest, span.start - listing->offset);
    if (step.line > 1)
        listing->position = (struct position){listing->position.line + step.line - 1, step.column};
    else
        listing->position.column += step.column - 1;
    listing->offset = span.start;
    return listing->position;
}

static void put_origin(struct listing *listing, const struct settings_node *node)
{
    strbuf_clear(&listing->origin);
    if (node->span.source) {
        struct position position = position_of(listing, node->span);
        strbuf_addf(&listing->origin, "%s:%zu:%zu", node->span.source->path, position.line,
                    position.column);
    } else {
        strbuf_adds(&listing->origin, node->variable ? node->variable : "default");
    }
}

// The value as JSON, masked.
static void put_value(struct listing *listing, const struct settings_node *node, bool is_secret)
{
    AUTO_STRBUF masked = STRBUF_INIT;
    strbuf_clear(&listing->value);
    switch (node->type) {
    case NODE_OBJECT: strbuf_adds(&listing->value, "{}"); break;
    case NODE_ARRAY: strbuf_adds(&listing->value, "[]"); break;
    case NODE_NULL: strbuf_adds(&listing->value, "null"); break;
    case NODE_BOOL:
    case NODE_NUMBER: strbuf_adds(&listing->value, is_secret ? "\"****\"" : node->text); break;
    case NODE_STRING:
        if (is_secret && node->text[0])
            strbuf_adds(&masked, "****");
        else
            (void)secret_mask(node->text, &masked);
        json_quote(masked.data, &listing->value);
    }
}

static void put_line(struct listing *listing, const struct settings_node *node,
                     struct standing standing)
{
    put_value(listing, node, standing.is_secret);
    put_origin(listing, node);
    if (!listing->json) {
        strbuf_addf(listing->out, "%s = %s    %s%s\n", listing->path.data, listing->value.data,
                    listing->origin.data, standing.is_unknown ? " (ignored)" : "");
        return;
    }
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "path", listing->path.data);
    cJSON_AddRawToObject(entry, "value", listing->value.data);
    cJSON_AddStringToObject(entry, "origin", listing->origin.data);
    if (standing.is_unknown)
        cJSON_AddTrueToObject(entry, "ignored");
    cJSON_AddItemToArray(listing->json, entry);
}

// ".Name", or ["a.name"] where a dot would mislead
static void put_key(struct strbuf *path, const char *key)
{
    bool is_plain = *key != '\0';
    for (const char *c = key; *c; c++)
        is_plain &= isalnum((unsigned char)*c) || strchr("_-$@", *c) || (unsigned char)*c >= 0x80;
    if (is_plain) {
        strbuf_addf(path, "%s%s", path->len ? "." : "", key);
        return;
    }
    strbuf_addch(path, '[');
    json_quote(key, path);
    strbuf_addch(path, ']');
}

static void list_node(struct listing *listing, const struct settings_node *node,
                      struct standing standing)
{
    if (standing.depth == 1)
        standing.is_secret = secret_section(node->key);
    else if (node->key && node->type != NODE_OBJECT) // a record may well be named "token-api"
        standing.is_secret |= secret_name(node->key);
    standing.is_unknown |= node->is_unknown;
    if (!node->first) {
        const bool is_written = node->type != NODE_OBJECT || node->span.source || node->variable;
        if (standing.depth > 0 && is_written)
            put_line(listing, node, standing);
        return;
    }
    const size_t length = listing->path.len;
    size_t index = 0;
    standing.depth++;
    for (struct settings_node *child = node->first; child; child = child->next) {
        if (child->key)
            put_key(&listing->path, child->key);
        else
            strbuf_addf(&listing->path, "[%zu]", index++);
        list_node(listing, child, standing);
        listing->path.len = length;
        listing->path.data[length] = '\0';
    }
}

void settings_describe(const struct settings *settings, bool json, struct strbuf *out)
{
    struct listing listing = {.path = STRBUF_INIT,
                              .value = STRBUF_INIT,
                              .origin = STRBUF_INIT,
                              .json = json ? cJSON_CreateArray() : NULL,
                              .out = out};
    list_node(&listing, settings->tree, (struct standing){0});
    if (json) {
        AUTO_JSON *document = cJSON_CreateObject();
        cJSON_AddStringToObject(document, "root", settings->root);
        if (settings->file)
            cJSON_AddStringToObject(document, "file", settings->file);
        else
            cJSON_AddNullToObject(document, "file");
        cJSON_AddStringToObject(document, "environment", settings->environment);
        cJSON_AddItemToObject(document, "values", listing.json);
        json_print(document, true, out);
        strbuf_addch(out, '\n');
    }
    strbuf_release(&listing.path);
    strbuf_release(&listing.value);
    strbuf_release(&listing.origin);
}
