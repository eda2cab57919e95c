#include "migrator/introspect/schema_text.h"

#include <string.h>

#include "migrator/introspect/schema_relations.h"
#include "migrator/schema/operator_classes.h"

struct writer {
    struct names *names;
    struct strbuf *out;
    const struct dialect *dialect;
    const struct table *table;
    const char *datasource; // its name, which native types begin with
};

static void put_string(struct strbuf *out, const char *text, size_t length)
{
    strbuf_addch(out, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        switch (c) {
        case '"':
        case '\\': strbuf_addf(out, "\\%c", c); break;
        case '\n': strbuf_adds(out, "\\n"); break;
        case '\r': strbuf_adds(out, "\\r"); break;
        case '\t': strbuf_adds(out, "\\t"); break;
        default:
            if (c < 0x20)
                strbuf_addf(out, "\\u%04x", c);
            else
                strbuf_addch(out, (char)c);
        }
    }
    strbuf_addch(out, '"');
}

static void put_text(struct strbuf *out, const char *text)
{
    put_string(out, text, strlen(text));
}

static void put_documentation(struct strbuf *out, const char *text)
{
    while (text && *text) {
        size_t length = strcspn(text, "\n");
        strbuf_addf(out, "/// %.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

static const char *enum_word(const struct dm_enum *source, const char *db_name)
{
    for (size_t i = 0; i < source->value_count; i++) {
        if (strcmp(source->values[i].db_name, db_name) == 0)
            return source->values[i].name;
    }
    return NULL;
}

// The enum that a text of SQLite, which has none, is in the schema at hand. NULL: none, or the
// default is no value of it.
static const struct dm_enum *known_enum(const struct column *column, const struct dm_field *known)
{
    if (!known || known->type_kind != DM_TYPE_ENUM || column->type.family != COLUMN_SCALAR ||
        column->type.scalar != DM_STRING || column->type.native)
        return NULL;
    for (size_t i = 0; i < column->value.value_count; i++) {
        if (!enum_word(known->enumeration, column->value.values[i].text))
            return NULL;
    }
    return known->enumeration;
}

static void put_value(struct writer *writer, const struct column *column,
                      const struct dm_enum *labels, const struct value *value)
{
    if (labels)
        strbuf_adds(writer->out, enum_word(labels, value->text));
    else if (value->kind == VALUE_ENUM)
        strbuf_adds(writer->out, names_value(writer->names, column->type.enumeration, value->text));
    else if (value->kind == VALUE_NUMBER || value->kind == VALUE_BOOLEAN)
        strbuf_adds(writer->out, value->text + (*value->text == '+'));
    else
        put_string(writer->out, value->text, value->length);
}

// An enum's default may name a value that it does not have: SQLite, or a type that was changed.
static bool is_sayable(const struct writer *writer, const struct column *column)
{
    for (size_t i = 0; i < column->value.value_count; i++) {
        const struct value *value = &column->value.values[i];
        if (value->kind == VALUE_ENUM &&
            !names_value(writer->names, column->type.enumeration, value->text))
            return false;
    }
    return true;
}

static void put_values(struct writer *writer, const struct column *column,
                       const struct dm_field *known)
{
    const struct dm_enum *labels = known_enum(column, known);
    const struct column_default *value = &column->value;
    if (value->kind == DEFAULT_LIST)
        strbuf_adds(writer->out, "[");
    for (size_t i = 0; i < value->value_count; i++) {
        strbuf_adds(writer->out, i > 0 ? ", " : "");
        put_value(writer, column, labels, &value->values[i]);
    }
    if (value->kind == DEFAULT_LIST)
        strbuf_adds(writer->out, "]");
}

// What the client fills in is of a type, too.
static bool is_still(const struct column *column, const struct dm_field *known)
{
    return known && known->type_kind == DM_TYPE_SCALAR && known->arity != DM_LIST &&
           column->type.family == COLUMN_SCALAR && column->type.scalar == known->scalar &&
           column->arity != COLUMN_LIST;
}

static void put_default(struct writer *writer, const struct column *column,
                        const struct dm_field *known)
{
    const struct column_default *value = &column->value;
    struct strbuf *out = writer->out;
    enum default_kind kind = column->increments ? DEFAULT_SEQUENCE : value->kind;
    if (kind != DEFAULT_NONE && kind != DEFAULT_SEQUENCE && !is_sayable(writer, column))
        kind = DEFAULT_EXPRESSION;
    if (kind == DEFAULT_NONE && is_still(column, known) &&
        known->default_value.kind == DM_DEFAULT_CLIENT && known->default_value.expression)
        strbuf_addf(out, " @default(%s)", known->default_value.expression);
    if (kind == DEFAULT_NONE)
        return;
    strbuf_adds(out, " @default(");
    switch (kind) {
    case DEFAULT_SEQUENCE: strbuf_adds(out, "autoincrement()"); break;
    case DEFAULT_NOW: strbuf_adds(out, "now()"); break;
    case DEFAULT_EXPRESSION:
        strbuf_adds(out, "dbgenerated(");
        put_text(out, value->expression);
        strbuf_adds(out, ")");
        break;
    case DEFAULT_VALUE:
    case DEFAULT_LIST: put_values(writer, column, known); break;
    case DEFAULT_NONE: break;
    }
    strbuf_adds(out, ")");
}

static bool is_usual_type(const struct dialect *dialect, const struct column_type *type)
{
    const struct usual_type *usual = &dialect->usual[type->scalar];
    return type->native->code == usual->code && type->argument_count == usual->argument_count &&
           memcmp(type->arguments, usual->arguments, type->argument_count * sizeof(int32_t)) == 0;
}

static void put_native_type(struct writer *writer, const struct column_type *type)
{
    if (type->family != COLUMN_SCALAR || !type->native || is_usual_type(writer->dialect, type))
        return;
    strbuf_addf(writer->out, " @%s.%s", writer->datasource, type->native->name);
    for (size_t i = 0; i < type->argument_count; i++)
        strbuf_addf(writer->out, "%s%d", i > 0 ? ", " : "(", (int)type->arguments[i]);
    strbuf_adds(writer->out, type->argument_count > 0 ? ")" : "");
}

static void put_type(struct writer *writer, const struct column *column,
                     const struct dm_field *known)
{
    const struct dm_enum *labels = known_enum(column, known);
    static const char *const suffixes[] = {
        [COLUMN_REQUIRED] = "", [COLUMN_NULLABLE] = "?", [COLUMN_LIST] = "[]"};
    const struct column_type *type = &column->type;
    switch (type->family) {
    case COLUMN_SCALAR:
        strbuf_adds(writer->out, labels ? labels->name : dm_scalar_name(type->scalar));
        break;
    case COLUMN_ENUM:
        strbuf_adds(writer->out, writer->names->enumerations[type->enumeration->position]);
        break;
    case COLUMN_UNSUPPORTED:
        strbuf_adds(writer->out, "Unsupported(");
        put_text(writer->out, type->unsupported);
        strbuf_adds(writer->out, ")");
        break;
    }
    strbuf_adds(writer->out, suffixes[column->arity]);
}

// The name that the index would have if none were given; NULL: it has none.
static const char *usual_index_name(const struct writer *writer, const struct index *index)
{
    struct arena *arena = writer->names->arena;
    const char *table = writer->table->name;
    if (index->kind == DM_INDEX_PRIMARY)
        return constraint_name(arena, writer->dialect, table, NULL, "_pkey");
    AUTO_STRBUF columns = STRBUF_INIT;
    for (size_t i = 0; i < index->part_count; i++)
        strbuf_addf(&columns, "%s%s", i > 0 ? "_" : "", index->parts[i].column->name);
    return constraint_name(arena, writer->dialect, table, columns.data,
                           index->kind == DM_INDEX_UNIQUE ? "_key" : "_idx");
}

// Arguments of an attribute, of which there may be none.
struct arguments {
    struct strbuf *out;
    bool is_open;
};

static struct strbuf *next_argument(struct arguments *arguments)
{
    strbuf_adds(arguments->out, arguments->is_open ? ", " : "(");
    arguments->is_open = true;
    return arguments->out;
}

static void put_index_arguments(struct writer *writer, const struct index *index,
                                struct arguments *arguments)
{
    static const char *const types[] = {
        [DM_INDEX_HASH] = "Hash",     [DM_INDEX_GIST] = "Gist", [DM_INDEX_GIN] = "Gin",
        [DM_INDEX_SPGIST] = "SpGist", [DM_INDEX_BRIN] = "Brin",
    };
    if (index->name && strcmp(index->name, usual_index_name(writer, index)) != 0) {
        strbuf_adds(next_argument(arguments), "map: ");
        put_text(writer->out, index->name);
    }
    if (index->type > DM_INDEX_BTREE)
        strbuf_addf(next_argument(arguments), "type: %s", types[index->type]);
    if (index->where) {
        strbuf_adds(next_argument(arguments), "where: raw(");
        put_text(writer->out, index->where);
        strbuf_adds(writer->out, ")");
    }
    if (arguments->is_open)
        strbuf_adds(writer->out, ")");
}

static void put_order(const struct index_part *part, struct arguments *arguments)
{
    if (part->length > 0)
        strbuf_addf(next_argument(arguments), "length: %lld", (long long)part->length);
    if (part->sort == DM_SORT_DESC)
        strbuf_adds(next_argument(arguments), "sort: Desc");
}

static void put_part(struct writer *writer, const struct index *index,
                     const struct index_part *part)
{
    struct arguments arguments = {.out = writer->out};
    strbuf_adds(writer->out, names_column(writer->names, writer->table, part->column));
    // An index that is no B-tree has its class written out where the language has no other way.
    bool is_odd = index->type > DM_INDEX_BTREE && part->column->type.family == COLUMN_UNSUPPORTED;
    const char *sql = part->operator_class ? part->operator_class
                      : is_odd             ? part->usual_operator_class
                                           : NULL;
    if (sql) {
        const struct operator_class *class = operator_class_find_sql(sql);
        strbuf_adds(next_argument(&arguments), "ops: ");
        if (class)
            strbuf_adds(writer->out, class->name);
        else
            strbuf_addf(writer->out, "raw(\"%s\")", sql);
    }
    put_order(part, &arguments);
    if (arguments.is_open)
        strbuf_adds(writer->out, ")");
}

// Whether it is said at its field: @id, @unique.
static bool is_at_field(const struct index *index)
{
    return index->part_count == 1 && index->kind <= DM_INDEX_UNIQUE && !index->where &&
           !index->parts[0].operator_class;
}

static void put_field_index(struct writer *writer, const struct index *index, const char *attribute)
{
    struct arguments arguments = {.out = writer->out};
    strbuf_adds(writer->out, attribute);
    put_order(&index->parts[0], &arguments);
    put_index_arguments(writer, index, &arguments);
}

static void put_block_index(struct writer *writer, const struct index *index)
{
    static const char *const words[] = {[DM_INDEX_PRIMARY] = "@@id",
                                        [DM_INDEX_UNIQUE] = "@@unique",
                                        [DM_INDEX_NORMAL] = "@@index",
                                        [DM_INDEX_FULLTEXT] = "@@fulltext"};
    struct arguments arguments = {.out = writer->out};
    strbuf_adds(writer->out, words[index->kind]);
    strbuf_adds(next_argument(&arguments), "[");
    for (size_t i = 0; i < index->part_count; i++) {
        strbuf_adds(writer->out, i > 0 ? ", " : "");
        put_part(writer, index, &index->parts[i]);
    }
    strbuf_adds(writer->out, "]");
    put_index_arguments(writer, index, &arguments);
    strbuf_adds(writer->out, "\n");
}

static void put_column(struct writer *writer, const struct column *column)
{
    const struct table *table = writer->table;
    struct strbuf *out = writer->out;
    const struct dm_field *known = names_known_field(writer->names, table, column);
    const char *name = names_column(writer->names, table, column);
    put_documentation(out, known ? known->documentation : NULL);
    strbuf_addf(out, "%s ", name);
    put_type(writer, column, known);
    const struct index *key = table->primary_key;
    if (key && is_at_field(key) && key->parts[0].column == column)
        put_field_index(writer, key, " @id");
    for (size_t i = 0; i < table->index_count; i++) {
        if (is_at_field(&table->indexes[i]) && table->indexes[i].parts[0].column == column) {
            put_field_index(writer, &table->indexes[i], " @unique");
            break; // a second one is said at the block's end
        }
    }
    put_default(writer, column, known);
    if (is_still(column, known) && known->is_updated_at)
        strbuf_adds(out, " @updatedAt");
    if (strcmp(name, column->name) != 0) {
        strbuf_adds(out, " @map(");
        put_text(out, column->name);
        strbuf_adds(out, ")");
    }
    put_native_type(writer, &column->type);
    strbuf_adds(out, known && known->is_ignored ? " @ignore\n" : "\n");
}

// Whether the field of its only column has said another index already.
static bool is_second(const struct table *table, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (is_at_field(&table->indexes[i]) &&
            table->indexes[i].parts[0].column == table->indexes[index].parts[0].column)
            return true;
    }
    return false;
}

static void put_block_attributes(struct writer *writer, const char *name, const char *db_name,
                                 const char *schema)
{
    if (strcmp(name, db_name) != 0) {
        strbuf_adds(writer->out, "@@map(");
        put_text(writer->out, db_name);
        strbuf_adds(writer->out, ")\n");
    }
    if (schema) {
        strbuf_adds(writer->out, "@@schema(");
        put_text(writer->out, schema);
        strbuf_adds(writer->out, ")\n");
    }
}

static void put_model(struct writer *writer, const struct relation_fields *relations,
                      bool is_ignored)
{
    const struct table *table = writer->table;
    struct strbuf *out = writer->out;
    const struct dm_model *known = writer->names->known_models[table->position];
    put_documentation(out, known ? known->documentation : NULL);
    strbuf_addf(out, "model %s {\n", names_table(writer->names, table));
    for (size_t i = 0; i < table->column_count; i++)
        put_column(writer, &table->columns[i]);
    for (size_t i = 0; i < relations->count; i++)
        strbuf_addf(out, "%s %s %s\n", relations->items[i].name, relations->items[i].type,
                    relations->items[i].attribute);
    if (table->primary_key && !is_at_field(table->primary_key))
        put_block_index(writer, table->primary_key);
    for (size_t i = 0; i < table->index_count; i++) {
        if (!is_at_field(&table->indexes[i]) || is_second(table, i))
            put_block_index(writer, &table->indexes[i]);
    }
    if (is_ignored)
        strbuf_adds(out, "@@ignore\n");
    put_block_attributes(writer, names_table(writer->names, table), table->name, table->schema);
    strbuf_adds(out, "}\n\n");
}

static void put_enumeration(struct writer *writer, const struct enumeration *enumeration)
{
    const char *name = writer->names->enumerations[enumeration->position];
    const struct dm_enum *known = writer->names->known_enums[enumeration->position];
    if (writer->names->written[enumeration->position] != enumeration)
        return;
    strbuf_addf(writer->out, "enum %s {\n", name);
    for (size_t i = 0; i < enumeration->value_count; i++) {
        const char *word = writer->names->values[enumeration->position][i];
        strbuf_adds(writer->out, word);
        if (strcmp(word, enumeration->values[i]) != 0) {
            strbuf_adds(writer->out, " @map(");
            put_text(writer->out, enumeration->values[i]);
            strbuf_adds(writer->out, ")");
        }
        strbuf_adds(writer->out, "\n");
    }
    put_block_attributes(writer, name, known ? known->db_name : enumeration->name,
                         enumeration->schema);
    strbuf_adds(writer->out, "}\n\n");
}

static bool names_row(const struct index *index)
{
    for (size_t i = 0; i < index->part_count; i++) {
        const struct column *column = index->parts[i].column;
        if (column->arity != COLUMN_REQUIRED || column->type.family == COLUMN_UNSUPPORTED)
            return false;
    }
    return index->kind <= DM_INDEX_UNIQUE && !index->where;
}

// Whether the client could not tell the table's rows apart.
static bool is_out_of_reach(const struct table *table)
{
    if (table->primary_key && names_row(table->primary_key))
        return false;
    for (size_t i = 0; i < table->index_count; i++) {
        if (names_row(&table->indexes[i]))
            return false;
    }
    return true;
}

void schema_text_write(const struct model *model, const struct datamodel *known, struct strbuf *out)
{
    struct names names;
    names_init(&names, model, known);
    bool *is_ignored = ARENA_ARRAY(names.arena, bool, model->table_count + 1);
    for (size_t i = 0; i < model->table_count; i++)
        is_ignored[i] = is_out_of_reach(&model->tables[i]) ||
                        (names.known_models[i] && names.known_models[i]->is_ignored);
    const struct relation_fields *relations = relation_fields_of(&names, is_ignored);
    struct writer writer = {
        .names = &names,
        .out = out,
        .dialect = model->dialect,
        .datasource = known && known->datasource ? known->datasource->name : "db",
    };
    for (size_t i = 0; i < model->table_count; i++) {
        writer.table = &model->tables[i];
        if (!table_is_join(&names, writer.table))
            put_model(&writer, &relations[i], is_ignored[i]);
    }
    for (size_t i = 0; i < model->enumeration_count; i++)
        put_enumeration(&writer, &model->enumerations[i]);
    names_release(&names);
}
