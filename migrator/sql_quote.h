#pragma once
// Quoting, in one place.

#include "base/strbuf.h"
#include "migrator/script/lexer.h"

// "na""me", MySQL: `na``me`, SQL Server: [na]]me]
void sql_quote_identifier(enum sql_dialect dialect, const char *name, struct strbuf *out);
// 'te''xt'; Postgres gets E'…\\…' where there is a backslash, so that no setting changes its
// meaning. MySQL: 'te''x\\t', which takes the sql_mode that a connection of ours begins with. SQL
// Server: N'te''xt'.
void sql_quote_literal(enum sql_dialect dialect, const char *text, struct strbuf *out);
