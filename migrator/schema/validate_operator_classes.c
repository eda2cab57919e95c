// PostgreSQL's index types: which types of fields they take, and with which operator class.
#include <string.h>

#include "migrator/schema/operator_classes.h"
#include "migrator/schema/resolver.h"

// Whether `word` is one of the words of `list`, which spaces separate.
static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; (at = strstr(at, word)) != NULL; at += length) {
        bool begins = at == list || at[-1] == ' ';
        if (begins && (at[length] == '\0' || at[length] == ' '))
            return true;
    }
    return false;
}

static bool is_scalar(const struct dm_field *field, unsigned scalars)
{
    return field->type_kind == DM_TYPE_SCALAR && (scalars & 1u << field->scalar);
}

// The types that have a default operator class for a type of index.
static bool has_default_class(const struct dm_field *field, enum dm_index_type type)
{
    static const char brin[] =
        "Bit VarBit Char Date Real DoublePrecision Inet SmallInt Integer BigInt Decimal Oid ByteA "
        "Text VarChar Timestamp Timestamptz Time Timetz Uuid";
    if (field->type_kind == DM_TYPE_UNSUPPORTED)
        return true;
    const char *native = field->native ? field->native->name : NULL;
    switch (type) {
    case DM_INDEX_GIN:
        return field->arity == DM_LIST ||
               (native ? strcmp(native, "JsonB") == 0 : is_scalar(field, 1u << DM_JSON));
    case DM_INDEX_GIST: return !native && is_scalar(field, 1u << DM_STRING);
    case DM_INDEX_SPGIST:
        return native ? has_word("Inet Text VarChar Char", native)
                      : is_scalar(field, 1u << DM_STRING);
    case DM_INDEX_BRIN:
        return native ? has_word(brin, native)
                      : is_scalar(field, 1u << DM_STRING | 1u << DM_BYTES | 1u << DM_DATETIME |
                                             1u << DM_FLOAT | 1u << DM_INT | 1u << DM_BIGINT |
                                             1u << DM_DECIMAL);
    default: return true;
    }
}

static bool class_fits(const struct operator_class *class, const struct dm_field *field)
{
    if (class->native_types[0] == '\0')
        return field->arity == DM_LIST;
    if (field->native)
        return has_word(class->native_types, field->native->name);
    return class->scalar >= 0 && is_scalar(field, 1u << class->scalar);
}

static void check_part(struct resolver *resolver, const struct dm_index *index,
                       enum dm_index_type type, const struct dm_index_field *part)
{
    const struct dm_field *field = part->field;
    if (!part->operator_class) {
        if (has_default_class(field, type))
            return;
        diag_error(resolver->diagnostics, index->span,
                   "an index of type %s does not take the type of \"%s\"", index_type_name(type),
                   field->name);
        diag_hint(resolver->diagnostics, "name an operator class: %s(ops: raw(\"…\"))",
                  field->name);
        return;
    }
    const struct operator_class *class = operator_class_by_sql(part->operator_class);
    if (!class) // raw: the user knows better
        return;
    if (!(class->index_types & 1u << type)) {
        diag_error(resolver->diagnostics, index->span,
                   "the operator class %s is not for indexes of type %s", class->name,
                   index_type_name(type));
    } else if (!class_fits(class, field)) {
        diag_error(resolver->diagnostics, index->span,
                   "the operator class %s does not fit the type of \"%s\"", class->name,
                   field->name);
        if (class->native_types[0] && !field->native)
            diag_hint(resolver->diagnostics, "it is for the native types %s", class->native_types);
    }
}

void validate_operator_classes(struct resolver *resolver, const struct dm_index *index)
{
    enum dm_index_type type = index->type == DM_INDEX_TYPE_ABSENT ? DM_INDEX_BTREE : index->type;
    if (type == DM_INDEX_SPGIST && index->field_count > 1)
        diag_error(resolver->diagnostics, index->span,
                   "an index of type SpGist has one field only");
    for (size_t i = 0; i < index->field_count; i++)
        check_part(resolver, index, type, &index->fields[i]);
}
