#pragma once
// A Compose file being written: what its parts share. Private to this folder.

#include "orchestrator/compose/variables.h"
#include "orchestrator/compose/yaml_writer.h"
#include "orchestrator/plan/plan.h"

struct compose_document {
    const struct plan *plan;
    const char *root; // as compose_write
    struct yaml_writer *yaml;
    struct compose_variables *variables;
};

// One entry of `services:` each.
void compose_server(const struct compose_document *document, const struct plan_resource *resource);
void compose_migrator(const struct compose_document *document, const struct plan_resource *job);
void compose_process(const struct compose_document *document, const struct plan_resource *resource);

// The entries of `environment:`, in the order of their names.
void compose_server_environment(const struct compose_document *document,
                                const struct plan_resource *resource);
void compose_process_environment(const struct compose_document *document,
                                 const struct plan_resource *resource);

// Is the resource a service of the file?
bool compose_includes(const struct plan_resource *resource);
// The name of the service that does a migrations job: "migrator", or "migrator-<key>" where there
// are several. In the plan's arena.
const char *compose_migrator_name(const struct plan *plan, const struct plan_resource *job);
// "<key>-data", the volume of a server or of a file's directory. In the plan's arena.
const char *compose_volume(const struct plan *plan, const struct plan_resource *resource);
// "<key>-password", the secret of a server. In the plan's arena.
const char *compose_secret(const struct plan *plan, const struct plan_resource *resource);
// The file that a server reads its password from, absolute, in the plan's arena; NULL: it has none.
const char *compose_secret_file(const struct plan *plan, const struct plan_resource *resource);

// A path as seen from the file: relative to it below the workspace's root, else as it is. In the
// plan's arena.
const char *compose_path(const struct compose_document *document, const char *absolute);
// Scalars as Compose reads them: variables in, "$" literal.
void compose_scalar(const struct compose_document *document, const char *text);
void compose_pair(const struct compose_document *document, const char *key, const char *text);
void compose_list(const struct compose_document *document, const char *key,
                  const char *const *items, size_t count);
// `healthcheck:`; test is NULL-terminated.
void compose_health(const struct compose_document *document, const char *const *test,
                    int interval_s, int retries);
// `depends_on:`, of what is in the file.
void compose_dependencies(const struct compose_document *document,
                          const struct plan_resource *resource);
// How a process is asked for its health from inside its container, by what its command shows to be
// there: NULL-terminated, in the plan's arena; NULL: not at all.
const char *const *compose_process_test(const struct plan *plan,
                                        const struct plan_resource *resource);
