#pragma once
// Private to migrator/introspect: what MySQL's information_schema keeps as text.

#include "migrator/introspect/draft.h"

// The type as COLUMN_TYPE has it: "int(10) unsigned", "decimal(65,30)". Enums are not its matter.
struct column_type mysql_read_type(struct draft *draft, const char *declared);
// 'it''s', 'it\'s': the text of a string literal that `*text` begins with, and *text behind it.
// NULL: there is none. In the arena.
const char *mysql_read_string(struct arena *arena, const char **text);
// Fills column->value from COLUMN_DEFAULT. `is_expression`: it is SQL; else the bare value.
void mysql_read_default(struct arena *arena, const char *text, bool is_expression,
                        struct column *column);
