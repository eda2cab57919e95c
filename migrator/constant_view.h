#pragma once
// Records of berth's own in the user's database: a view over constants, written anew each time.
//
// A table would be drift to Prisma: `migrate dev` then wants to reset the database and `db push`
// drops it, while both leave views alone. A view is as transactional as a table in every engine, it
// goes when the schema is dropped, and anybody can read it with SELECT. All columns are text.

#include <stdbool.h>

#include "migrator/driver/driver.h"

struct constant_view {
    const char *name;           // "_berth_seeds"; unquoted
    const char *const *columns; // "mode", "file", "sown_at"
    size_t column_count;
};

// *exists is false, and no row comes, where there is no such view.
int constant_view_read(struct driver *driver, const struct constant_view *view, driver_row *row,
                       void *context, bool *exists, struct err *err) MUST_CHECK;
// Appends the statements that write it. `values`: row by row, NULL for NULL; there must be a row.
void constant_view_sql(const struct driver *driver, const struct constant_view *view,
                       const char *const *values, size_t row_count, bool exists,
                       struct strbuf *out);
