#include "appsettings/variables.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "appsettings/fields.h"
#include "base/vec.h"

bool variable_is_setting(const char *name)
{
    const char *mark = strstr(name, "__");
    if (!mark)
        return false;
    const struct field_table *root = fields_root()->fields;
    for (const struct field *section = root->items; section < root->items + root->count; section++)
        if (strncasecmp(section->name, name, (size_t)(mark - name)) == 0 &&
            section->name[mark - name] == '\0')
            return section->type != FIELD_TEXT;
    return false;
}

// What the tables say of the node that a path has led to so far.
struct shape {
    enum field_type type;
    const struct field_table *fields;
};

struct walk {
    const struct setting_variable *variable;
    struct settings_node *node;
    struct shape shape;
    struct arena *arena;
    struct diag_list *diags;
};

static struct settings_node *node_of_variable(const struct walk *walk, enum node_type type)
{
    struct settings_node *node = node_new(walk->arena, type);
    node->span = node->key_span = walk->variable->span;
    if (!node->span.source)
        node->variable = walk->variable->name;
    return node;
}

// An index into an array; one behind its end makes it longer.
static int step_into_array(struct walk *walk, const char *name)
{
    size_t index = 0;
    for (const char *digit = name; *digit; digit++) {
        if (!isdigit((unsigned char)*digit) || index > walk->node->count) {
            index = walk->node->count + 1;
            break;
        }
        index = index * 10 + (size_t)(*digit - '0');
    }
    if (index > walk->node->count) {
        node_error(walk->diags, node_of_variable(walk, NODE_NULL),
                   "\"%s\" is no element of an array of %zu", name, walk->node->count);
        diag_hint(walk->diags, "elements are numbered from 0, without a gap");
        return -1;
    }
    if (index == walk->node->count)
        node_append(walk->arena, walk->node, node_of_variable(walk, NODE_NULL));
    walk->node = node_element(walk->node, index);
    walk->shape = (struct shape){.type = FIELD_TEXT};
    return 0;
}

static void step_into_object(struct walk *walk, const char *name)
{
    const struct shape shape = walk->shape;
    const struct field *field =
        shape.type == FIELD_OBJECT ? field_find_any_case(shape.fields, name) : NULL;
    struct settings_node *member =
        field ? node_find(walk->node, field->name) : node_find_any_case(walk->node, name);
    if (!member) {
        member = node_of_variable(walk, NODE_NULL);
        member->key = field ? field->name : arena_strdup(walk->arena, name);
        node_append(walk->arena, walk->node, member);
    }
    walk->node = member;
    if (field)
        walk->shape = (struct shape){field->type, field->fields};
    else if (shape.type == FIELD_RECORDS)
        walk->shape = (struct shape){FIELD_OBJECT, shape.fields};
    else
        walk->shape = (struct shape){.type = FIELD_ANY};
}

static int step(struct walk *walk, const char *name)
{
    if (walk->node->type != NODE_OBJECT && walk->node->type != NODE_ARRAY)
        node_assign(
            walk->node,
            node_of_variable(walk, walk->shape.type == FIELD_TEXTS ? NODE_ARRAY : NODE_OBJECT));
    if (walk->node->type == NODE_ARRAY)
        return step_into_array(walk, name);
    step_into_object(walk, name);
    return 0;
}

static void apply(struct settings_node *tree, const struct setting_variable *variable,
                  struct arena *arena, struct diag_list *diags)
{
    enum { DEEPEST = 32 }; // below what a path into the tables can need
    struct walk walk = {variable, tree, {FIELD_OBJECT, fields_root()->fields}, arena, diags};
    const char *rest = variable->name;
    for (int depth = 0; rest && depth < DEEPEST; depth++) {
        const char *mark = walk.shape.type == FIELD_PAIRS ? NULL : strstr(rest, "__");
        const size_t length = mark ? (size_t)(mark - rest) : strlen(rest);
        AUTOFREE char *name = mem_strndup(rest, length);
        rest = mark ? mark + 2 : NULL;
        if (length == 0 || step(&walk, name))
            return;
    }
    if (rest)
        return;
    struct settings_node *value = node_of_variable(&walk, NODE_STRING);
    value->is_text = true;
    value->text = variable->value;
    node_assign(walk.node, value);
}

static int compare_names(const void *left, const void *right)
{
    return strverscmp(((const struct setting_variable *)left)->name,
                      ((const struct setting_variable *)right)->name);
}

void variables_apply(struct settings_node *tree, struct setting_variable *variables, size_t count,
                     struct arena *arena, struct diag_list *diags)
{
    if (count > 0)
        qsort(variables, count, sizeof *variables, compare_names);
    for (size_t i = 0; i < count; i++)
        apply(tree, &variables[i], arena, diags);
}
