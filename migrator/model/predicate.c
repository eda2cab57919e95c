// Operator precedence parsing (PostgreSQL manual 4.1.6) into a text with all parentheses and no
// casts.
#include "migrator/model/predicate.h"

#include <stdbool.h>
#include <string.h>

#include "base/strbuf.h"
#include "migrator/model/predicate_token.h"

enum {
    DEEPEST = 100,
    LONGEST = 8192, // every operation copies its operands
};

enum precedence {
    PRECEDENCE_OR = 1,
    PRECEDENCE_AND,
    PRECEDENCE_NOT,
    PRECEDENCE_IS,
    PRECEDENCE_COMPARISON,
    PRECEDENCE_PATTERN, // BETWEEN, IN, LIKE, ILIKE
    PRECEDENCE_OTHER,
    PRECEDENCE_SUM,
    PRECEDENCE_PRODUCT,
    PRECEDENCE_POWER,
    PRECEDENCE_SIGN,
};

struct reading {
    struct arena *arena;
    struct sql_lexer lexer;
    struct sql_token token; // the next one
    int depth;
};

// All of these return the text in the arena, or NULL: not understood.
static const char *read_operation(struct reading *reading, int lowest);

static void advance(struct reading *reading)
{
    reading->token = sql_lexer_next(&reading->lexer);
}

static const char *at(const struct reading *reading)
{
    return reading->lexer.text + reading->token.start;
}

static size_t token_length(const struct reading *reading)
{
    return reading->token.end - reading->token.start;
}

static bool is_symbol(const struct reading *reading, char symbol)
{
    return reading->token.kind == SQL_SYMBOL && *at(reading) == symbol;
}

static bool take_symbol(struct reading *reading, char symbol)
{
    bool found = is_symbol(reading, symbol);
    if (found)
        advance(reading);
    return found;
}

static bool is_word(const struct reading *reading, const char *word)
{
    return sql_token_is(reading->lexer.text, reading->token, word);
}

static bool take_word(struct reading *reading, const char *word)
{
    bool found = is_word(reading, word);
    if (found)
        advance(reading);
    return found;
}

// The token's text as it compares; the next one follows.
static const char *take(struct reading *reading)
{
    const char *text =
        predicate_token(reading->arena, reading->token.kind, at(reading), token_length(reading));
    advance(reading);
    return text;
}

// The type behind "::": a name, and what may follow it.
static const char *take_type(struct reading *reading)
{
    const char *name = NULL;
    do {
        if (reading->token.kind != SQL_WORD && reading->token.kind != SQL_IDENTIFIER)
            return NULL;
        name = take(reading);
    } while (take_symbol(reading, '.'));
    if (!take_word(reading, "precision"))
        take_word(reading, "varying");
    if (take_symbol(reading, '(')) {
        while (reading->token.kind == SQL_NUMBER || is_symbol(reading, ','))
            advance(reading);
        if (!take_symbol(reading, ')'))
            return NULL;
    }
    if (take_word(reading, "with") || take_word(reading, "without")) {
        if (!take_word(reading, "time") || !take_word(reading, "zone"))
            return NULL;
    }
    while (take_symbol(reading, '[')) {
        if (!take_symbol(reading, ']'))
            return NULL;
    }
    return name;
}

static bool is_numeric(const char *type)
{
    static const char *const types[] = {"smallint", "integer", "bigint",
                                        "numeric",  "real",    "double"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(type, types[i]) == 0)
            return true;
    }
    return false;
}

// '-3'::integer is -3.
static const char *read_casts(struct reading *reading, const char *operand)
{
    while (operand && is_symbol(reading, ':')) {
        advance(reading);
        const char *type = take_symbol(reading, ':') ? take_type(reading) : NULL;
        if (!type)
            return NULL;
        size_t length = strlen(operand);
        if (is_numeric(type) && length > 2 && *operand == '\'')
            operand = arena_strndup(reading->arena, operand + 1, length - 2);
    }
    return operand;
}

// The rest of a list in parentheses or brackets.
static const char *read_list(struct reading *reading, char closing, size_t *count)
{
    AUTO_STRBUF out = STRBUF_INIT;
    *count = 0;
    if (!take_symbol(reading, closing)) {
        do {
            const char *item = read_operation(reading, PRECEDENCE_OR);
            if (!item)
                return NULL;
            strbuf_addf(&out, "%s%s", *count ? ", " : "", item);
            ++*count;
        } while (take_symbol(reading, ','));
        if (!take_symbol(reading, closing))
            return NULL;
    }
    return arena_strndup(reading->arena, out.data ? out.data : "", out.len);
}

// A column, a function's call, ARRAY[…], or the value of a type that stands before it.
static const char *read_named(struct reading *reading)
{
    size_t count;
    bool is_array = is_word(reading, "array");
    const char *name = take(reading);
    if (is_array && take_symbol(reading, '[')) {
        const char *items = read_list(reading, ']', &count);
        return items ? arena_printf(reading->arena, "array[%s]", items) : NULL;
    }
    if (reading->token.kind == SQL_STRING)
        return take(reading);
    if (!take_symbol(reading, '('))
        return name;
    const char *items = read_list(reading, ')', &count);
    return items ? arena_printf(reading->arena, "%s(%s)", name, items) : NULL;
}

static const char *read_operand(struct reading *reading)
{
    const char *operand = NULL;
    if (take_symbol(reading, '(')) {
        operand = read_operation(reading, PRECEDENCE_OR);
        if (!take_symbol(reading, ')'))
            return NULL;
    } else if (take_symbol(reading, '-')) {
        if (reading->token.kind == SQL_NUMBER) {
            operand = arena_printf(reading->arena, "-%s", take(reading));
        } else {
            operand = read_operation(reading, PRECEDENCE_SIGN);
            operand = operand ? arena_printf(reading->arena, "(- %s)", operand) : NULL;
        }
    } else if (reading->token.kind == SQL_NUMBER || reading->token.kind == SQL_STRING) {
        operand = take(reading);
    } else if (reading->token.kind == SQL_WORD || reading->token.kind == SQL_IDENTIFIER) {
        operand = read_named(reading);
    }
    return read_casts(reading, operand);
}

// An operator of 1 to 4 symbols; "" where there is none. A sign behind a comparison is none of it.
static void peek_operator(const struct reading *reading, char out[5])
{
    size_t length = 0;
    const char *text = at(reading);
    if (reading->token.kind == SQL_SYMBOL)
        length = strspn(text, "+-*/<>=~!@#%^&|?");
    if (length > 4)
        length = 4;
    while (length > 1 && strchr("+-", text[length - 1]) && strcspn(text, "~!@#%^&|?") >= length)
        length--;
    memcpy(out, text, length);
    out[length] = '\0';
}

static int precedence_of(const char *symbols)
{
    static const char *const comparisons[] = {"<", ">", "=", "<=", ">=", "<>", "!="};
    for (size_t i = 0; i < sizeof comparisons / sizeof *comparisons; i++) {
        if (strcmp(symbols, comparisons[i]) == 0)
            return PRECEDENCE_COMPARISON;
    }
    if (!*symbols || symbols[1])
        return *symbols ? PRECEDENCE_OTHER : 0;
    return strchr("+-", *symbols)    ? PRECEDENCE_SUM
           : strchr("*/%", *symbols) ? PRECEDENCE_PRODUCT
           : *symbols == '^'         ? PRECEDENCE_POWER
                                     : PRECEDENCE_OTHER;
}

static const char *join(struct reading *reading, const char *left, const char *symbols,
                        const char *right)
{
    return left && right ? arena_printf(reading->arena, "(%s %s %s)", left, symbols, right) : NULL;
}

// IS [NOT] NULL, TRUE, FALSE, UNKNOWN, DISTINCT FROM x
static const char *read_is(struct reading *reading, const char *left)
{
    const char *verb = take_word(reading, "not") ? "is not" : "is";
    if (!take_word(reading, "distinct"))
        return reading->token.kind == SQL_WORD ? join(reading, left, verb, take(reading)) : NULL;
    const char *right =
        take_word(reading, "from") ? read_operation(reading, PRECEDENCE_COMPARISON) : NULL;
    return join(reading, left, arena_printf(reading->arena, "%s distinct from", verb), right);
}

static const char *read_between(struct reading *reading, const char *left, bool is_negated)
{
    const char *low = read_operation(reading, PRECEDENCE_OTHER);
    const char *high = take_word(reading, "and") ? read_operation(reading, PRECEDENCE_OTHER) : NULL;
    if (is_negated)
        return join(reading, join(reading, left, "<", low), "or", join(reading, left, ">", high));
    return join(reading, join(reading, left, ">=", low), "and", join(reading, left, "<=", high));
}

// What the server makes of BETWEEN, IN, LIKE and ILIKE.
static const char *read_pattern(struct reading *reading, const char *left, bool is_negated)
{
    if (take_word(reading, "between"))
        return read_between(reading, left, is_negated);
    if (take_word(reading, "like"))
        return join(reading, left, is_negated ? "!~~" : "~~",
                    read_operation(reading, PRECEDENCE_OTHER));
    if (take_word(reading, "ilike"))
        return join(reading, left, is_negated ? "!~~*" : "~~*",
                    read_operation(reading, PRECEDENCE_OTHER));
    size_t count = 0;
    const char *items = take_word(reading, "in") && take_symbol(reading, '(')
                            ? read_list(reading, ')', &count)
                            : NULL;
    if (count == 0 || !items)
        return NULL;
    if (count == 1)
        return join(reading, left, is_negated ? "<>" : "=", items);
    return join(reading, left, is_negated ? "<>" : "=",
                arena_printf(reading->arena, "%s(array[%s])", is_negated ? "all" : "any", items));
}

static bool at_pattern(const struct reading *reading)
{
    return is_word(reading, "between") || is_word(reading, "in") || is_word(reading, "like") ||
           is_word(reading, "ilike");
}

// The operation that continues `left`; *done where there is none of that precedence.
static const char *read_continuation(struct reading *reading, const char *left, int lowest,
                                     bool *done)
{
    char symbols[5];
    if (lowest <= PRECEDENCE_OR && take_word(reading, "or"))
        return join(reading, left, "or", read_operation(reading, PRECEDENCE_OR + 1));
    if (lowest <= PRECEDENCE_AND && take_word(reading, "and"))
        return join(reading, left, "and", read_operation(reading, PRECEDENCE_AND + 1));
    if (lowest <= PRECEDENCE_IS && take_word(reading, "is"))
        return read_is(reading, left);
    if (lowest <= PRECEDENCE_PATTERN && at_pattern(reading))
        return read_pattern(reading, left, false);
    if (lowest <= PRECEDENCE_PATTERN && take_word(reading, "not"))
        return read_pattern(reading, left, true);
    peek_operator(reading, symbols);
    int precedence = precedence_of(symbols);
    if (precedence == 0 || precedence < lowest) {
        *done = true;
        return left;
    }
    for (size_t i = 0; symbols[i]; i++)
        advance(reading);
    const char *right = read_operation(reading, precedence + 1);
    return join(reading, left,
                arena_strdup(reading->arena, strcmp(symbols, "!=") == 0 ? "<>" : symbols), right);
}

static const char *read_operation(struct reading *reading, int lowest)
{
    if (reading->depth == DEEPEST)
        return NULL;
    reading->depth++;
    const char *left;
    if (lowest <= PRECEDENCE_NOT && take_word(reading, "not")) {
        left = read_operation(reading, PRECEDENCE_NOT);
        left = left ? arena_printf(reading->arena, "(not %s)", left) : NULL;
    } else {
        left = read_operand(reading);
    }
    for (bool done = false; left && !done;)
        left = read_continuation(reading, left, lowest, &done);
    reading->depth--;
    return left;
}

static const char *normal_predicate(struct arena *arena, const char *sql)
{
    if (strlen(sql) > LONGEST)
        return sql;
    struct reading reading = {
        .arena = arena,
        .lexer = {.text = sql, .length = strlen(sql), .dialect = SQL_POSTGRES},
    };
    advance(&reading);
    const char *normal = read_operation(&reading, PRECEDENCE_OR);
    return normal && reading.token.kind == SQL_END ? normal : sql;
}

const char *predicate_comparable(const struct model *model, const char *sql)
{
    bool is_rewritten = sql && model->dialect->provider == DM_POSTGRESQL;
    return is_rewritten ? normal_predicate(model->arena, sql) : sql;
}
