#include "migrator/sql_quote.h"

#include <string.h>

void sql_quote_identifier(enum sql_dialect dialect, const char *name, struct strbuf *out)
{
    const char quote = dialect == SQL_MYSQL ? '`' : '"';
    strbuf_addch(out, quote);
    for (; *name; name++) {
        if (*name == quote)
            strbuf_addch(out, quote);
        strbuf_addch(out, *name);
    }
    strbuf_addch(out, quote);
}

void sql_quote_literal(enum sql_dialect dialect, const char *text, struct strbuf *out)
{
    const bool is_marked = dialect == SQL_POSTGRES && strchr(text, '\\');
    const bool escapes = is_marked || dialect == SQL_MYSQL;
    strbuf_adds(out, is_marked ? "E'" : "'");
    for (; *text; text++) {
        if (*text == '\'' || (*text == '\\' && escapes))
            strbuf_addch(out, *text);
        strbuf_addch(out, *text);
    }
    strbuf_addch(out, '\'');
}
