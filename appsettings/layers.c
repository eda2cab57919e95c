#include "appsettings/layers.h"

#include <errno.h>
#include <string.h>

#include "appsettings/dotenv.h"
#include "appsettings/fields.h"
#include "appsettings/jsonc.h"
#include "appsettings/secrets.h"
#include "appsettings/variables.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/vec.h"

static const char *variable_value(char *const *environ, const char *name)
{
    const size_t length = strlen(name);
    for (; environ && *environ; environ++)
        if (strncmp(*environ, name, length) == 0 && (*environ)[length] == '=' &&
            (*environ)[length + 1])
            return *environ + length + 1;
    return NULL;
}

const char *layers_environment(char *const *environ)
{
    static const char *const names[] = {"NETSCRIPT_ENVIRONMENT", "DOTNET_ENVIRONMENT",
                                        "ASPNETCORE_ENVIRONMENT"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = variable_value(environ, names[i]);
        if (value)
            return value;
    }
    return "Development";
}

static int read_source(struct source *source, const char *path, const char *shown,
                       struct arena *arena, struct err *err)
{
    enum { LARGEST = 16 * 1024 * 1024 };
    if (file_is_directory(path))
        return 0; // .env is a common name of a directory, too
    AUTO_STRBUF text = STRBUF_INIT;
    if (file_read(path, &text, err)) {
        if (errno == ENOENT)
            return 0;
        err->kind = ERR_INVALID;
        return -1;
    }
    if (text.len > LARGEST)
        return err_set(err, ERR_INVALID, "%s: %zu bytes are no settings", path, text.len);
    *source = (struct source){shown, arena_strndup(arena, text.data, text.len), text.len};
    return 0;
}

int layers_read(struct layers *layers, const char *root, const char *file, const char *environment,
                struct arena *arena, struct err *err)
{
    AUTOFREE char *dotenv = path_join(root, ".env");
    if (read_source(&layers->sources[LAYER_DOTENV], dotenv, ".env", arena, err))
        return -1;
    if (!file)
        return 0;
    if (read_source(&layers->sources[LAYER_FILE], file, "appsettings.json", arena, err))
        return -1;
    if (strchr(environment, '/'))
        return err_set(err, ERR_INVALID, "\"%s\" cannot be the name of an environment",
                       environment);
    const char *shown = arena_printf(arena, "appsettings.%s.json", environment);
    AUTOFREE char *path = path_join(root, shown);
    return read_source(&layers->sources[LAYER_ENVIRONMENT_FILE], path, shown, arena, err);
}

// Gives members with an old name the new one.
static void rename_old(struct settings_node *node, enum field_type type,
                       const struct field_table *fields, struct arena *arena,
                       struct diag_list *diags)
{
    if (type == FIELD_RECORDS) {
        for (struct settings_node *record = node->first; record; record = record->next)
            rename_old(record, FIELD_OBJECT, fields, arena, diags);
        return;
    }
    if (type != FIELD_OBJECT || node->type != NODE_OBJECT)
        return;
    for (const struct field *field = fields->items; field < fields->items + fields->count;
         field++) {
        struct settings_node *old = field->old_name ? node_find(node, field->old_name) : NULL;
        struct settings_node *member = node_find(node, field->name);
        if (old && member) {
            old->is_unknown = true;
            diag_warning(diags, old->key_span, "\"%s\" is the old name of \"%s\" and is ignored",
                         field->old_name, field->name);
            diag_hint(diags, "both are given; remove one of them");
        } else if (old) {
            node_rename(arena, node, old, field->name);
        } else if (member) {
            rename_old(member, field->type, field->fields, arena, diags);
        }
    }
}

static void merge_file(struct layers *layers, const struct source *source, struct arena *arena,
                       struct diag_list *diags)
{
    bool is_whole;
    struct settings_node *tree = jsonc_parse(source, arena, diags, &is_whole);
    secret_blot_json(source);
    layers->is_whole &= is_whole;
    if (tree->type != NODE_OBJECT) {
        layers->is_whole = false; // what is missing from it is not worth a word
        if (!tree->is_broken)
            node_error(diags, tree, "the file holds %s; expected an object", node_type_name(tree));
        return;
    }
    rename_old(tree, FIELD_OBJECT, fields_root()->fields, arena, diags);
    if (!layers->tree)
        layers->tree = tree;
    else
        node_merge(arena, layers->tree, tree);
}

typedef VEC_OF(struct setting_variable) variable_list;

// Parts the entries of .env into settings and others.
static void merge_dotenv(struct layers *layers, const struct source *source, struct arena *arena,
                         struct diag_list *diags)
{
    dotenv_entries entries = {0};
    variable_list variables = {0};
    dotenv_parse(source, arena, diags, &entries);
    struct setting_pair *pairs = ARENA_ARRAY(arena, struct setting_pair, entries.len);
    size_t count = 0;
    vec_each (entry, &entries) {
        if (variable_is_setting(entry->name))
            vec_push(&variables, (struct setting_variable){entry->name, entry->value, entry->span});
        else
            pairs[count++] = (struct setting_pair){entry->name, entry->value};
    }
    layers->dotenv = (struct setting_pairs){pairs, count};
    variables_apply(layers->tree, variables.items, variables.len, arena, diags);
    vec_release(&variables);
    vec_release(&entries);
}

static void merge_environ(struct layers *layers, char *const *environ, struct arena *arena,
                          struct diag_list *diags)
{
    variable_list variables = {0};
    for (; environ && *environ; environ++) {
        const char *equals = strchr(*environ, '=');
        if (!equals || !strstr(*environ, "__"))
            continue;
        const char *name = arena_strndup(arena, *environ, (size_t)(equals - *environ));
        if (variable_is_setting(name))
            vec_push(&variables, (struct setting_variable){
                                     .name = name, .value = arena_strdup(arena, equals + 1)});
    }
    variables_apply(layers->tree, variables.items, variables.len, arena, diags);
    vec_release(&variables);
}

void layers_merge(struct layers *layers, char *const *environ, struct arena *arena,
                  struct diag_list *diags)
{
    layers->is_whole = true;
    for (int layer = LAYER_FILE; layer <= LAYER_ENVIRONMENT_FILE; layer++)
        if (layers->sources[layer].text)
            merge_file(layers, &layers->sources[layer], arena, diags);
    if (!layers->tree)
        layers->tree = node_new(arena, NODE_OBJECT);
    if (layers->sources[LAYER_DOTENV].text)
        merge_dotenv(layers, &layers->sources[LAYER_DOTENV], arena, diags);
    merge_environ(layers, environ, arena, diags);
}
