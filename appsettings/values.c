#include "appsettings/values.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/strbuf.h"
#include "base/suggest.h"

static size_t choice_count(const char *const *choices)
{
    size_t count = 0;
    while (choices[count])
        count++;
    return count;
}

static void describe_choices(const char *const *choices, struct strbuf *out)
{
    for (size_t i = 0; choices[i]; i++)
        strbuf_addf(out, "%s%s", i == 0 ? "" : choices[i + 1] ? ", " : " or ", choices[i]);
}

// "true or false", for messages
static void describe_expected(const struct field *field, struct strbuf *out)
{
    switch (field->type) {
    case FIELD_TEXT: strbuf_adds(out, "a string"); break;
    case FIELD_BOOL: strbuf_adds(out, "true or false"); break;
    case FIELD_INT: strbuf_addf(out, "an integer from %d to %d", field->min, field->max); break;
    case FIELD_CHOICE: describe_choices(field->choices, out); break;
    case FIELD_TEXTS: strbuf_adds(out, "an array of strings"); break;
    case FIELD_HEALTH_PATH: strbuf_adds(out, "a path that begins with /, or false"); break;
    default: strbuf_adds(out, "an object");
    }
}

static bool wrong_type(const struct field *field, struct settings_node *node,
                       struct diag_list *diags)
{
    AUTO_STRBUF expected = STRBUF_INIT;
    describe_expected(field, &expected);
    node_error(diags, node, "\"%s\" expects %s, found %s", field->name, expected.data,
               node_type_name(node));
    const bool wants_plain = field->type == FIELD_BOOL || field->type == FIELD_INT;
    if (node->type == NODE_STRING && wants_plain && !node->is_text)
        diag_hint(diags, "write it without quotes");
    else if ((node->type == NODE_NUMBER || node->type == NODE_BOOL) && field->type == FIELD_TEXT)
        diag_hint(diags, "write it in double quotes");
    else if (node->type == NODE_STRING && field->type == FIELD_TEXTS && node->is_text)
        diag_hint(diags, "%s__0 is its first element", node->variable ? node->variable : "NAME");
    else if (node->type == NODE_STRING && field->type == FIELD_TEXTS)
        diag_hint(diags, "write it as [\"…\", \"…\"], an element for each argument");
    node->is_broken = true;
    return false;
}

static bool read_bool(const struct field *field, struct settings_node *node,
                      struct diag_list *diags, bool *out)
{
    const bool is_true = node->text && strcasecmp(node->text, "true") == 0;
    const bool is_false = node->text && strcasecmp(node->text, "false") == 0;
    if (node->type != NODE_BOOL && !(node->is_text && (is_true || is_false)))
        return wrong_type(field, node, diags);
    node->type = NODE_BOOL;
    node->text = is_true ? "true" : "false";
    *out = is_true;
    return true;
}

static bool read_int(const struct field *field, struct settings_node *node, struct arena *arena,
                     struct diag_list *diags, int *out)
{
    if (node->type != NODE_NUMBER && !node->is_text)
        return wrong_type(field, node, diags);
    char *end;
    double number = node->text ? strtod(node->text, &end) : 0;
    // Written as NaN, hexadecimal or with blanks, a variable's text is no number.
    const bool is_number = node->text && end != node->text && *end == '\0' &&
                           strspn(node->text, "0123456789.eE+-") == strlen(node->text);
    if (!is_number)
        return wrong_type(field, node, diags);
    if (!(number >= field->min && number <= field->max) || number != (double)(int)number) {
        node_error(diags, node, "\"%s\" expects an integer from %d to %d, found %.40s", field->name,
                   field->min, field->max, node->text);
        if (number == 0)
            diag_hint(diags, "leave \"%s\" out for the default", field->name);
        node->is_broken = true;
        return false;
    }
    node->type = NODE_NUMBER;
    node->text = arena_printf(arena, "%d", (int)number);
    *out = (int)number;
    return true;
}

static bool read_choice(const struct field *field, struct settings_node *node,
                        struct diag_list *diags, const char **out)
{
    if (node->type != NODE_STRING)
        return wrong_type(field, node, diags);
    for (size_t i = 0; field->choices[i]; i++) {
        if (strcasecmp(field->choices[i], node->text) == 0) {
            node->text = *out = field->choices[i];
            return true;
        }
    }
    node_error(diags, node, "unknown %s \"%.60s\"", field->name, node->text);
    const char *meant = suggest_nearest(node->text, field->choices, choice_count(field->choices));
    AUTO_STRBUF known = STRBUF_INIT;
    describe_choices(field->choices, &known);
    if (meant)
        diag_hint(diags, "did you mean \"%s\"?", meant);
    else
        diag_hint(diags, "known are %s", known.data);
    node->is_broken = true;
    return false;
}

static bool read_texts(const struct field *field, struct settings_node *node, struct arena *arena,
                       struct diag_list *diags, struct setting_strings *out)
{
    if (node->type != NODE_ARRAY)
        return wrong_type(field, node, diags);
    const char **items = ARENA_ARRAY(arena, const char *, node->count);
    size_t count = 0;
    for (struct settings_node *element = node->first; element; element = element->next) {
        if (element->is_broken)
            continue;
        if (element->type == NODE_STRING) {
            items[count++] = element->text;
            continue;
        }
        node_error(diags, element, "\"%s\" expects strings, found %s", field->name,
                   node_type_name(element));
        element->is_broken = true;
    }
    *out = (struct setting_strings){items, count};
    return true;
}

static bool read_pairs(const struct field *field, struct settings_node *node, struct arena *arena,
                       struct diag_list *diags, struct setting_pairs *out)
{
    if (node->type != NODE_OBJECT)
        return wrong_type(field, node, diags);
    struct setting_pair *items = ARENA_ARRAY(arena, struct setting_pair, node->count);
    size_t count = 0;
    for (struct settings_node *member = node->first; member; member = member->next) {
        if (member->is_broken || member->type == NODE_NULL)
            continue;
        if (member->key[0] == '\0' || strchr(member->key, '=')) {
            diag_error(diags, member->key_span, "\"%s\" cannot be a name in \"%s\"", member->key,
                       field->name);
            member->is_broken = true;
        } else if (!member->text) {
            node_error(diags, member, "\"%s\" expects a string, found %s", member->key,
                       node_type_name(member));
            member->is_broken = true;
        } else {
            items[count++] = (struct setting_pair){member->key, member->text};
        }
    }
    *out = (struct setting_pairs){items, count};
    return true;
}

static bool read_health_path(const struct field *field, struct settings_node *node,
                             struct diag_list *diags, const char **out)
{
    *out = NULL;
    if (node->text && strcasecmp(node->text, "false") == 0)
        return true;
    if (node->type != NODE_STRING)
        return wrong_type(field, node, diags);
    if (node->text[0] != '\0' && node->text[0] != '/') {
        node_error(diags, node, "\"%s\" expects a path that begins with /", field->name);
        node->is_broken = true;
        return false;
    }
    *out = node->text[0] ? node->text : NULL;
    return true;
}

bool field_read(const struct field *field, struct settings_node *node, struct arena *arena,
                struct diag_list *diags, union field_value *out)
{
    switch (field->type) {
    case FIELD_TEXT:
        if (node->type != NODE_STRING)
            return wrong_type(field, node, diags);
        out->text = node->text;
        return true;
    case FIELD_BOOL: return read_bool(field, node, diags, &out->flag);
    case FIELD_INT: return read_int(field, node, arena, diags, &out->number);
    case FIELD_CHOICE: return read_choice(field, node, diags, &out->text);
    case FIELD_TEXTS: return read_texts(field, node, arena, diags, &out->texts);
    case FIELD_PAIRS: return read_pairs(field, node, arena, diags, &out->pairs);
    case FIELD_HEALTH_PATH: return read_health_path(field, node, diags, &out->text);
    case FIELD_OBJECT:
    case FIELD_RECORDS:
    case FIELD_ANY: break;
    }
    return false;
}

void field_store(const struct field *field, const union field_value *value, void *record)
{
    if (field->offset == FIELD_NOWHERE)
        return;
    void *place = (char *)record + field->offset;
    switch (field->type) {
    case FIELD_TEXT:
    case FIELD_CHOICE:
    case FIELD_HEALTH_PATH: *(const char **)place = value->text; break;
    case FIELD_BOOL: *(bool *)place = value->flag; break;
    case FIELD_INT: *(int *)place = value->number; break;
    case FIELD_TEXTS: *(struct setting_strings *)place = value->texts; break;
    case FIELD_PAIRS: *(struct setting_pairs *)place = value->pairs; break;
    case FIELD_OBJECT:
    case FIELD_RECORDS:
    case FIELD_ANY: break;
    }
}

bool field_is_absent(const struct field *field, const struct settings_node *node)
{
    if (!node || (node->type == NODE_NULL && !node->is_broken))
        return true;
    if (node->type != NODE_STRING || node->text[0] != '\0' || node->is_broken)
        return false;
    return field->type == FIELD_TEXT || (field->type != FIELD_HEALTH_PATH && node->is_text);
}

bool field_expect_object(const char *name, struct settings_node *node, struct diag_list *diags)
{
    if (node->type == NODE_OBJECT)
        return true;
    if (!node->is_broken)
        node_error(diags, node, "\"%s\" expects an object, found %s", name, node_type_name(node));
    node->is_broken = true;
    return false;
}
