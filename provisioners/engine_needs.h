#pragma once
// What an engine insists on: of its password, of the machine that its container runs on, and of the
// time that its first start may take.

#include <stdint.h>

#include "provisioners/engine.h"

// ERR_INVALID, with what is missing: SQL Server's policy (8 to 128 characters, three of the four
// kinds), which its image checks only once it runs. Others take any password.
int engine_check_password(const struct engine *engine, const char *password,
                          struct err *err) MUST_CHECK;

// Does it insist on a machine: on its processor and its memory?
bool engine_is_particular(const struct engine *engine);
// `architecture` as the container engine names it: "x86_64", "amd64" (Podman), "aarch64"; "": not
// known. `memory_mb`: of the machine, 0: not known. ERR_RESOURCE, with a hint.
int engine_check_machine(const struct engine *engine, const char *architecture, double memory_mb,
                         struct err *err) MUST_CHECK;

// How long it may take to be ready where nobody says; 0: as any other.
int64_t engine_start_timeout_ms(const struct engine *engine);
// How long it may refuse the right password because it is not set up yet; 0: never.
int64_t engine_refusal_patience_ms(const struct engine *engine);
