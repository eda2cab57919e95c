#include "migrator/sql_quote.h"

#include <string.h>

void sql_quote_identifier(const char *name, struct strbuf *out)
{
    strbuf_addch(out, '"');
    for (; *name; name++) {
        if (*name == '"')
            strbuf_addch(out, '"');
        strbuf_addch(out, *name);
    }
    strbuf_addch(out, '"');
}

void sql_quote_literal(enum sql_dialect dialect, const char *text, struct strbuf *out)
{
    const bool escapes = dialect == SQL_POSTGRES && strchr(text, '\\');
    strbuf_adds(out, escapes ? "E'" : "'");
    for (; *text; text++) {
        if (*text == '\'' || (*text == '\\' && escapes))
            strbuf_addch(out, *text);
        strbuf_addch(out, *text);
    }
    strbuf_addch(out, '\'');
}
