// What MySQL's MODIFY makes of a column's type. Nearly everything is converted; what could only
// fail or store nonsense is dropped and added.
#include <string.h>
#include <strings.h>

#include "migrator/diff/dialect_rules.h"
#include "migrator/model/types_mysql.h"

#define BIT(code) (UINT64_C(1) << (code))
#define SIGNED \
    (BIT(MY_TINYINT) | BIT(MY_SMALLINT) | BIT(MY_MEDIUMINT) | BIT(MY_INT) | BIT(MY_BIGINT))
#define UNSIGNED                                                                         \
    (BIT(MY_UNSIGNED_TINYINT) | BIT(MY_UNSIGNED_SMALLINT) | BIT(MY_UNSIGNED_MEDIUMINT) | \
     BIT(MY_UNSIGNED_INT) | BIT(MY_UNSIGNED_BIGINT))
#define INTEGERS (SIGNED | UNSIGNED)
#define FLOATS (BIT(MY_FLOAT) | BIT(MY_DOUBLE))
#define SIZED (BIT(MY_CHAR) | BIT(MY_VARCHAR) | BIT(MY_BINARY) | BIT(MY_VARBINARY))
#define TEXTS                                                                                \
    (BIT(MY_CHAR) | BIT(MY_VARCHAR) | BIT(MY_TINYTEXT) | BIT(MY_TEXT) | BIT(MY_MEDIUMTEXT) | \
     BIT(MY_LONGTEXT))
#define BLOBS (BIT(MY_TINYBLOB) | BIT(MY_BLOB) | BIT(MY_MEDIUMBLOB) | BIT(MY_LONGBLOB))
#define STRINGS (TEXTS | BLOBS | BIT(MY_BINARY) | BIT(MY_VARBINARY))
#define MOMENTS (BIT(MY_DATE) | BIT(MY_DATETIME) | BIT(MY_TIMESTAMP))
#define NO_NUMBER (MOMENTS | BIT(MY_JSON))
#define ANY (~UINT64_C(0))

struct cast_rule {
    uint64_t impossible; // no cast
    uint64_t risky;
};

#define SIGNED_RULE(narrower)                                                                     \
    {                                                                                             \
        NO_NUMBER | BIT(MY_TIME), (narrower) | UNSIGNED | FLOATS | BIT(MY_DECIMAL) | BIT(MY_YEAR) \
    }
#define SMALL_RULE(narrower)                                                      \
    {                                                                             \
        NO_NUMBER | BIT(MY_DECIMAL),                                              \
            (narrower) | UNSIGNED | FLOATS | STRINGS | BIT(MY_BIT) | BIT(MY_YEAR) \
    }
#define UNSIGNED_RULE(wider)                        \
    {                                               \
        NO_NUMBER | BIT(MY_DECIMAL), ANY & ~(wider) \
    }
#define TEXT_RULE(risky)                                                                           \
    {                                                                                              \
        0, (risky) | INTEGERS | FLOATS | BIT(MY_DECIMAL) | NO_NUMBER | BIT(MY_TIME) | BIT(MY_YEAR) \
    }
#define BLOB_RULE                                                                      \
    {                                                                                  \
        INTEGERS | FLOATS | BIT(MY_DECIMAL) | NO_NUMBER | BIT(MY_TIME) | BIT(MY_YEAR), \
            ANY & ~BLOBS                                                               \
    }
#define MOMENT_RULE                                                                          \
    {                                                                                        \
        FLOATS | (INTEGERS & ~BIT(MY_BIGINT) & ~BIT(MY_UNSIGNED_BIGINT)) | BIT(MY_DECIMAL) | \
            BIT(MY_JSON) | BIT(MY_YEAR),                                                     \
            0                                                                                \
    }

static const struct cast_rule casts[MY_TYPE_COUNT] = {
    [MY_BIGINT] = {NO_NUMBER, (INTEGERS & ~BIT(MY_BIGINT)) | BIT(MY_YEAR)},
    [MY_INT] = SIGNED_RULE(BIT(MY_TINYINT) | BIT(MY_SMALLINT) | BIT(MY_MEDIUMINT)),
    [MY_MEDIUMINT] = SIGNED_RULE(BIT(MY_TINYINT) | BIT(MY_SMALLINT) | BIT(MY_INT)),
    [MY_SMALLINT] = SMALL_RULE(BIT(MY_TINYINT)),
    [MY_TINYINT] = SMALL_RULE(UINT64_C(0)),
    [MY_UNSIGNED_BIGINT] = UNSIGNED_RULE(UINT64_C(0)),
    [MY_UNSIGNED_INT] = UNSIGNED_RULE(UINT64_C(0)),
    [MY_UNSIGNED_MEDIUMINT] = UNSIGNED_RULE(UINT64_C(0)),
    [MY_UNSIGNED_SMALLINT] =
        UNSIGNED_RULE(BIT(MY_UNSIGNED_INT) | BIT(MY_UNSIGNED_MEDIUMINT) | BIT(MY_UNSIGNED_BIGINT)),
    [MY_UNSIGNED_TINYINT] = UNSIGNED_RULE(BIT(MY_UNSIGNED_INT) | BIT(MY_UNSIGNED_MEDIUMINT) |
                                          BIT(MY_UNSIGNED_BIGINT) | BIT(MY_UNSIGNED_SMALLINT)),
    [MY_YEAR] = {MOMENTS | BIT(MY_TIME) | BIT(MY_TINYINT) | BIT(MY_UNSIGNED_TINYINT),
                 BIT(MY_DECIMAL) | BIT(MY_JSON)},
    [MY_FLOAT] = {MOMENTS, SIZED},
    [MY_DOUBLE] = {MOMENTS, SIZED},
    [MY_DECIMAL] = {MOMENTS, ANY & ~STRINGS},
    [MY_BIT] = {NO_NUMBER | BIT(MY_TIME), FLOATS | BIT(MY_DECIMAL)},
    [MY_BINARY] = {NO_NUMBER, (INTEGERS & ~BIT(MY_MEDIUMINT)) | BIT(MY_TIME) | BIT(MY_YEAR)},
    [MY_VARBINARY] = {INTEGERS | FLOATS | BIT(MY_DECIMAL) | NO_NUMBER | BIT(MY_TIME) | BIT(MY_YEAR),
                      ANY & ~(BLOBS & ~BIT(MY_TINYBLOB))},
    [MY_CHAR] = TEXT_RULE(BIT(MY_BIT)),
    [MY_VARCHAR] = TEXT_RULE(BIT(MY_BIT)),
    [MY_TINYTEXT] = TEXT_RULE(BIT(MY_TINYBLOB)),
    [MY_TEXT] = TEXT_RULE(BIT(MY_TINYTEXT) | BIT(MY_TINYBLOB)),
    [MY_MEDIUMTEXT] = TEXT_RULE(BIT(MY_TINYTEXT) | BIT(MY_TINYBLOB)),
    [MY_LONGTEXT] = TEXT_RULE(BIT(MY_TINYTEXT) | BIT(MY_TINYBLOB)),
    [MY_TINYBLOB] = BLOB_RULE,
    [MY_BLOB] = BLOB_RULE,
    [MY_MEDIUMBLOB] = BLOB_RULE,
    [MY_LONGBLOB] = BLOB_RULE,
    [MY_DATE] = {BIT(MY_TINYINT) | BIT(MY_UNSIGNED_TINYINT) | BIT(MY_YEAR) | BIT(MY_SMALLINT) |
                     BIT(MY_MEDIUMINT) | BIT(MY_TIME) | BIT(MY_TIMESTAMP) | BIT(MY_JSON) |
                     BIT(MY_UNSIGNED_MEDIUMINT) | BIT(MY_UNSIGNED_SMALLINT),
                 0},
    [MY_TIME] = {BIT(MY_JSON) | BIT(MY_YEAR), MOMENTS},
    [MY_DATETIME] = MOMENT_RULE,
    [MY_TIMESTAMP] = MOMENT_RULE,
    [MY_JSON] = {ANY & ~STRINGS & ~BIT(MY_JSON), 0},
};

static int32_t argument(const struct column_type *type)
{
    return type->argument_count > 0 ? type->arguments[0] : 0;
}

static enum type_change same_type_change(const struct column_type *from,
                                         const struct column_type *to)
{
    if (from->argument_count == to->argument_count &&
        memcmp(from->arguments, to->arguments, sizeof from->arguments) == 0)
        return TYPE_SAME;
    unsigned code = from->native->code;
    const bool is_moment = code == MY_DATETIME || code == MY_TIMESTAMP; // never bare in a database
    if (!is_moment && ((from->arguments_are_usual && to->argument_count == 0) ||
                       (to->arguments_are_usual && from->argument_count == 0)))
        return TYPE_SAME;
    if (code == MY_TIME)
        return argument(from) == 0 && to->argument_count == 0 ? TYPE_SAME : TYPE_CAST;
    if (code == MY_DECIMAL)
        return TYPE_RISKY_CAST;
    return argument(from) > argument(to) ? TYPE_RISKY_CAST : TYPE_CAST;
}

// Casts that depend on lengths.
static enum type_change sized_change(const struct column_type *from, const struct column_type *to,
                                     enum type_change change)
{
    unsigned source = from->native->code;
    unsigned target = to->native->code;
    int32_t size = argument(to);
    bool is_float = source == MY_FLOAT || source == MY_DOUBLE;
    bool is_moment = source == MY_DATETIME || source == MY_TIMESTAMP;
    if (source == MY_BIGINT && target == MY_DECIMAL)
        return to->argument_count == 2 && to->arguments[0] - to->arguments[1] >= 20 ? TYPE_CAST
                                                                                    : TYPE_RECREATE;
    if (is_float && BIT(target) & SIZED)
        return size >= 32 ? TYPE_RISKY_CAST : TYPE_RECREATE;
    if (target == MY_BIT && (is_float || is_moment)) {
        bool fits = source == MY_FLOAT ? size >= 32 : size == 64;
        return fits ? TYPE_CAST : TYPE_RECREATE;
    }
    if (target == MY_BIT && (source == MY_INT || source == MY_MEDIUMINT))
        return size >= 32 ? TYPE_CAST : TYPE_RISKY_CAST;
    if (target == MY_BIT && source == MY_BINARY)
        return size >= argument(from) * 8 ? TYPE_CAST : TYPE_RISKY_CAST;
    if (source == MY_BIT && target == MY_BINARY)
        return argument(from) >= 8 * size ? TYPE_CAST : TYPE_RECREATE;
    if (source == MY_BIT && (target == MY_BIGINT || target == MY_UNSIGNED_BIGINT))
        return argument(from) == 64 ? TYPE_CAST : TYPE_RISKY_CAST;
    if ((source == MY_CHAR || source == MY_VARCHAR) && BIT(target) & SIZED)
        return size >= argument(from) ? TYPE_CAST : TYPE_RISKY_CAST;
    if (source == MY_VARBINARY && target == MY_BINARY)
        return size > argument(from) ? TYPE_CAST : TYPE_RISKY_CAST;
    return change;
}

static enum type_change native_change(const struct column_type *from, const struct column_type *to)
{
    if (from->native == to->native)
        return same_type_change(from, to);
    const struct cast_rule *rule = &casts[from->native->code];
    uint64_t target = BIT(to->native->code);
    enum type_change change = rule->impossible & target ? TYPE_RECREATE
                              : rule->risky & target    ? TYPE_RISKY_CAST
                                                        : TYPE_CAST;
    return sized_change(from, to, change);
}

static bool has_value(const struct enumeration *enumeration, const char *value)
{
    for (size_t i = 0; i < enumeration->value_count; i++) {
        if (strcmp(enumeration->values[i], value) == 0)
            return true;
    }
    return false;
}

// An enum is the list of its values, in their order.
static enum type_change enum_change(const struct enumeration *from, const struct enumeration *to)
{
    bool is_same = from->value_count == to->value_count;
    for (size_t i = 0; is_same && i < from->value_count; i++)
        is_same = strcmp(from->values[i], to->values[i]) == 0;
    if (is_same)
        return TYPE_SAME;
    for (size_t i = 0; i < from->value_count; i++) {
        if (!has_value(to, from->values[i]))
            return TYPE_RISKY_CAST;
    }
    return TYPE_CAST;
}

// What nothing is converted to or from.
static bool is_spatial(const struct column_type *type)
{
    static const char *const names[] = {"geom", "point", "linestring", "polygon", "multi"};
    for (size_t i = 0; type->family == COLUMN_UNSUPPORTED && i < sizeof names / sizeof *names;
         i++) {
        if (strncasecmp(type->unsupported, names[i], strlen(names[i])) == 0)
            return true;
    }
    return false;
}

enum type_change mysql_type_change(const struct column *from, const struct column *to)
{
    const struct column_type *l = &from->type;
    const struct column_type *r = &to->type;
    if (l->family == COLUMN_ENUM && r->family == COLUMN_ENUM)
        return enum_change(l->enumeration, r->enumeration);
    if (l->family == COLUMN_UNSUPPORTED && r->family == COLUMN_UNSUPPORTED)
        return TYPE_SAME; // nothing is known of either
    if (is_spatial(l) || is_spatial(r))
        return TYPE_RECREATE;
    if (l->family != COLUMN_SCALAR || r->family != COLUMN_SCALAR)
        return TYPE_RISKY_CAST;
    return native_change(l, r);
}
