#pragma once
// Column types of SQL Server, as the schema language names them: code, name, SQL, scalar,
// arguments.

#define SQLSERVER_TYPES(X)                                                            \
    X(MS_TINYINT, "TinyInt", "TINYINT", DM_INT, TYPE_PLAIN)                           \
    X(MS_SMALLINT, "SmallInt", "SMALLINT", DM_INT, TYPE_PLAIN)                        \
    X(MS_INT, "Int", "INT", DM_INT, TYPE_PLAIN)                                       \
    X(MS_BIGINT, "BigInt", "BIGINT", DM_BIGINT, TYPE_PLAIN)                           \
    X(MS_DECIMAL, "Decimal", "DECIMAL", DM_DECIMAL, TYPE_PRECISION)                   \
    X(MS_MONEY, "Money", "MONEY", DM_FLOAT, TYPE_PLAIN)                               \
    X(MS_SMALLMONEY, "SmallMoney", "SMALLMONEY", DM_FLOAT, TYPE_PLAIN)                \
    X(MS_BIT, "Bit", "BIT", DM_BOOLEAN, TYPE_PLAIN)                                   \
    X(MS_FLOAT, "Float", "FLOAT", DM_FLOAT, TYPE_LENGTH)                              \
    X(MS_REAL, "Real", "REAL", DM_FLOAT, TYPE_PLAIN)                                  \
    X(MS_DATE, "Date", "DATE", DM_DATETIME, TYPE_PLAIN)                               \
    X(MS_TIME, "Time", "TIME", DM_DATETIME, TYPE_PLAIN)                               \
    X(MS_DATETIME, "DateTime", "DATETIME", DM_DATETIME, TYPE_PLAIN)                   \
    X(MS_DATETIME2, "DateTime2", "DATETIME2", DM_DATETIME, TYPE_PLAIN)                \
    X(MS_DATETIMEOFFSET, "DateTimeOffset", "DATETIMEOFFSET", DM_DATETIME, TYPE_PLAIN) \
    X(MS_SMALLDATETIME, "SmallDateTime", "SMALLDATETIME", DM_DATETIME, TYPE_PLAIN)    \
    X(MS_CHAR, "Char", "CHAR", DM_STRING, TYPE_LENGTH)                                \
    X(MS_NCHAR, "NChar", "NCHAR", DM_STRING, TYPE_LENGTH)                             \
    X(MS_VARCHAR, "VarChar", "VARCHAR", DM_STRING, TYPE_LENGTH)                       \
    X(MS_TEXT, "Text", "TEXT", DM_STRING, TYPE_PLAIN)                                 \
    X(MS_NVARCHAR, "NVarChar", "NVARCHAR", DM_STRING, TYPE_LENGTH)                    \
    X(MS_NTEXT, "NText", "NTEXT", DM_STRING, TYPE_PLAIN)                              \
    X(MS_BINARY, "Binary", "BINARY", DM_BYTES, TYPE_LENGTH)                           \
    X(MS_VARBINARY, "VarBinary", "VARBINARY", DM_BYTES, TYPE_LENGTH)                  \
    X(MS_IMAGE, "Image", "IMAGE", DM_BYTES, TYPE_PLAIN)                               \
    X(MS_XML, "Xml", "XML", DM_STRING, TYPE_PLAIN)                                    \
    X(MS_UNIQUEIDENTIFIER, "UniqueIdentifier", "UNIQUEIDENTIFIER", DM_STRING, TYPE_PLAIN)

enum sqlserver_type_code {
#define X(code, name, sql, scalar, arguments) code,
    SQLSERVER_TYPES(X)
#undef X
        MS_TYPE_COUNT
};
