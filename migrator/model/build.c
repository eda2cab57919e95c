// From a checked datamodel to tables, columns, keys and indexes.
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "migrator/model/build_relations.h"
#include "migrator/model/predicate.h"

static int compare_text(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static int compare_extension(const void *left, const void *right)
{
    return strcmp(((const struct extension *)left)->name, ((const struct extension *)right)->name);
}

static const char *copy_text(struct arena *arena, const char *text)
{
    return text ? arena_strdup(arena, text) : NULL;
}

static void build_datasource(struct build *build, const struct dm_datasource *datasource)
{
    struct model *model = build->model;
    if (!datasource)
        return;
    model->listed_schemas = ARENA_ARRAY(model->arena, const char *, datasource->schema_count + 1);
    for (size_t i = 0; i < datasource->schema_count; i++)
        model->listed_schemas[model->listed_schema_count++] =
            arena_strdup(model->arena, datasource->schemas[i]);
    qsort(model->listed_schemas, model->listed_schema_count, sizeof *model->listed_schemas,
          compare_text);
    model->extension_count = datasource->extension_count;
    model->extensions =
        ARENA_ARRAY(model->arena, struct extension, datasource->extension_count + 1);
    for (size_t i = 0; i < datasource->extension_count; i++) {
        const struct dm_extension *extension = &datasource->extensions[i];
        model->extensions[i] = (struct extension){
            .name = arena_strdup(model->arena, extension->db_name),
            .schema = copy_text(model->arena, extension->schema),
            .version = copy_text(model->arena, extension->version),
        };
    }
    qsort(model->extensions, model->extension_count, sizeof *model->extensions, compare_extension);
}

static void add_schema(struct model *model, const char *schema)
{
    if (schema &&
        (model->schema_count == 0 || strcmp(model->schemas[model->schema_count - 1], schema) != 0))
        model->schemas[model->schema_count++] = schema;
}

// Only what holds a table or an enum is a schema that must exist.
static void build_schemas(struct build *build)
{
    struct model *model = build->model;
    size_t capacity = model->table_count + model->enumeration_count;
    model->schemas = ARENA_ARRAY(model->arena, const char *, capacity + 1);
    for (size_t i = 0; i < model->table_count; i++)
        add_schema(model, model->tables[i].schema);
    for (size_t i = 0; i < model->enumeration_count; i++)
        add_schema(model, model->enumerations[i].schema);
    qsort(model->schemas, model->schema_count, sizeof *model->schemas, compare_text);
    size_t count = model->schema_count;
    model->schema_count = 0;
    for (size_t i = 0; i < count; i++)
        add_schema(model, model->schemas[i]);
}

static void build_enumerations(struct build *build, const struct datamodel *datamodel)
{
    struct model *model = build->model;
    model->enumerations = ARENA_ARRAY(model->arena, struct enumeration, datamodel->enum_count + 1);
    model->enumeration_count = datamodel->enum_count;
    for (size_t i = 0; i < datamodel->enum_count; i++) {
        const struct dm_enum *source = datamodel->enums[i];
        const char **values = ARENA_ARRAY(model->arena, const char *, source->value_count + 1);
        for (size_t v = 0; v < source->value_count; v++)
            values[v] = arena_strdup(model->arena, source->values[v].db_name);
        model->enumerations[i] = (struct enumeration){
            .schema = copy_text(model->arena, source->schema),
            .name = arena_strdup(model->arena, source->db_name),
            .values = values,
            .value_count = source->value_count,
            .position = i,
        };
        model->enumerations[i].space = dialect_space(model->dialect, model->enumerations[i].schema);
        map_put(build->enumerations, source->name, &model->enumerations[i]);
    }
}

static void type_set_usual(struct column_type *type, const struct dialect *dialect)
{
    const struct usual_type *usual = &dialect->usual[type->scalar];
    if (!dialect->types)
        return;
    type->native = &dialect->types[usual->code];
    type->argument_count = usual->argument_count;
    memcpy(type->arguments, usual->arguments, sizeof type->arguments);
}

static void type_set_native(struct column_type *type, const struct dialect *dialect,
                            const struct dm_native_type *native)
{
    type->native = dialect_type(dialect, native->name);
    if (!type->native) { // checked before; the usual type is the safe reading
        type_set_usual(type, dialect);
        return;
    }
    for (size_t i = 0; i < native->argument_count && i < TYPE_ARGUMENTS_MAX; i++) {
        const char *text = native->arguments[i];
        bool is_max = text[0] == 'M' || text[0] == 'm' || text[0] == '"';
        type->arguments[i] = is_max ? TYPE_ARGUMENT_MAX : (int32_t)strtol(text, NULL, 10);
        type->argument_count++;
    }
}

static struct column_type build_type(struct build *build, const struct dm_field *field)
{
    struct column_type type = {.scalar = field->scalar};
    switch (field->type_kind) {
    case DM_TYPE_ENUM:
        type.family = COLUMN_ENUM;
        type.enumeration = map_get(build->enumerations, field->enumeration->name);
        break;
    case DM_TYPE_UNSUPPORTED:
        type.family = COLUMN_UNSUPPORTED;
        type.unsupported = arena_strdup(build->model->arena, field->unsupported_type);
        break;
    case DM_TYPE_SCALAR:
    case DM_TYPE_RELATION:
        type.family = COLUMN_SCALAR;
        if (field->native)
            type_set_native(&type, build->model->dialect, field->native);
        else
            type_set_usual(&type, build->model->dialect);
        break;
    }
    return type;
}

// What a text stands for where a value of that scalar is expected.
static enum value_kind string_kind(enum dm_scalar scalar)
{
    switch (scalar) {
    case DM_INT:
    case DM_BIGINT:
    case DM_FLOAT:
    case DM_DECIMAL: return VALUE_NUMBER;
    case DM_DATETIME: return VALUE_DATETIME;
    case DM_JSON: return VALUE_JSON;
    case DM_BYTES: return VALUE_BYTES;
    case DM_STRING:
    case DM_BOOLEAN: break;
    }
    return VALUE_STRING;
}

static struct value build_value(struct arena *arena, const struct dm_field *field,
                                const struct dm_value *source)
{
    struct value value = {.text = source->text, .length = source->text_length};
    enum dm_scalar scalar = field->type_kind == DM_TYPE_SCALAR ? field->scalar : DM_STRING;
    switch (source->kind) {
    case DM_VALUE_NUMBER: value.kind = VALUE_NUMBER; break;
    case DM_VALUE_BOOLEAN: value.kind = VALUE_BOOLEAN; break;
    case DM_VALUE_ENUM:
        value.kind = VALUE_ENUM;
        value.text = source->enum_value->db_name;
        value.length = strlen(value.text);
        break;
    case DM_VALUE_STRING: value.kind = string_kind(scalar); break;
    }
    value.text = arena_strndup(arena, value.text, value.length);
    return value;
}

static void build_default(struct build *build, const struct dm_field *field, struct column *column)
{
    struct arena *arena = build->model->arena;
    const struct dm_default *source = &field->default_value;
    struct column_default *value = &column->value;
    value->name = copy_text(arena, source->db_name);
    switch (source->kind) {
    case DM_DEFAULT_VALUE:
    case DM_DEFAULT_LIST: {
        struct value *values = ARENA_ARRAY(arena, struct value, source->value_count + 1);
        for (size_t i = 0; i < source->value_count; i++)
            values[i] = build_value(arena, field, &source->values[i]);
        value->kind = source->kind == DM_DEFAULT_LIST ? DEFAULT_LIST : DEFAULT_VALUE;
        value->values = values;
        value->value_count = source->value_count;
        break;
    }
    case DM_DEFAULT_AUTOINCREMENT:
        column->increments = !build->model->dialect->integer_key_increments;
        value->kind = column->increments && build->model->dialect->provider == DM_POSTGRESQL
                          ? DEFAULT_SEQUENCE
                          : DEFAULT_NONE;
        break;
    case DM_DEFAULT_NOW: value->kind = DEFAULT_NOW; break;
    case DM_DEFAULT_DBGENERATED:
        value->kind = source->expression ? DEFAULT_EXPRESSION : DEFAULT_NONE;
        value->expression = copy_text(arena, source->expression);
        break;
    case DM_DEFAULT_CLIENT: column->client_fills = true; break;
    case DM_DEFAULT_NONE:
    case DM_DEFAULT_SEQUENCE: break;
    }
}

static void build_columns(struct build *build, const struct dm_model *source,
                          struct table_source *table_source)
{
    static const enum column_arity arities[] = {
        [DM_REQUIRED] = COLUMN_REQUIRED, [DM_OPTIONAL] = COLUMN_NULLABLE, [DM_LIST] = COLUMN_LIST};
    struct table *table = table_source->table;
    table->columns = ARENA_ARRAY(build->model->arena, struct column, source->field_count + 1);
    table_source->columns =
        ARENA_ARRAY(build->model->arena, struct column *, source->field_count + 1);
    for (size_t i = 0; i < source->field_count; i++) {
        const struct dm_field *field = &source->fields[i];
        if (field->type_kind == DM_TYPE_RELATION)
            continue;
        struct column *column = &table->columns[table->column_count];
        table_source->columns[i] = column;
        column->name = arena_strdup(build->model->arena, field->db_name);
        column->type = build_type(build, field);
        column->arity = arities[field->arity];
        column->position = table->column_count++;
        build_default(build, field, column);
    }
}

static void build_index(struct build *build, const struct table_source *table,
                        const struct dm_index *source, struct index *index)
{
    struct arena *arena = build->model->arena;
    *index = (struct index){
        .kind = source->kind,
        .name = copy_text(arena, source->db_name),
        .parts = ARENA_ARRAY(arena, struct index_part, source->field_count + 1),
        .part_count = source->field_count,
        .type = source->type,
        .clustering = source->clustering,
        .where = copy_text(arena, source->where),
        .is_constraint =
            source->kind == DM_INDEX_UNIQUE && build->model->dialect->provider == DM_SQLSERVER,
    };
    index->comparable = predicate_comparable(build->model, index->where);
    for (size_t i = 0; i < source->field_count; i++) {
        const struct dm_index_field *part = &source->fields[i];
        index->parts[i] = (struct index_part){
            .column = table->columns[part->field->index],
            .sort = part->sort,
            .length = part->length,
            .operator_class = copy_text(arena, part->operator_class),
        };
    }
}

// The order in which indexes come: those of single fields, @@index, @@fulltext, @@unique.
static int index_rank(const struct dm_index *index)
{
    if (index->on_field)
        return 0;
    return index->kind == DM_INDEX_NORMAL ? 1 : index->kind == DM_INDEX_FULLTEXT ? 2 : 3;
}

static void build_indexes(struct build *build, const struct dm_model *source,
                          const struct table_source *table_source)
{
    struct table *table = table_source->table;
    struct arena *arena = build->model->arena;
    if (source->primary_key) {
        table->primary_key = ARENA_NEW(arena, struct index);
        build_index(build, table_source, source->primary_key, table->primary_key);
        struct column *key = table_source->columns[source->primary_key->fields[0].field->index];
        if (build->model->dialect->integer_key_increments && table->primary_key->part_count == 1 &&
            key->type.family == COLUMN_SCALAR && key->type.scalar == DM_INT)
            key->increments = true;
    }
    table->indexes = ARENA_ARRAY(arena, struct index, source->index_count + 1);
    for (int rank = 0; rank <= 3; rank++) {
        for (size_t i = 0; i < source->index_count; i++) {
            if (index_rank(source->indexes[i]) != rank)
                continue;
            struct index *index = &table->indexes[table->index_count];
            build_index(build, table_source, source->indexes[i], index);
            index->position = table->index_count++;
        }
    }
}

static size_t count_join_tables(const struct datamodel *datamodel)
{
    size_t count = 0;
    for (size_t i = 0; i < datamodel->relation_count; i++)
        count += datamodel->relations[i]->kind == DM_MANY_TO_MANY;
    return count;
}

static void build_tables(struct build *build, const struct datamodel *datamodel)
{
    struct model *model = build->model;
    size_t capacity = datamodel->model_count + count_join_tables(datamodel);
    model->tables = ARENA_ARRAY(model->arena, struct table, capacity + 1);
    for (size_t i = 0; i < datamodel->model_count; i++) {
        const struct dm_model *source = datamodel->models[i];
        if (source->is_view)
            continue;
        bool is_external = table_name_is_external(model->dialect, source->db_name);
        struct table *table = is_external ? ARENA_NEW(model->arena, struct table)
                                          : &model->tables[model->table_count++];
        table->is_external = is_external;
        table->position = is_external ? 0 : model->table_count - 1;
        table->schema = copy_text(model->arena, source->schema);
        table->space = dialect_space(model->dialect, table->schema);
        table->name = arena_strdup(model->arena, source->db_name);
        struct table_source *table_source = &build->tables[source->index];
        table_source->table = table;
        build_columns(build, source, table_source);
        build_indexes(build, source, table_source);
    }
}

struct model *model_build(const struct datamodel *datamodel)
{
    struct build build = {
        .model = model_new(datamodel->provider),
        .enumerations = map_new(),
        .has_foreign_keys =
            !datamodel->datasource || datamodel->datasource->relation_mode == DM_FOREIGN_KEYS,
    };
    build.tables = ARENA_ARRAY(build.model->arena, struct table_source, datamodel->model_count + 1);
    build_datasource(&build, datamodel->datasource);
    build_enumerations(&build, datamodel);
    build_tables(&build, datamodel);
    build_relations(&build, datamodel);
    build_schemas(&build);
    map_free(build.enumerations);
    return build.model;
}
