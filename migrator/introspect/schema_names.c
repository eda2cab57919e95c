#include "migrator/introspect/schema_names.h"

#include <string.h>

#include "base/strbuf.h"
#include "migrator/schema/schema.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_scalar(const char *word)
{
    for (int scalar = DM_STRING; scalar <= DM_BYTES; scalar++) {
        if (strcmp(dm_scalar_name((enum dm_scalar)scalar), word) == 0)
            return true;
    }
    return strcmp(word, "Unsupported") == 0;
}

// A word of ASCII letters, digits and _ that begins with a letter.
static const char *word_of(struct arena *arena, const char *name, const char *fallback)
{
    AUTO_STRBUF word = STRBUF_INIT;
    while (*name && !is_letter(*name))
        name++;
    for (; *name; name++)
        strbuf_addch(&word, is_letter(*name) || (*name >= '0' && *name <= '9') ? *name : '_');
    return arena_strdup(arena, word.len > 0 ? word.data : fallback);
}

static const char *take(struct arena *arena, struct map *taken, const char *wish)
{
    const char *word = wish;
    for (int i = 2; map_has(taken, word); i++)
        word = arena_printf(arena, "%s_%d", wish, i);
    map_put(taken, word, (void *)word);
    return word;
}

// Of a model or an enum.
static const char *take_block(struct names *names, const char *db_name, const char *known)
{
    if (known)
        return take(names->arena, names->words, known);
    const char *word = word_of(names->arena, db_name, "Unnamed");
    if (schema_word_is_reserved(word, strlen(word)) || is_scalar(word))
        word = arena_printf(names->arena, "Renamed%s", word);
    return take(names->arena, names->words, word);
}

static struct map *known_models(const struct datamodel *known)
{
    struct map *models = map_new();
    for (size_t i = 0; known && i < known->model_count; i++)
        map_put(models, known->models[i]->db_name, known->models[i]);
    return models;
}

static const struct dm_field *find_field(const struct dm_model *model, const char *db_name)
{
    for (size_t i = 0; model && i < model->field_count; i++) {
        const struct dm_field *field = &model->fields[i];
        if (field->type_kind != DM_TYPE_RELATION && strcmp(field->db_name, db_name) == 0)
            return field;
    }
    return NULL;
}

static void name_columns(struct names *names, const struct table *table)
{
    struct arena *arena = names->arena;
    const struct dm_model *known = names->known_models[table->position];
    const char **words = ARENA_ARRAY(arena, const char *, table->column_count + 1);
    names->columns[table->position] = words;
    names->fields[table->position] = map_new();
    for (size_t i = 0; i < table->column_count; i++) {
        const struct dm_field *field = find_field(known, table->columns[i].name);
        words[i] = take(arena, names->fields[table->position],
                        field ? field->name : word_of(arena, table->columns[i].name, "unnamed"));
    }
}

static void name_tables(struct names *names)
{
    const struct model *model = names->model;
    struct arena *arena = names->arena;
    struct map *known = known_models(names->known);
    names->tables = ARENA_ARRAY(arena, const char *, model->table_count + 1);
    names->fields = ARENA_ARRAY(arena, struct map *, model->table_count + 1);
    names->columns = ARENA_ARRAY(arena, const char **, model->table_count + 1);
    names->known_models = ARENA_ARRAY(arena, const struct dm_model *, model->table_count + 1);
    for (size_t i = 0; i < model->table_count; i++) {
        const struct dm_model *other = map_get(known, model->tables[i].name);
        names->known_models[i] = other;
        names->tables[i] = take_block(names, model->tables[i].name, other ? other->name : NULL);
        name_columns(names, &model->tables[i]);
    }
    map_free(known);
}

static const struct dm_enum *find_enum(const struct datamodel *known, const char *db_name)
{
    for (size_t i = 0; known && i < known->enum_count; i++) {
        if (strcmp(known->enums[i]->db_name, db_name) == 0)
            return known->enums[i];
    }
    return NULL;
}

static const char *known_value(const struct dm_enum *known, const char *db_name)
{
    for (size_t i = 0; known && i < known->value_count; i++) {
        if (strcmp(known->values[i].db_name, db_name) == 0)
            return known->values[i].name;
    }
    return NULL;
}

// The enums of the schema at hand that the columns' fields have. For MySQL, where an enum is its
// column's own; elsewhere it has a name.
static void know_enums(struct names *names)
{
    const struct model *model = names->model;
    for (size_t i = 0; i < model->enumeration_count; i++)
        names->known_enums[i] = find_enum(names->known, model->enumerations[i].name);
    for (size_t t = 0; model->dialect->provider == DM_MYSQL && t < model->table_count; t++) {
        const struct table *table = &model->tables[t];
        for (size_t i = 0; i < table->column_count; i++) {
            const struct column *column = &table->columns[i];
            const struct dm_field *field = names_known_field(names, table, column);
            if (column->type.family == COLUMN_ENUM && field && field->type_kind == DM_TYPE_ENUM)
                names->known_enums[column->type.enumeration->position] = field->enumeration;
        }
    }
}

static bool is_as_known(const struct enumeration *enumeration, const struct dm_enum *known)
{
    bool is_same = enumeration->value_count == known->value_count;
    for (size_t i = 0; is_same && i < known->value_count; i++)
        is_same = strcmp(enumeration->values[i], known->values[i].db_name) == 0;
    return is_same;
}

static bool same_values(const struct enumeration *left, const struct enumeration *right)
{
    bool is_same = left->value_count == right->value_count;
    for (size_t i = 0; is_same && i < left->value_count; i++)
        is_same = strcmp(left->values[i], right->values[i]) == 0;
    return is_same;
}

// Columns of one enum in the schema at hand stay so as long as they have the same values: first of
// all those that the schema has. The others are no more of that enum.
static void share_enumerations(struct names *names)
{
    const struct model *model = names->model;
    struct map *owners = map_new(); // by the known enum's name
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < model->enumeration_count; i++) {
            const struct dm_enum *known = names->known_enums[i];
            if (known && !map_has(owners, known->name) &&
                (pass > 0 || is_as_known(&model->enumerations[i], known)))
                map_put(owners, known->name, &model->enumerations[i]);
        }
    }
    for (size_t i = 0; i < model->enumeration_count; i++) {
        const struct enumeration *own = &model->enumerations[i];
        const struct dm_enum *known = names->known_enums[i];
        const bool is_shared = known && model->dialect->provider == DM_MYSQL;
        const struct enumeration *owner = is_shared ? map_get(owners, known->name) : own;
        names->written[i] = same_values(owner, own) ? owner : own;
        if (names->written[i] != owner)
            names->known_enums[i] = NULL;
    }
    map_free(owners);
}

static void name_enumeration(struct names *names, const struct enumeration *source)
{
    struct arena *arena = names->arena;
    const size_t position = source->position;
    const struct dm_enum *known = names->known_enums[position];
    struct map *taken = map_new();
    names->enumerations[position] = take_block(names, source->name, known ? known->name : NULL);
    names->values[position] = ARENA_ARRAY(arena, const char *, source->value_count + 1);
    for (size_t v = 0; v < source->value_count; v++) {
        const char *word = known_value(known, source->values[v]);
        names->values[position][v] =
            take(arena, taken, word ? word : word_of(arena, source->values[v], "EMPTY"));
    }
    map_free(taken);
}

static void name_enumerations(struct names *names)
{
    const struct model *model = names->model;
    struct arena *arena = names->arena;
    const size_t count = model->enumeration_count;
    names->enumerations = ARENA_ARRAY(arena, const char *, count + 1);
    names->known_enums = ARENA_ARRAY(arena, const struct dm_enum *, count + 1);
    names->written = ARENA_ARRAY(arena, const struct enumeration *, count + 1);
    names->values = ARENA_ARRAY(arena, const char **, count + 1);
    know_enums(names);
    share_enumerations(names);
    for (size_t i = 0; i < count; i++) {
        if (names->written[i] == &model->enumerations[i])
            name_enumeration(names, &model->enumerations[i]);
    }
    for (size_t i = 0; i < count; i++) {
        names->enumerations[i] = names->enumerations[names->written[i]->position];
        names->values[i] = names->values[names->written[i]->position];
    }
}

// What the schema at hand has and no database tells: views, and enums on SQLite.
static void reserve_kept(struct names *names)
{
    const struct datamodel *known = names->known;
    const bool has_enums =
        names->model->dialect->provider != DM_SQLITE || names->model->enumeration_count > 0;
    for (size_t i = 0; known && i < known->model_count; i++) {
        if (known->models[i]->is_view)
            take(names->arena, names->words, known->models[i]->name);
    }
    for (size_t i = 0; known && !has_enums && i < known->enum_count; i++)
        take(names->arena, names->words, known->enums[i]->name);
}

void names_init(struct names *names, const struct model *model, const struct datamodel *known)
{
    *names =
        (struct names){.arena = arena_new(), .model = model, .known = known, .words = map_new()};
    reserve_kept(names);
    name_tables(names);
    name_enumerations(names);
}

void names_release(struct names *names)
{
    for (size_t i = 0; i < names->model->table_count; i++)
        map_free(names->fields[i]);
    map_free(names->words);
    arena_free(names->arena);
}

const char *names_table(const struct names *names, const struct table *table)
{
    return names->tables[table->position];
}

const char *names_column(const struct names *names, const struct table *table,
                         const struct column *column)
{
    return names->columns[table->position][column->position];
}

const struct dm_field *names_known_field(const struct names *names, const struct table *table,
                                         const struct column *column)
{
    return find_field(names->known_models[table->position], column->name);
}

const char *names_value(const struct names *names, const struct enumeration *enumeration,
                        const char *value)
{
    for (size_t i = 0; i < enumeration->value_count; i++) {
        if (strcmp(enumeration->values[i], value) == 0)
            return names->values[enumeration->position][i];
    }
    return NULL;
}

const char *names_take_field(struct names *names, const struct table *table, const char *wish)
{
    return take(names->arena, names->fields[table->position], wish);
}
