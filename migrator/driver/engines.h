#pragma once
// The drivers by name; driver_open chooses.

#include "migrator/driver/driver.h"

int postgres_open(const char *url, const struct migrator_callbacks *callbacks,
                  enum driver_mode mode, struct driver **out, bool *missing,
                  struct err *err) MUST_CHECK;
int sqlite_open(const char *url, const struct migrator_callbacks *callbacks, enum driver_mode mode,
                struct driver **out, bool *missing, struct err *err) MUST_CHECK;
int sqlserver_open(const char *url, const struct migrator_callbacks *callbacks,
                   enum driver_mode mode, struct driver **out, bool *missing,
                   struct err *err) MUST_CHECK;
int mysql_open(const char *url, const struct migrator_callbacks *callbacks, enum driver_mode mode,
               struct driver **out, bool *missing, struct err *err) MUST_CHECK;
