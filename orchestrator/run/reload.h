#pragma once
// The settings were edited while they run: the plan that they make now is compared with the running
// one, and only what differs is touched. First all of that ends, dependents before what they depend
// on; then the new plan takes the place of the old one, and what is new or changed starts. What is
// the same goes on all the time: its container and its process are not told anything.
//
// A job follows its database, and what failed only for want of something that starts now is started
// with it.

#include <cjson/cJSON.h>

#include "orchestrator/run/supervisor.h"

// {"added": [names], "removed": [names], "changed": [{"name", "after", "settings"}], "unchanged":
// [names]}, owned by the caller. after: the resource that it is started again with, null where it
// changed itself; settings: as plan_changed_settings tells them.
cJSON *reload_difference(const struct supervisor *supervisor, const struct plan *next);
bool reload_is_needed(const cJSON *difference);

// Begins what the difference says; it goes on over the loop. The plan is borrowed from now on, and
// so is the former one, to the end: what runs was made of its texts. wanted: one flag a resource of
// the plan. *touched is owned by the caller: the names of what is to end or start.
// ERR_NOT_RUNNING while the supervisor is about to end, ERR_RESOURCE while another reload goes on.
int reload_begin(struct supervisor *supervisor, const struct plan *next, const bool *wanted,
                 const cJSON *difference, cJSON **touched, struct err *err) MUST_CHECK;
// For the supervisor's look at the whole, while there is a next plan.
void reload_step(struct supervisor *supervisor);
