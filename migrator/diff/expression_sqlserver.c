// SQL as SQL Server keeps it: names in brackets, constants in parentheses, no white space of its
// own making. "space( 1 )" is kept as "(space((1)))".
#include <ctype.h>
#include <string.h>

#include "base/strbuf.h"
#include "migrator/diff/dialect_rules.h"

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '@' || c == '#' || c == '$';
}

// "(1)", "(-1.5)" that is not a function's list of arguments: how many bytes it takes; 0: it is
// none.
static size_t constant_in_parentheses(const char *text, char before)
{
    if (*text != '(' || is_word(before) || before == ']')
        return 0;
    size_t length = text[1] == '-' || text[1] == '+' ? 2 : 1;
    const size_t digits = strspn(text + length, "0123456789.");
    length += digits;
    return digits > 0 && text[length] == ')' ? length + 1 : 0;
}

// Behind a literal's closing quote.
static size_t literal_length(const char *text)
{
    size_t length = 1;
    while (text[length] && (text[length] != '\'' || text[length + 1] == '\''))
        length += text[length] == '\'' ? 2 : 1;
    return text[length] ? length + 1 : length;
}

static void canonicalize(const char *text, struct strbuf *out)
{
    char before = '\0';
    while (*text) {
        const size_t constant = constant_in_parentheses(text, before);
        const size_t literal = *text == '\'' ? literal_length(text) : 0;
        if (constant) {
            strbuf_add(out, text + 1, constant - 2);
        } else if (literal) {
            strbuf_add(out, text, literal);
        } else if (!isspace((unsigned char)*text) && *text != '[' && *text != ']') {
            strbuf_addch(out, (char)tolower((unsigned char)*text));
        }
        const size_t taken = constant ? constant : literal ? literal : 1;
        if (!isspace((unsigned char)text[taken - 1]))
            before = text[taken - 1];
        text += taken;
    }
}

bool sqlserver_same_expression(const char *left, const char *right)
{
    AUTO_STRBUF left_text = STRBUF_INIT, right_text = STRBUF_INIT;
    canonicalize(left, &left_text);
    canonicalize(right, &right_text);
    return expressions_equal(left_text.data, right_text.data);
}
