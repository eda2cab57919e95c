#pragma once
// Column types of PostgreSQL, as the schema language names them: code, name, SQL, scalar,
// arguments.

#define POSTGRES_TYPES(X)                                                     \
    X(PG_SMALLINT, "SmallInt", "SMALLINT", DM_INT, TYPE_PLAIN)                \
    X(PG_INTEGER, "Integer", "INTEGER", DM_INT, TYPE_PLAIN)                   \
    X(PG_OID, "Oid", "OID", DM_INT, TYPE_PLAIN)                               \
    X(PG_BIGINT, "BigInt", "BIGINT", DM_BIGINT, TYPE_PLAIN)                   \
    X(PG_REAL, "Real", "REAL", DM_FLOAT, TYPE_PLAIN)                          \
    X(PG_DOUBLE, "DoublePrecision", "DOUBLE PRECISION", DM_FLOAT, TYPE_PLAIN) \
    X(PG_DECIMAL, "Decimal", "DECIMAL", DM_DECIMAL, TYPE_PRECISION)           \
    X(PG_MONEY, "Money", "MONEY", DM_DECIMAL, TYPE_PLAIN)                     \
    X(PG_BOOLEAN, "Boolean", "BOOLEAN", DM_BOOLEAN, TYPE_PLAIN)               \
    X(PG_TEXT, "Text", "TEXT", DM_STRING, TYPE_PLAIN)                         \
    X(PG_VARCHAR, "VarChar", "VARCHAR", DM_STRING, TYPE_LENGTH)               \
    X(PG_CHAR, "Char", "CHAR", DM_STRING, TYPE_LENGTH)                        \
    X(PG_CITEXT, "Citext", "CITEXT", DM_STRING, TYPE_PLAIN)                   \
    X(PG_UUID, "Uuid", "UUID", DM_STRING, TYPE_PLAIN)                         \
    X(PG_XML, "Xml", "XML", DM_STRING, TYPE_PLAIN)                            \
    X(PG_INET, "Inet", "INET", DM_STRING, TYPE_PLAIN)                         \
    X(PG_BIT, "Bit", "BIT", DM_STRING, TYPE_LENGTH)                           \
    X(PG_VARBIT, "VarBit", "VARBIT", DM_STRING, TYPE_LENGTH)                  \
    X(PG_TIMESTAMP, "Timestamp", "TIMESTAMP", DM_DATETIME, TYPE_LENGTH)       \
    X(PG_TIMESTAMPTZ, "Timestamptz", "TIMESTAMPTZ", DM_DATETIME, TYPE_LENGTH) \
    X(PG_DATE, "Date", "DATE", DM_DATETIME, TYPE_PLAIN)                       \
    X(PG_TIME, "Time", "TIME", DM_DATETIME, TYPE_LENGTH)                      \
    X(PG_TIMETZ, "Timetz", "TIMETZ", DM_DATETIME, TYPE_LENGTH)                \
    X(PG_JSON, "Json", "JSON", DM_JSON, TYPE_PLAIN)                           \
    X(PG_JSONB, "JsonB", "JSONB", DM_JSON, TYPE_PLAIN)                        \
    X(PG_BYTEA, "ByteA", "BYTEA", DM_BYTES, TYPE_PLAIN)

enum postgres_type {
#define X(code, name, sql, scalar, arguments) code,
    POSTGRES_TYPES(X)
#undef X
        PG_TYPE_COUNT
};
