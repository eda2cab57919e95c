#pragma once
// The engines by name; introspect chooses. Each fills the draft's model.

#include "migrator/introspect/draft.h"

int postgres_describe(struct draft *draft, struct err *err) MUST_CHECK;
int sqlite_describe(struct draft *draft, struct err *err) MUST_CHECK;
int sqlserver_describe(struct draft *draft, struct err *err) MUST_CHECK;
int mysql_describe(struct draft *draft, struct err *err) MUST_CHECK;
