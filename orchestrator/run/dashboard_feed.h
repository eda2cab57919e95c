#pragma once
// What the dashboard is told: its backend functions over a supervisor.

#include "dashboard/dashboard.h"
#include "orchestrator/run/supervisor.h"

// The backend borrows the supervisor.
struct dashboard_backend dashboard_feed(struct supervisor *supervisor);
