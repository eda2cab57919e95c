#pragma once
// One examination, as its parts share it. Private to the files of this directory.

#include <cjson/cJSON.h>

#include "appsettings/settings.h"
#include "orchestrator/doctor/doctor.h"
#include "orchestrator/state/store.h"
#include "orchestrator/state/workspace.h"
#include "provisioners/engine_version.h"

// A server in a container, or a process, that the settings ask for.
struct wanted {
    const char *key;
    const struct engine *engine; // NULL: a process
    const char *image;           // of a container
    const char *volume;          // of a container; NULL: its data is in `directory`
    const char *directory;       // absolute
    const char *port_setting;    // "Port", "HostPort"
    int port;                    // 0: not yet picked
    bool persistent;
};

struct examination {
    struct diagnosis *diagnosis;
    struct findings *findings;       // the diagnosis's
    const struct settings *settings; // NULL: there are none, or they have mistakes
    struct workspace *workspace;     // NULL: there is none
    struct arena *arena;
    VEC_OF(struct wanted) wanted;
    pid_t supervisor;  // of the running one; 0: none
    cJSON *containers; // all of the engine's; NULL: there is no engine
};

// What the settings ask for, with the ports that are remembered.
void examine_wanted(struct examination *examination);
void examine_disk(struct examination *examination, const char *what, const char *path);
// Lock, leftover processes and containers, who may read the secrets.
void examine_state(struct examination *examination);
void examine_ports(struct examination *examination);
void examine_programs(struct examination *examination);
// Engine, version, disk of the engine; then containers, images and the data of volumes.
void examine_engine(struct examination *examination);
// Which version made the data below a directory, and whether somebody else has it open.
void examine_directories(struct examination *examination);
// Tells when data was made by another version than the image's.
void examine_version(struct examination *examination, const struct wanted *wanted,
                     const struct engine_version *maker);
