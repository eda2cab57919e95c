#pragma once
// Data that a server left on disk: who made it, and how it is given another password. Rules: the
// workspace contract, section 2.

#include <stdbool.h>

#include "provisioners/engine_version.h"

// Which server made the data below a host directory that is mounted as the spec says. Its major is
// 0 when there is none, -1 when there is data of a version that cannot be told (the files are
// another user's). An engine whose data every version reads has always 0.
struct engine_version engine_data_version(const struct engine *engine, const char *directory);

// What gives the administrator of existing data the password that the spec's password file holds:
// the command of a container of the same image, environment, mounts and arguments, run as root
// instead of the image's entrypoint, while nothing else has the data open. It exits with 0 when the
// password is set, prints no secret, and changes nothing else. NULL: the engine has no such
// command.
const char *const *engine_heal_command(const struct engine *engine);

// Whether the password is not part of the data: the server reads it when it starts, so that a new
// start is all it needs.
bool engine_reads_password_at_start(const struct engine *engine);

// Where engine_version_command finds the data, mounted read-only.
#define ENGINE_DATA_MOUNT "/run/berth-data"

// The same answer as engine_data_version's where only a container can read the data: a command, run
// as root in an image of the engine, that prints what engine_version_parse reads. NULL: an engine
// whose data every version reads.
const char *const *engine_version_command(const struct engine *engine);
