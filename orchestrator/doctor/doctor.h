#pragma once
// Looks at everything a start needs, one thing after the other: settings, engine, disks, ports,
// images, data, what a killed supervisor left, programs. Only looks: nothing is made or changed,
// not even .berth/.

#include "appsettings/settings.h"
#include "base/err.h"
#include "orchestrator/doctor/findings.h"

struct diagnosis {
    struct findings findings;
    bool has_mistakes;  // the settings
    bool misses_engine; // there is none that can be used, and one is needed
};

// project_root NULL: the nearest workspace upwards; without one only the machine is looked at.
// diagnosis: zero-initialised, and to be released by diagnosis_release.
void doctor_examine(const char *project_root, char *const *environ, struct diagnosis *diagnosis);
void diagnosis_release(struct diagnosis *diagnosis);
