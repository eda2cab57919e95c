#include "migrator/diff/dialect_rules.h"

enum type_change mysql_type_change(const struct column *from, const struct column *to)
{
    return sqlite_type_change(from, to);
}
