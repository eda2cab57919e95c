#include "migrator/schema/operator_classes.h"

#include <assert.h>
#include <string.h>

enum {
    GIN = 1 << DM_INDEX_GIN,
    SPGIST = 1 << DM_INDEX_SPGIST,
    BRIN = 1 << DM_INDEX_BRIN,
    GIST_OR_SPGIST = 1 << DM_INDEX_GIST | 1 << DM_INDEX_SPGIST,
};

static const struct operator_class classes[] = {
    {"InetOps", "inet_ops", GIST_OR_SPGIST, "Inet", -1},
    {"JsonbOps", "jsonb_ops", GIN, "JsonB", DM_JSON},
    {"JsonbPathOps", "jsonb_path_ops", GIN, "JsonB", DM_JSON},
    {"ArrayOps", "array_ops", GIN, "", -1},
    {"TextOps", "text_ops", SPGIST, "Text VarChar Char", DM_STRING},
    {"BitMinMaxOps", "bit_minmax_ops", BRIN, "Bit", -1},
    {"VarBitMinMaxOps", "varbit_minmax_ops", BRIN, "VarBit", -1},
    {"BpcharBloomOps", "bpchar_bloom_ops", BRIN, "Char", -1},
    {"BpcharMinMaxOps", "bpchar_minmax_ops", BRIN, "Char", -1},
    {"ByteaBloomOps", "bytea_bloom_ops", BRIN, "ByteA", DM_BYTES},
    {"ByteaMinMaxOps", "bytea_minmax_ops", BRIN, "ByteA", DM_BYTES},
    {"DateBloomOps", "date_bloom_ops", BRIN, "Date", -1},
    {"DateMinMaxOps", "date_minmax_ops", BRIN, "Date", -1},
    {"DateMinMaxMultiOps", "date_minmax_multi_ops", BRIN, "Date", -1},
    {"Float4BloomOps", "float4_bloom_ops", BRIN, "Real", -1},
    {"Float4MinMaxOps", "float4_minmax_ops", BRIN, "Real", -1},
    {"Float4MinMaxMultiOps", "float4_minmax_multi_ops", BRIN, "Real", -1},
    {"Float8BloomOps", "float8_bloom_ops", BRIN, "DoublePrecision", DM_FLOAT},
    {"Float8MinMaxOps", "float8_minmax_ops", BRIN, "DoublePrecision", DM_FLOAT},
    {"Float8MinMaxMultiOps", "float8_minmax_multi_ops", BRIN, "DoublePrecision", DM_FLOAT},
    {"InetInclusionOps", "inet_inclusion_ops", BRIN, "Inet", -1},
    {"InetBloomOps", "inet_bloom_ops", BRIN, "Inet", -1},
    {"InetMinMaxOps", "inet_minmax_ops", BRIN, "Inet", -1},
    {"InetMinMaxMultiOps", "inet_minmax_multi_ops", BRIN, "Inet", -1},
    {"Int2BloomOps", "int2_bloom_ops", BRIN, "SmallInt", -1},
    {"Int2MinMaxOps", "int2_minmax_ops", BRIN, "SmallInt", -1},
    {"Int2MinMaxMultiOps", "int2_minmax_multi_ops", BRIN, "SmallInt", -1},
    {"Int4BloomOps", "int4_bloom_ops", BRIN, "Integer", DM_INT},
    {"Int4MinMaxOps", "int4_minmax_ops", BRIN, "Integer", DM_INT},
    {"Int4MinMaxMultiOps", "int4_minmax_multi_ops", BRIN, "Integer", DM_INT},
    {"Int8BloomOps", "int8_bloom_ops", BRIN, "BigInt", DM_BIGINT},
    {"Int8MinMaxOps", "int8_minmax_ops", BRIN, "BigInt", DM_BIGINT},
    {"Int8MinMaxMultiOps", "int8_minmax_multi_ops", BRIN, "BigInt", DM_BIGINT},
    {"NumericBloomOps", "numeric_bloom_ops", BRIN, "Decimal", DM_DECIMAL},
    {"NumericMinMaxOps", "numeric_minmax_ops", BRIN, "Decimal", DM_DECIMAL},
    {"NumericMinMaxMultiOps", "numeric_minmax_multi_ops", BRIN, "Decimal", DM_DECIMAL},
    {"OidBloomOps", "oid_bloom_ops", BRIN, "Oid", -1},
    {"OidMinMaxOps", "oid_minmax_ops", BRIN, "Oid", -1},
    {"OidMinMaxMultiOps", "oid_minmax_multi_ops", BRIN, "Oid", -1},
    {"TextBloomOps", "text_bloom_ops", BRIN, "Text VarChar", DM_STRING},
    {"TextMinMaxOps", "text_minmax_ops", BRIN, "Text VarChar", DM_STRING},
    {"TimestampBloomOps", "timestamp_bloom_ops", BRIN, "Timestamp", DM_DATETIME},
    {"TimestampMinMaxOps", "timestamp_minmax_ops", BRIN, "Timestamp", DM_DATETIME},
    {"TimestampMinMaxMultiOps", "timestamp_minmax_multi_ops", BRIN, "Timestamp", DM_DATETIME},
    {"TimestampTzBloomOps", "timestamptz_bloom_ops", BRIN, "Timestamptz", -1},
    {"TimestampTzMinMaxOps", "timestamptz_minmax_ops", BRIN, "Timestamptz", -1},
    {"TimestampTzMinMaxMultiOps", "timestamptz_minmax_multi_ops", BRIN, "Timestamptz", -1},
    {"TimeBloomOps", "time_bloom_ops", BRIN, "Time", -1},
    {"TimeMinMaxOps", "time_minmax_ops", BRIN, "Time", -1},
    {"TimeMinMaxMultiOps", "time_minmax_multi_ops", BRIN, "Time", -1},
    {"TimeTzBloomOps", "timetz_bloom_ops", BRIN, "Timetz", -1},
    {"TimeTzMinMaxOps", "timetz_minmax_ops", BRIN, "Timetz", -1},
    {"TimeTzMinMaxMultiOps", "timetz_minmax_multi_ops", BRIN, "Timetz", -1},
    {"UuidBloomOps", "uuid_bloom_ops", BRIN, "Uuid", -1},
    {"UuidMinMaxOps", "uuid_minmax_ops", BRIN, "Uuid", -1},
    {"UuidMinMaxMultiOps", "uuid_minmax_multi_ops", BRIN, "Uuid", -1},
};
enum { CLASS_COUNT = sizeof classes / sizeof *classes };

const struct operator_class *operator_class_find(const char *name, size_t length)
{
    for (size_t i = 0; i < CLASS_COUNT; i++)
        if (strlen(classes[i].name) == length && memcmp(classes[i].name, name, length) == 0)
            return &classes[i];
    return NULL;
}

const struct operator_class *operator_class_by_sql(const char *sql)
{
    for (size_t i = 0; i < CLASS_COUNT; i++)
        if (classes[i].sql == sql)
            return &classes[i];
    return NULL;
}

const struct operator_class *operator_class_find_sql(const char *sql)
{
    for (size_t i = 0; i < CLASS_COUNT; i++)
        if (strcmp(classes[i].sql, sql) == 0)
            return &classes[i];
    return NULL;
}

size_t operator_class_names(const char *out[MOST_OPERATOR_CLASSES])
{
    static_assert((int)CLASS_COUNT <= (int)MOST_OPERATOR_CLASSES,
                  "the callers' arrays are too small");
    for (size_t i = 0; i < CLASS_COUNT; i++)
        out[i] = classes[i].name;
    return CLASS_COUNT;
}
