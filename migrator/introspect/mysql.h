#pragma once
// Private to migrator/introspect: what MySQL's information_schema keeps as text.

#include "migrator/introspect/draft.h"

// The type as COLUMN_TYPE has it: "int(10) unsigned", "decimal(65,30)". Enums are not its matter.
struct column_type mysql_read_type(struct draft *draft, const char *declared);
// 'it''s', 'it\'s': the text of a string literal that `*text` begins with, and *text behind it.
// NULL: there is none. In the arena.
const char *mysql_read_string(struct arena *arena, const char **text);

enum mysql_default_form {
    MYSQL_DEFAULT_BARE,    // the value itself
    MYSQL_DEFAULT_SQL,     // MariaDB
    MYSQL_DEFAULT_ESCAPED, // SQL as inside of a string: MySQL's expressions
};
// Fills column->value from COLUMN_DEFAULT.
void mysql_read_default(struct arena *arena, const char *text, enum mysql_default_form form,
                        struct column *column);
