#pragma once
// Which seeds a database has had, kept in the database itself (migrator/constant_view.h):
// _berth_seeds, a row for each file and one with an empty file for a mode that is done.

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"
#include "migrator/driver/driver.h"

struct seed_mark {
    char *mode, *file; // file "": the mode is done
    char *sown_at;     // RFC 3339
};

// Zero-initialised is empty.
struct seed_record {
    VEC_OF(struct seed_mark) marks;
    bool exists;
};

int seed_record_read(struct driver *driver, struct seed_record *out, struct err *err) MUST_CHECK;
void seed_record_release(struct seed_record *record);
bool seed_record_has(const struct seed_record *record, const char *mode, const char *file);
void seed_record_add(struct seed_record *record, const char *mode, const char *file);
void seed_record_remove_mode(struct seed_record *record, const char *mode);
// Appends the statements that write it.
void seed_record_sql(const struct driver *driver, const struct seed_record *record,
                     struct strbuf *out);
