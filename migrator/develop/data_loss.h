#pragma once
// What a migration would do to the rows that are there: asked of the database, not guessed from the
// statements.

#include "migrator/diff/steps.h"
#include "migrator/driver/driver.h"

struct data_loss {
    VEC_OF(char *) lost;       // what it would delete or garble, or may fail on: a line each
    VEC_OF(char *) impossible; // what it can't do with these rows
};
void data_loss_release(struct data_loss *loss);

// Reads the live database that the steps are for. Rows are counted up to a thousand. A table or a
// column that it does not have loses nothing.
void data_loss_find(struct driver *driver, const struct steps *steps, struct data_loss *out);
