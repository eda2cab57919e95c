// What SQL Server's ALTER COLUMN makes of a column's type.
#include <string.h>

#include "migrator/diff/dialect_rules.h"
#include "migrator/model/types_sqlserver.h"

#define BIT(code) (1u << (code))
#define INTEGERS (BIT(MS_TINYINT) | BIT(MS_SMALLINT) | BIT(MS_INT) | BIT(MS_BIGINT))
#define MONEYS (BIT(MS_MONEY) | BIT(MS_SMALLMONEY))
#define FLOATS (BIT(MS_FLOAT) | BIT(MS_REAL))
#define NUMBERS (INTEGERS | MONEYS | FLOATS | BIT(MS_DECIMAL) | BIT(MS_BIT))
#define CHARS (BIT(MS_CHAR) | BIT(MS_NCHAR) | BIT(MS_VARCHAR) | BIT(MS_NVARCHAR))
#define BINARIES (BIT(MS_BINARY) | BIT(MS_VARBINARY))
#define LONG_TEXTS (BIT(MS_TEXT) | BIT(MS_NTEXT))
#define OLD_MOMENTS (BIT(MS_DATETIME) | BIT(MS_SMALLDATETIME))
#define MOMENTS (OLD_MOMENTS | BIT(MS_DATETIME2) | BIT(MS_DATETIMEOFFSET))

#define NUMBER_TARGETS (NUMBERS | OLD_MOMENTS | BINARIES | CHARS)
#define CHAR_TARGETS                                                        \
    (NUMBERS | MOMENTS | BIT(MS_DATE) | BIT(MS_TIME) | CHARS | LONG_TEXTS | \
     BIT(MS_UNIQUEIDENTIFIER))
#define BINARY_TARGETS                                                                    \
    ((NUMBERS & ~FLOATS) | OLD_MOMENTS | CHARS | BINARIES | BIT(MS_IMAGE) | BIT(MS_XML) | \
     BIT(MS_UNIQUEIDENTIFIER))

enum { WIDTH_ENDLESS = INT32_MAX };

struct cast_rule {
    unsigned targets;
    unsigned risky;     // may fail or lose digits
    int32_t safe_width; // characters that a CHAR or VARCHAR must have
};

#define NARROWING (OLD_MOMENTS | BIT(MS_BIT))
static const struct cast_rule casts[MS_TYPE_COUNT] = {
    [MS_BIT] = {NUMBER_TARGETS, 0, 0},
    [MS_TINYINT] = {NUMBER_TARGETS, BIT(MS_BIT), 3},
    [MS_SMALLINT] = {NUMBER_TARGETS, BIT(MS_BIT) | BIT(MS_TINYINT), 6},
    [MS_INT] = {NUMBER_TARGETS, NARROWING | BIT(MS_TINYINT) | BIT(MS_SMALLINT) | BIT(MS_SMALLMONEY),
                11},
    [MS_BIGINT] = {NUMBER_TARGETS, NARROWING | MONEYS | (INTEGERS & ~BIT(MS_BIGINT)), 20},
    [MS_DECIMAL] = {NUMBER_TARGETS, NUMBERS | OLD_MOMENTS | BINARIES, 40},
    [MS_MONEY] = {NUMBER_TARGETS, NUMBERS | OLD_MOMENTS, 21},
    [MS_SMALLMONEY] = {NUMBER_TARGETS, (NUMBERS & ~MONEYS) | OLD_MOMENTS, 12},
    [MS_FLOAT] = {NUMBER_TARGETS, NUMBERS | OLD_MOMENTS, 317},
    [MS_REAL] = {NUMBER_TARGETS, NUMBERS | OLD_MOMENTS, 47},
    [MS_DATE] = {MOMENTS | CHARS, BIT(MS_SMALLDATETIME), 10},
    [MS_TIME] = {MOMENTS | CHARS, OLD_MOMENTS, 8},
    [MS_DATETIME] = {MOMENTS | BIT(MS_DATE) | BIT(MS_TIME) | CHARS,
                     BIT(MS_DATE) | BIT(MS_TIME) | BIT(MS_SMALLDATETIME), 23},
    [MS_DATETIME2] = {MOMENTS | BIT(MS_DATE) | BIT(MS_TIME) | CHARS,
                      BIT(MS_DATE) | BIT(MS_TIME) | OLD_MOMENTS, 27},
    [MS_DATETIMEOFFSET] = {MOMENTS | BIT(MS_DATE) | BIT(MS_TIME) | CHARS,
                           MOMENTS | BIT(MS_DATE) | BIT(MS_TIME), 33},
    [MS_SMALLDATETIME] = {MOMENTS | BIT(MS_DATE) | BIT(MS_TIME) | CHARS,
                          BIT(MS_DATE) | BIT(MS_TIME), 19},
    [MS_CHAR] = {CHAR_TARGETS, CHAR_TARGETS & ~CHARS & ~LONG_TEXTS, WIDTH_ENDLESS},
    [MS_NCHAR] = {CHAR_TARGETS, CHAR_TARGETS & ~BIT(MS_NCHAR) & ~BIT(MS_NVARCHAR) & ~BIT(MS_NTEXT),
                  WIDTH_ENDLESS},
    [MS_VARCHAR] = {CHAR_TARGETS, CHAR_TARGETS & ~CHARS & ~LONG_TEXTS, WIDTH_ENDLESS},
    [MS_NVARCHAR] = {CHAR_TARGETS,
                     CHAR_TARGETS & ~BIT(MS_NCHAR) & ~BIT(MS_NVARCHAR) & ~BIT(MS_NTEXT),
                     WIDTH_ENDLESS},
    [MS_TEXT] = {CHARS | LONG_TEXTS, CHARS & ~BIT(MS_VARCHAR), WIDTH_ENDLESS},
    [MS_NTEXT] = {CHARS | LONG_TEXTS, (CHARS | BIT(MS_TEXT)) & ~BIT(MS_NVARCHAR), WIDTH_ENDLESS},
    [MS_BINARY] = {BINARY_TARGETS, BINARY_TARGETS & ~CHARS & ~BINARIES & ~BIT(MS_IMAGE), 0},
    [MS_VARBINARY] = {BINARY_TARGETS, BINARY_TARGETS & ~CHARS & ~BINARIES & ~BIT(MS_IMAGE),
                      WIDTH_ENDLESS},
    [MS_IMAGE] = {BINARIES | BIT(MS_IMAGE), BIT(MS_BINARY), WIDTH_ENDLESS},
    [MS_XML] = {CHARS | BINARIES | BIT(MS_XML), (CHARS | BINARIES) & ~BIT(MS_NVARCHAR),
                WIDTH_ENDLESS},
    [MS_UNIQUEIDENTIFIER] = {CHARS | BINARIES, 0, 36},
};

// Without a length it is 1; "max" is endless.
static int32_t width_of(const struct column_type *type)
{
    if (type->argument_count == 0)
        return 1;
    return type->arguments[0] == TYPE_ARGUMENT_MAX ? WIDTH_ENDLESS : type->arguments[0];
}

static bool same_type(const struct column_type *from, const struct column_type *to)
{
    unsigned source = from->native->code;
    unsigned target = to->native->code;
    bool is_float = BIT(source) & FLOATS && BIT(target) & FLOATS;
    if (is_float) { // FLOAT is FLOAT(53), REAL is FLOAT(24)
        int32_t l = source == MS_REAL ? 24 : from->argument_count ? from->arguments[0] : 53;
        int32_t r = target == MS_REAL ? 24 : to->argument_count ? to->arguments[0] : 53;
        return l == r;
    }
    return source == target && from->argument_count == to->argument_count &&
           memcmp(from->arguments, to->arguments, sizeof from->arguments) == 0;
}

static enum type_change native_change(const struct column_type *from, const struct column_type *to)
{
    if (same_type(from, to))
        return TYPE_SAME;
    const struct cast_rule *rule = &casts[from->native->code];
    unsigned target = BIT(to->native->code);
    if (!(rule->targets & target))
        return TYPE_RECREATE;
    if (rule->risky & target)
        return TYPE_RISKY_CAST;
    bool is_sized = BIT(from->native->code) & (CHARS | BINARIES);
    int32_t width = is_sized ? width_of(from) : rule->safe_width;
    return target & (CHARS | BINARIES) && width_of(to) < width ? TYPE_RISKY_CAST : TYPE_CAST;
}

enum type_change sqlserver_type_change(const struct column *from, const struct column *to)
{
    if (from->type.family == COLUMN_SCALAR && to->type.family == COLUMN_SCALAR)
        return native_change(&from->type, &to->type);
    if (from->type.family == COLUMN_UNSUPPORTED && to->type.family == COLUMN_UNSUPPORTED)
        return strcmp(from->type.unsupported, to->type.unsupported) == 0 ? TYPE_SAME
                                                                         : TYPE_RISKY_CAST;
    return TYPE_RISKY_CAST;
}
