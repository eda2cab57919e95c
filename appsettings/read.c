#include "appsettings/read.h"

#include <ctype.h>
#include <string.h>

#include "appsettings/fields.h"
#include "appsettings/names.h"
#include "appsettings/values.h"
#include "base/strbuf.h"

struct reader {
    struct settings *settings;
    struct settings_node *tree;
    struct arena *arena;
    struct diag_list *diags;
    const char *key; // of the record that is being read; NULL outside of records
};

// The workspace's name as part of another: of "@acme/My App" "acme-My-App" remains.
static void add_plain_name(const char *name, struct strbuf *out)
{
    for (; *name; name++) {
        const bool is_plain = isalnum((unsigned char)*name) || strchr("_.-", *name);
        if (is_plain)
            strbuf_addch(out, *name);
        else if (out->len > 0 && out->data[out->len - 1] != '-')
            strbuf_addch(out, '-');
    }
}

static const char *expand(const struct reader *reader, const char *text)
{
    if (!strchr(text, '{'))
        return text;
    AUTO_STRBUF out = STRBUF_INIT;
    while (*text) {
        if (strncmp(text, "{key}", 5) == 0) {
            strbuf_adds(&out, reader->key);
            text += 5;
        } else if (strncmp(text, "{KEY}", 5) == 0) {
            strbuf_adds(&out, name_of_variable(reader->key, reader->arena));
            text += 5;
        } else if (strncmp(text, "{name}", 6) == 0) {
            add_plain_name(reader->settings->name, &out);
            text += 6;
        } else {
            strbuf_addch(&out, *text++);
        }
    }
    return arena_strndup(reader->arena, out.data, out.len);
}

// What counts when the file is silent, as a node of the tree; NULL when nothing does.
static struct settings_node *default_node(const struct reader *reader, const struct field *field)
{
    struct settings_node *node = NULL;
    if (field->inherits) {
        const struct settings_node *source = node_path(reader->tree, field->inherits);
        if (source && !source->is_broken && source->type != NODE_NULL) {
            node = node_new(reader->arena, source->type);
            *node = *source;
        }
    } else if (field->fallback) {
        node = node_new(reader->arena, field->type == FIELD_BOOL  ? NODE_BOOL
                                       : field->type == FIELD_INT ? NODE_NUMBER
                                                                  : NODE_STRING);
        node->text = expand(reader, field->fallback);
    } else if (field->type == FIELD_OBJECT) {
        node = node_new(reader->arena, NODE_OBJECT);
    }
    return node;
}

static void report_missing(struct reader *reader, const struct field *field,
                           const struct settings_node *object)
{
    if (!object->span.source && !object->variable)
        return; // nobody wrote the object; that it is missing has been said
    struct span span = object->key ? object->key_span : object->span;
    if (!object->key && span.source)
        span.end = span.start + 1;
    if (object->key)
        diag_error(reader->diags, span, "\"%s\" needs \"%s\"", object->key, field->name);
    else
        diag_error(reader->diags, span, "the file needs \"%s\"", field->name);
    if (field->choices) {
        AUTO_STRBUF choices = STRBUF_INIT;
        for (size_t i = 0; field->choices[i]; i++)
            strbuf_addf(&choices, "%s%s", i ? ", " : "", field->choices[i]);
        diag_hint(reader->diags, "one of %s", choices.data);
    }
}

static void read_object(struct reader *reader, const struct field_table *table,
                        struct settings_node *object, void *record);

static void read_member(struct reader *reader, const struct field *field,
                        struct settings_node *object, void *record)
{
    struct settings_node *node = node_find(object, field->name);
    if (field_is_absent(field, node)) {
        struct settings_node *fallback = default_node(reader, field);
        if (field->required)
            report_missing(reader, field, object);
        if (!fallback)
            return;
        if (node) {
            node_assign(node, fallback);
        } else {
            fallback->key = field->name;
            node_append(reader->arena, object, fallback);
            node = fallback;
        }
    }
    if (field->type == FIELD_OBJECT) {
        if (!field_expect_object(field->name, node, reader->diags))
            node = node_new(reader->arena, NODE_OBJECT); // for its defaults
        read_object(reader, field->fields, node, record);
        return;
    }
    union field_value value;
    if (field->type == FIELD_RECORDS || field->type == FIELD_ANY)
        return;
    if (!node->is_broken && field_read(field, node, reader->arena, reader->diags, &value)) {
        field_store(field, &value, record);
        return;
    }
    struct settings_node *fallback = default_node(reader, field);
    if (fallback && field_read(field, fallback, reader->arena, reader->diags, &value))
        field_store(field, &value, record);
}

static void note_unknown(struct reader *reader, const struct field_table *table,
                         struct settings_node *object)
{
    for (struct settings_node *member = object->first; member; member = member->next) {
        if (member->is_unknown || field_find(table, member->key))
            continue;
        member->is_unknown = true;
        const char *meant = field_suggest(table, member->key);
        if (!meant)
            continue;
        diag_warning(reader->diags, member->key_span, "%s%s\"%s\" is no setting and is ignored",
                     member->variable ? member->variable : "", member->variable ? ": " : "",
                     member->key);
        diag_hint(reader->diags, "did you mean \"%s\"?", meant);
    }
}

static void read_object(struct reader *reader, const struct field_table *table,
                        struct settings_node *object, void *record)
{
    note_unknown(reader, table, object);
    for (const struct field *field = table->items; field < table->items + table->count; field++)
        read_member(reader, field, object, record);
}

static void read_databases(struct reader *reader, const struct field *section,
                           struct settings_node *records)
{
    struct settings *settings = reader->settings;
    settings->databases = ARENA_ARRAY(reader->arena, struct database_settings, records->count);
    for (struct settings_node *node = records->first; node; node = node->next) {
        if (node->type == NODE_NULL || !field_expect_object(node->key, node, reader->diags))
            continue;
        struct database_settings *database = &settings->databases[settings->database_count++];
        *database = (struct database_settings){.key = node->key, .node = node};
        reader->key = node->key;
        read_object(reader, section->fields, node, database);
    }
}

static void read_caches(struct reader *reader, const struct field *section,
                        struct settings_node *records)
{
    struct settings *settings = reader->settings;
    settings->caches = ARENA_ARRAY(reader->arena, struct cache_settings, records->count);
    for (struct settings_node *node = records->first; node; node = node->next) {
        if (node->type == NODE_NULL || !field_expect_object(node->key, node, reader->diags))
            continue;
        struct cache_settings *cache = &settings->caches[settings->cache_count++];
        *cache = (struct cache_settings){.key = node->key, .node = node};
        reader->key = node->key;
        read_object(reader, section->fields, node, cache);
    }
}

// An app's task is "dev", but for those that are all about a task.
static void default_task(struct reader *reader, struct settings_node *node,
                         struct process_settings *process)
{
    if (process->kind != PROCESS_APP || process->task_name || node_find(node, "TaskName") ||
        strcmp(process->app_type, "task") == 0)
        return;
    struct settings_node *task = node_new(reader->arena, NODE_STRING);
    task->key = "TaskName";
    task->text = process->task_name = "dev";
    node_append(reader->arena, node, task);
}

static void read_processes(struct reader *reader, const struct field *section,
                           struct settings_node *records, enum process_kind kind)
{
    struct settings *settings = reader->settings;
    for (struct settings_node *node = records->first; node; node = node->next) {
        if (node->type == NODE_NULL || !field_expect_object(node->key, node, reader->diags))
            continue;
        struct process_settings *process = &settings->processes[settings->process_count++];
        *process = (struct process_settings){.key = node->key, .node = node, .kind = kind};
        reader->key = node->key;
        read_object(reader, section->fields, node, process);
        default_task(reader, node, process);
    }
}

static bool process_section(const char *name, enum process_kind *kind)
{
    static const char *const names[] = {"Services", "Plugins", "BackgroundProcessors", "Apps",
                                        "Tools"};
    for (int i = 0; i < (int)(sizeof names / sizeof *names); i++) {
        if (strcmp(names[i], name) == 0) {
            *kind = (enum process_kind)i;
            return true;
        }
    }
    return false;
}

// Records in the order of the file.
static void read_records(struct reader *reader, const struct field_table *table,
                         struct settings_node *netscript)
{
    enum process_kind kind;
    size_t process_count = 0;
    for (struct settings_node *section = netscript->first; section; section = section->next)
        if (process_section(section->key, &kind))
            process_count += section->count;
    reader->settings->processes =
        ARENA_ARRAY(reader->arena, struct process_settings, process_count);
    for (struct settings_node *section = netscript->first; section; section = section->next) {
        const struct field *field = field_find(table, section->key);
        if (!field || field->type != FIELD_RECORDS || section->type == NODE_NULL ||
            !field_expect_object(section->key, section, reader->diags))
            continue;
        if (process_section(section->key, &kind))
            read_processes(reader, field, section, kind);
        else if (strcmp(section->key, "Databases") == 0)
            read_databases(reader, field, section);
        else
            read_caches(reader, field, section);
    }
    reader->key = NULL;
}

void settings_read(struct settings *settings, struct settings_node *tree, struct diag_list *diags)
{
    struct reader reader = {settings, tree, settings->arena, diags, NULL};
    const struct field_table *root = fields_root()->fields;
    read_object(&reader, root, tree, settings);
    struct settings_node *netscript = node_find(tree, "NetScript");
    if (netscript && netscript->type == NODE_OBJECT)
        read_records(&reader, field_find(root, "NetScript")->fields, netscript);
    settings->tree = tree;
}
