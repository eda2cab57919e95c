#pragma once
// Data that a server left on disk: who made it, and how it is given another password. Rules: the
// workspace contract, section 2.

#include <stdbool.h>

#include "base/err.h"
#include "provisioners/engine.h"

// The major version of the server that made the data below a host directory which is mounted as
// the spec says: 0 when there is none, -1 when there is data of a version that cannot be told (the
// files are another user's). An engine whose data every version reads has always 0.
int engine_data_major(const struct engine *engine, const char *directory);

// What gives the administrator of existing data the password that the spec's password file holds:
// the command of a container of the same image, environment and mounts, run as root instead of the
// image's entrypoint, while nothing else has the data open. It exits with 0 when the password is
// set, prints no secret, and changes nothing else. NULL: the engine has no such command.
const char *const *engine_heal_command(const struct engine *engine);

// Whether the password is not part of the data: the server reads it when it starts, so that a new
// start is all it needs.
bool engine_reads_password_at_start(const struct engine *engine);

// Where engine_major_command finds the data, mounted read-only.
#define ENGINE_DATA_MOUNT "/run/berth-data"

// The same answer where only a container can read the data: a command, run as root in an image of
// the engine, that prints the major version, or 0 where there is no data. NULL: an engine whose
// data every version reads.
const char *const *engine_major_command(const struct engine *engine);
