#pragma once
// The status of a database's migrations, for who has more to ask over the same connection.

#include "migrator/driver/driver.h"
#include "migrator/history.h"

// *driver stays NULL where there is no such database, which status->database_missing then says.
int status_open(const struct migrator_target *target, struct driver **driver,
                struct migrator_status *status, struct err *err) MUST_CHECK;
// Adds what the ledger and the history say; without a driver everything is pending.
int status_fill(struct driver *driver, const struct history *history,
                struct migrator_status *status, struct err *err) MUST_CHECK;
