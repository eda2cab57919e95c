#pragma once
// Column types of MySQL and MariaDB, as the schema language names them: code, name, SQL, scalar,
// arguments. TinyInt is also the type of Boolean, where it is written BOOLEAN.

#define MYSQL_TYPES(X)                                                                      \
    X(MY_INT, "Int", "INTEGER", DM_INT, TYPE_PLAIN)                                         \
    X(MY_UNSIGNED_INT, "UnsignedInt", "INTEGER UNSIGNED", DM_INT, TYPE_PLAIN)               \
    X(MY_SMALLINT, "SmallInt", "SMALLINT", DM_INT, TYPE_PLAIN)                              \
    X(MY_UNSIGNED_SMALLINT, "UnsignedSmallInt", "SMALLINT UNSIGNED", DM_INT, TYPE_PLAIN)    \
    X(MY_TINYINT, "TinyInt", "TINYINT", DM_INT, TYPE_PLAIN)                                 \
    X(MY_UNSIGNED_TINYINT, "UnsignedTinyInt", "TINYINT UNSIGNED", DM_INT, TYPE_PLAIN)       \
    X(MY_MEDIUMINT, "MediumInt", "MEDIUMINT", DM_INT, TYPE_PLAIN)                           \
    X(MY_UNSIGNED_MEDIUMINT, "UnsignedMediumInt", "MEDIUMINT UNSIGNED", DM_INT, TYPE_PLAIN) \
    X(MY_YEAR, "Year", "YEAR", DM_INT, TYPE_PLAIN)                                          \
    X(MY_BIGINT, "BigInt", "BIGINT", DM_BIGINT, TYPE_PLAIN)                                 \
    X(MY_UNSIGNED_BIGINT, "UnsignedBigInt", "BIGINT UNSIGNED", DM_BIGINT, TYPE_PLAIN)       \
    X(MY_FLOAT, "Float", "FLOAT", DM_FLOAT, TYPE_PLAIN)                                     \
    X(MY_DOUBLE, "Double", "DOUBLE", DM_FLOAT, TYPE_PLAIN)                                  \
    X(MY_DECIMAL, "Decimal", "DECIMAL", DM_DECIMAL, TYPE_PRECISION)                         \
    X(MY_BIT, "Bit", "BIT", DM_BYTES, TYPE_LENGTH)                                          \
    X(MY_CHAR, "Char", "CHAR", DM_STRING, TYPE_LENGTH)                                      \
    X(MY_VARCHAR, "VarChar", "VARCHAR", DM_STRING, TYPE_LENGTH)                             \
    X(MY_TINYTEXT, "TinyText", "TINYTEXT", DM_STRING, TYPE_PLAIN)                           \
    X(MY_TEXT, "Text", "TEXT", DM_STRING, TYPE_PLAIN)                                       \
    X(MY_MEDIUMTEXT, "MediumText", "MEDIUMTEXT", DM_STRING, TYPE_PLAIN)                     \
    X(MY_LONGTEXT, "LongText", "LONGTEXT", DM_STRING, TYPE_PLAIN)                           \
    X(MY_BINARY, "Binary", "BINARY", DM_BYTES, TYPE_LENGTH)                                 \
    X(MY_VARBINARY, "VarBinary", "VARBINARY", DM_BYTES, TYPE_LENGTH)                        \
    X(MY_TINYBLOB, "TinyBlob", "TINYBLOB", DM_BYTES, TYPE_PLAIN)                            \
    X(MY_BLOB, "Blob", "BLOB", DM_BYTES, TYPE_PLAIN)                                        \
    X(MY_MEDIUMBLOB, "MediumBlob", "MEDIUMBLOB", DM_BYTES, TYPE_PLAIN)                      \
    X(MY_LONGBLOB, "LongBlob", "LONGBLOB", DM_BYTES, TYPE_PLAIN)                            \
    X(MY_DATE, "Date", "DATE", DM_DATETIME, TYPE_PLAIN)                                     \
    X(MY_TIME, "Time", "TIME", DM_DATETIME, TYPE_LENGTH)                                    \
    X(MY_DATETIME, "DateTime", "DATETIME", DM_DATETIME, TYPE_LENGTH)                        \
    X(MY_TIMESTAMP, "Timestamp", "TIMESTAMP", DM_DATETIME, TYPE_LENGTH)                     \
    X(MY_JSON, "Json", "JSON", DM_JSON, TYPE_PLAIN)

enum mysql_type {
#define X(code, name, sql, scalar, arguments) code,
    MYSQL_TYPES(X)
#undef X
        MY_TYPE_COUNT
};
