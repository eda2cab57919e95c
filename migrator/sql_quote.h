#pragma once
// Quoting, in one place. Both engines take the same forms.

#include "base/strbuf.h"
#include "migrator/script/lexer.h"

// "na""me"
void sql_quote_identifier(const char *name, struct strbuf *out);
// 'te''xt'; Postgres gets E'…\\…' where there is a backslash, so that no setting changes its
// meaning.
void sql_quote_literal(enum sql_dialect dialect, const char *text, struct strbuf *out);
