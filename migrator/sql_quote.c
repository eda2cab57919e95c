#include "migrator/sql_quote.h"

#include <string.h>

void sql_quote_identifier(enum sql_dialect dialect, const char *name, struct strbuf *out)
{
    static const char quotes[][2] = {[SQL_POSTGRES] = {'"', '"'},
                                     [SQL_SQLITE] = {'"', '"'},
                                     [SQL_MYSQL] = {'`', '`'},
                                     [SQL_SQLSERVER] = {'[', ']'}};
    const char quote = quotes[dialect][1]; // the one to be doubled
    strbuf_addch(out, quotes[dialect][0]);
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
    strbuf_adds(out, is_marked ? "E'" : dialect == SQL_SQLSERVER ? "N'" : "'");
    for (; *text; text++) {
        if (*text == '\'' || (*text == '\\' && escapes))
            strbuf_addch(out, *text);
        strbuf_addch(out, *text);
    }
    strbuf_addch(out, '\'');
}
