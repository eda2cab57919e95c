#include "migrator/schema/native_types.h"

#include <string.h>
#include <strings.h>

#define S(name) (1u << DM_##name)
#define ANY_LENGTH UINT32_MAX

// name, scalars, least and most arguments, traits, bounds of the first argument, highest scale
const struct native_type_rule postgresql_native_types[POSTGRESQL_NATIVE_TYPES] = {
    {"SmallInt", S(INT), 0, 0, 0, 0, 0, 0},
    {"Integer", S(INT), 0, 0, 0, 0, 0, 0},
    {"BigInt", S(BIGINT), 0, 0, 0, 0, 0, 0},
    {"Decimal", S(DECIMAL), 0, 2, NATIVE_DECIMAL, 1, 1000, ANY_LENGTH},
    {"Money", S(DECIMAL), 0, 0, 0, 0, 0, 0},
    {"Inet", S(STRING), 0, 0, 0, 0, 0, 0},
    {"Oid", S(INT), 0, 0, 0, 0, 0, 0},
    {"Citext", S(STRING), 0, 0, 0, 0, 0, 0},
    {"Real", S(FLOAT), 0, 0, 0, 0, 0, 0},
    {"DoublePrecision", S(FLOAT), 0, 0, 0, 0, 0, 0},
    {"VarChar", S(STRING), 0, 1, 0, 0, ANY_LENGTH, 0},
    {"Char", S(STRING), 0, 1, 0, 0, ANY_LENGTH, 0},
    {"Text", S(STRING), 0, 0, 0, 0, 0, 0},
    {"ByteA", S(BYTES), 0, 0, 0, 0, 0, 0},
    {"Timestamp", S(DATETIME), 0, 1, 0, 0, 6, 0},
    {"Timestamptz", S(DATETIME), 0, 1, 0, 0, 6, 0},
    {"Date", S(DATETIME), 0, 0, 0, 0, 0, 0},
    {"Time", S(DATETIME), 0, 1, 0, 0, 6, 0},
    {"Timetz", S(DATETIME), 0, 1, 0, 0, 6, 0},
    {"Boolean", S(BOOLEAN), 0, 0, 0, 0, 0, 0},
    {"Bit", S(STRING), 0, 1, 0, 1, ANY_LENGTH, 0},
    {"VarBit", S(STRING), 0, 1, 0, 1, ANY_LENGTH, 0},
    {"Uuid", S(STRING), 0, 0, 0, 0, 0, 0},
    {"Xml", S(STRING), 0, 0, NATIVE_NO_INDEX, 0, 0, 0},
    {"Json", S(JSON), 0, 0, 0, 0, 0, 0},
    {"JsonB", S(JSON), 0, 0, 0, 0, 0, 0},
};

const struct native_type_rule mysql_native_types[MYSQL_NATIVE_TYPES] = {
    {"Int", S(INT), 0, 0, 0, 0, 0, 0},
    {"UnsignedInt", S(INT), 0, 0, 0, 0, 0, 0},
    {"SmallInt", S(INT), 0, 0, 0, 0, 0, 0},
    {"UnsignedSmallInt", S(INT), 0, 0, 0, 0, 0, 0},
    {"TinyInt", S(BOOLEAN) | S(INT), 0, 0, 0, 0, 0, 0},
    {"UnsignedTinyInt", S(BOOLEAN) | S(INT), 0, 0, 0, 0, 0, 0},
    {"MediumInt", S(INT), 0, 0, 0, 0, 0, 0},
    {"UnsignedMediumInt", S(INT), 0, 0, 0, 0, 0, 0},
    {"BigInt", S(BIGINT), 0, 0, 0, 0, 0, 0},
    {"Decimal", S(DECIMAL), 0, 2, NATIVE_DECIMAL, 0, 65, 30},
    {"UnsignedBigInt", S(BIGINT), 0, 0, 0, 0, 0, 0},
    {"Float", S(FLOAT), 0, 0, 0, 0, 0, 0},
    {"Double", S(FLOAT), 0, 0, 0, 0, 0, 0},
    {"Bit", S(BOOLEAN) | S(BYTES), 1, 1, NATIVE_ONE_BIT_BOOLEAN, 1, 64, 0},
    {"Char", S(STRING), 1, 1, 0, 0, 255, 0},
    {"VarChar", S(STRING), 1, 1, 0, 0, 65535, 0},
    {"Binary", S(BYTES), 1, 1, 0, 0, ANY_LENGTH, 0},
    {"VarBinary", S(BYTES), 1, 1, 0, 0, ANY_LENGTH, 0},
    {"TinyBlob", S(BYTES), 0, 0, NATIVE_NEEDS_PREFIX, 0, 0, 0},
    {"Blob", S(BYTES), 0, 0, NATIVE_NEEDS_PREFIX, 0, 0, 0},
    {"MediumBlob", S(BYTES), 0, 0, NATIVE_NEEDS_PREFIX, 0, 0, 0},
    {"LongBlob", S(BYTES), 0, 0, NATIVE_NEEDS_PREFIX, 0, 0, 0},
    {"TinyText", S(STRING), 0, 0, NATIVE_NEEDS_PREFIX, 0, 0, 0},
    {"Text", S(STRING), 0, 0, NATIVE_NEEDS_PREFIX, 0, 0, 0},
    {"MediumText", S(STRING), 0, 0, NATIVE_NEEDS_PREFIX, 0, 0, 0},
    {"LongText", S(STRING), 0, 0, NATIVE_NEEDS_PREFIX, 0, 0, 0},
    {"Date", S(DATETIME), 0, 0, 0, 0, 0, 0},
    {"Time", S(DATETIME), 0, 1, 0, 0, ANY_LENGTH, 0},
    {"DateTime", S(DATETIME), 0, 1, 0, 0, ANY_LENGTH, 0},
    {"Timestamp", S(DATETIME), 0, 1, 0, 0, ANY_LENGTH, 0},
    {"Year", S(INT), 0, 0, 0, 0, 0, 0},
    {"Json", S(JSON), 0, 0, 0, 0, 0, 0},
};

const struct native_type_rule sqlserver_native_types[SQLSERVER_NATIVE_TYPES] = {
    {"TinyInt", S(INT), 0, 0, 0, 0, 0, 0},
    {"SmallInt", S(INT), 0, 0, 0, 0, 0, 0},
    {"Int", S(INT), 0, 0, 0, 0, 0, 0},
    {"BigInt", S(BIGINT), 0, 0, 0, 0, 0, 0},
    {"Decimal", S(DECIMAL), 0, 2, NATIVE_DECIMAL, 1, 38, 38},
    {"Money", S(FLOAT), 0, 0, 0, 0, 0, 0},
    {"SmallMoney", S(FLOAT), 0, 0, 0, 0, 0, 0},
    {"Bit", S(BOOLEAN) | S(INT), 0, 0, 0, 0, 0, 0},
    {"Float", S(FLOAT), 0, 1, 0, 1, 53, 0},
    {"Real", S(FLOAT), 0, 0, 0, 0, 0, 0},
    {"Date", S(DATETIME), 0, 0, 0, 0, 0, 0},
    {"Time", S(DATETIME), 0, 0, 0, 0, 0, 0},
    {"DateTime", S(DATETIME), 0, 0, 0, 0, 0, 0},
    {"DateTime2", S(DATETIME), 0, 0, 0, 0, 0, 0},
    {"DateTimeOffset", S(DATETIME), 0, 0, 0, 0, 0, 0},
    {"SmallDateTime", S(DATETIME), 0, 0, 0, 0, 0, 0},
    {"Char", S(STRING), 0, 1, 0, 0, 8000, 0},
    {"NChar", S(STRING), 0, 1, 0, 0, 4000, 0},
    {"VarChar", S(STRING), 0, 1, NATIVE_TAKES_MAX | NATIVE_NO_INDEX_OF_MAX, 0, 8000, 0},
    {"Text", S(STRING), 0, 0, NATIVE_NO_INDEX, 0, 0, 0},
    {"NVarChar", S(STRING), 0, 1, NATIVE_TAKES_MAX | NATIVE_NO_INDEX_OF_MAX, 0, 4000, 0},
    {"NText", S(STRING), 0, 0, NATIVE_NO_INDEX, 0, 0, 0},
    {"Binary", S(BYTES), 0, 1, 0, 0, 8000, 0},
    {"VarBinary", S(BYTES), 0, 1, NATIVE_TAKES_MAX | NATIVE_NO_INDEX_OF_MAX, 0, 8000, 0},
    {"Image", S(BYTES), 0, 0, NATIVE_NO_INDEX, 0, 0, 0},
    {"Xml", S(STRING), 0, 0, NATIVE_NO_INDEX, 0, 0, 0},
    {"UniqueIdentifier", S(STRING), 0, 0, 0, 0, 0, 0},
};

const struct native_type_rule *native_type_find(const struct provider_rules *rules,
                                                const char *name, size_t length)
{
    for (size_t i = 0; i < rules->native_type_count; i++) {
        const char *known = rules->native_types[i].name;
        if (strlen(known) == length && memcmp(known, name, length) == 0)
            return &rules->native_types[i];
    }
    return NULL;
}

const struct native_type_rule *native_type_rule_of(const struct provider_rules *rules,
                                                   const struct dm_native_type *type)
{
    return native_type_find(rules, type->name, strlen(type->name));
}

bool native_type_refuses_index(const struct provider_rules *rules,
                               const struct dm_native_type *type, bool has_prefix)
{
    unsigned traits = native_type_rule_of(rules, type)->traits;
    bool is_max = type->argument_count == 1 && strcasecmp(type->arguments[0], "max") == 0;
    return (traits & NATIVE_NO_INDEX) || ((traits & NATIVE_NO_INDEX_OF_MAX) && is_max) ||
           ((traits & NATIVE_NEEDS_PREFIX) && !has_prefix);
}
