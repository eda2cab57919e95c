// Which column types PostgreSQL converts in place (ALTER COLUMN … SET DATA TYPE), by an implicit or
// assignment cast, so that no USING is needed. Everything else is dropped and added.
#include "migrator/diff/dialect_rules.h"
#include "migrator/model/types_postgres.h"

#define BIT(code) (1u << (code))
#define INTEGERS (BIT(PG_SMALLINT) | BIT(PG_INTEGER) | BIT(PG_BIGINT))
#define NUMBERS (INTEGERS | BIT(PG_REAL) | BIT(PG_DOUBLE) | BIT(PG_DECIMAL))
#define TEXTS (BIT(PG_TEXT) | BIT(PG_VARCHAR) | BIT(PG_CHAR))
#define DATES \
    (BIT(PG_TIMESTAMP) | BIT(PG_TIMESTAMPTZ) | BIT(PG_DATE) | BIT(PG_TIME) | BIT(PG_TIMETZ))
#define ANY (~0u)

enum { WIDTH_ENDLESS = INT32_MAX };

struct cast_rule {
    unsigned targets;    // there is a cast to these
    unsigned risky;      // which may fail or round
    int32_t least_width; // of VARCHAR and CHAR: a shorter one is no target
    int32_t safe_width;  // a shorter one is risky
};

static const struct cast_rule casts[PG_TYPE_COUNT] = {
    [PG_SMALLINT] = {NUMBERS | TEXTS, 0, 0, 4},
    [PG_INTEGER] = {NUMBERS | TEXTS, BIT(PG_SMALLINT), 0, 11},
    [PG_BIGINT] = {NUMBERS | TEXTS, BIT(PG_SMALLINT) | BIT(PG_INTEGER), 0, 20},
    [PG_REAL] = {NUMBERS | TEXTS, INTEGERS | BIT(PG_DECIMAL), 0, 47},
    [PG_DOUBLE] = {NUMBERS | TEXTS, NUMBERS, 0, 317},
    [PG_DECIMAL] = {NUMBERS | TEXTS, BIT(PG_REAL) | BIT(PG_DOUBLE), 0, WIDTH_ENDLESS},
    [PG_OID] = {BIT(PG_INTEGER) | BIT(PG_BIGINT) | BIT(PG_TEXT) | BIT(PG_VARCHAR), 0, 0, 0},
    [PG_MONEY] = {ANY, ANY & ~(BIT(PG_TEXT) | BIT(PG_VARCHAR) | BIT(PG_CITEXT)), 0, 0},
    [PG_CITEXT] = {ANY, ANY & ~(BIT(PG_TEXT) | BIT(PG_VARCHAR)), 0, 0},
    [PG_BOOLEAN] = {TEXTS, 0, 4, 5},
    [PG_TEXT] = {TEXTS | BIT(PG_CITEXT), BIT(PG_CHAR), 0, WIDTH_ENDLESS},
    [PG_VARCHAR] = {TEXTS, 0, 0, WIDTH_ENDLESS},
    [PG_CHAR] = {TEXTS, 0, 0, 1},
    [PG_UUID] = {TEXTS, 0, 32, 32},
    [PG_XML] = {TEXTS, BIT(PG_CHAR), 0, WIDTH_ENDLESS},
    [PG_INET] = {BIT(PG_TEXT) | BIT(PG_VARCHAR) | BIT(PG_CITEXT), 0, 0, 0},
    [PG_BIT] = {TEXTS | BIT(PG_VARBIT), 0, 0, 0},
    [PG_VARBIT] = {TEXTS | BIT(PG_BIT) | BIT(PG_VARBIT), BIT(PG_BIT), 0, WIDTH_ENDLESS},
    [PG_TIMESTAMP] = {TEXTS | DATES, 0, 23, 23},
    [PG_TIMESTAMPTZ] = {TEXTS | DATES, 0, 28, 28},
    [PG_DATE] = {TEXTS | BIT(PG_TIMESTAMP) | BIT(PG_TIMESTAMPTZ), 0, 28, 28},
    [PG_TIME] = {TEXTS | BIT(PG_TIMETZ), 0, 14, 14},
    [PG_TIMETZ] = {TEXTS | BIT(PG_TIME) | BIT(PG_TIMETZ), 0, 19, 19},
    [PG_JSON] = {TEXTS | BIT(PG_JSONB), BIT(PG_CHAR), 0, WIDTH_ENDLESS},
    [PG_JSONB] = {TEXTS | BIT(PG_JSON), BIT(PG_CHAR), 0, WIDTH_ENDLESS},
    [PG_BYTEA] = {TEXTS, 0, 3, WIDTH_ENDLESS},
};

static bool is_family(const struct column *column, enum column_family family)
{
    return column->type.family == family;
}

// A precision that is not given is the engine's own choice and differs from none.
static bool same_scalar(const struct column_type *from, const struct column_type *to)
{
    if (from->native != to->native)
        return false;
    unsigned code = from->native->code;
    bool is_time =
        code == PG_TIMESTAMP || code == PG_TIMESTAMPTZ || code == PG_TIME || code == PG_TIMETZ;
    if (is_time && (from->argument_count == 0 || to->argument_count == 0))
        return true;
    if (from->argument_count != to->argument_count)
        return (from->arguments_are_usual && to->argument_count == 0) ||
               (to->arguments_are_usual && from->argument_count == 0);
    for (size_t i = 0; i < from->argument_count; i++) {
        if (from->arguments[i] != to->arguments[i])
            return false;
    }
    return true;
}

// Characters that a VARCHAR, CHAR or VARBIT holds.
static int32_t width_of(const struct column_type *type)
{
    if (type->argument_count > 0)
        return type->arguments[0];
    return type->native->code == PG_CHAR || type->native->code == PG_BIT ? 1 : WIDTH_ENDLESS;
}

static int32_t least_width(const struct column_type *from, const struct column_type *to)
{
    if (from->native->code == PG_BIT && from->argument_count > 0)
        return from->arguments[0];
    if (from->native->code == PG_BOOLEAN && to->native->code == PG_VARCHAR)
        return 0;
    return casts[from->native->code].least_width;
}

static int32_t safe_width(const struct column_type *from, const struct column_type *to)
{
    unsigned code = from->native->code;
    bool is_text = code == PG_VARCHAR || code == PG_CHAR || code == PG_VARBIT;
    if (is_text && from->argument_count > 0)
        return from->arguments[0];
    if (code == PG_DECIMAL && from->argument_count == 2) // digits, a sign, a point
        return from->arguments[0] + (from->arguments[1] > 0 ? 2 : 1);
    if (code == PG_BOOLEAN && to->native->code == PG_VARCHAR)
        return 0;
    return casts[code].safe_width;
}

static int32_t integer_digits(const struct column_type *type)
{
    return type->arguments[0] - type->arguments[1];
}

static bool decimal_is_risky(const struct column_type *from, const struct column_type *to)
{
    static const int32_t digits[PG_TYPE_COUNT] = {
        [PG_SMALLINT] = 3, [PG_INTEGER] = 10, [PG_BIGINT] = 19};
    unsigned source = from->native->code;
    unsigned target = to->native->code;
    if (target == PG_DECIMAL && to->argument_count == 0)
        return false;
    if (target == PG_DECIMAL && source == PG_DECIMAL)
        return from->argument_count == 0 || integer_digits(from) > integer_digits(to) ||
               from->arguments[1] > to->arguments[1];
    if (target == PG_DECIMAL)
        return integer_digits(to) < digits[source];
    return from->argument_count == 0 || from->arguments[1] > 0 ||
           from->arguments[0] >= digits[target];
}

static bool is_risky(const struct column_type *from, const struct column_type *to)
{
    unsigned source = from->native->code;
    unsigned target = BIT(to->native->code);
    if (casts[source].risky & target)
        return true;
    bool exact = source == PG_DECIMAL || BIT(source) & INTEGERS;
    if (exact && (target & BIT(PG_DECIMAL) || (source == PG_DECIMAL && target & INTEGERS)))
        return decimal_is_risky(from, to);
    if (source == PG_INET || source == PG_OID || source == PG_MONEY || source == PG_CITEXT)
        return false;
    bool has_width = target & (BIT(PG_VARCHAR) | BIT(PG_CHAR) | BIT(PG_VARBIT));
    return has_width && width_of(to) < safe_width(from, to);
}

static enum type_change scalar_change(const struct column_type *from, const struct column_type *to)
{
    if (same_scalar(from, to))
        return TYPE_SAME;
    unsigned target = BIT(to->native->code);
    bool is_resized = from->native == to->native && from->native->code != PG_BIT;
    bool has_cast = casts[from->native->code].targets & target || is_resized;
    bool has_width = target & (BIT(PG_VARCHAR) | BIT(PG_CHAR) | BIT(PG_VARBIT));
    if (!has_cast || (has_width && width_of(to) < least_width(from, to)))
        return TYPE_RECREATE;
    return is_risky(from, to) ? TYPE_RISKY_CAST : TYPE_CAST;
}

enum type_change postgres_type_change(const struct column *from, const struct column *to)
{
    bool same_listness = (from->arity == COLUMN_LIST) == (to->arity == COLUMN_LIST);
    if (is_family(from, COLUMN_ENUM) && is_family(to, COLUMN_ENUM) &&
        enumeration_same(from->type.enumeration, to->type.enumeration))
        return same_listness ? TYPE_SAME : TYPE_CAST;
    if (is_family(from, COLUMN_ENUM) || is_family(to, COLUMN_ENUM))
        return TYPE_RECREATE;
    if (!same_listness) { // an array becomes a text, and nothing else
        bool to_text = to->arity != COLUMN_LIST && is_family(to, COLUMN_SCALAR) &&
                       TEXTS & BIT(to->type.native->code);
        if (!to_text)
            return TYPE_RECREATE;
        return width_of(&to->type) == WIDTH_ENDLESS ? TYPE_CAST : TYPE_RISKY_CAST;
    }
    if (is_family(from, COLUMN_UNSUPPORTED) && is_family(to, COLUMN_UNSUPPORTED))
        return TYPE_SAME; // nothing is known of either
    if (is_family(from, COLUMN_UNSUPPORTED) || is_family(to, COLUMN_UNSUPPORTED))
        return TYPE_RISKY_CAST;
    return scalar_change(&from->type, &to->type);
}
