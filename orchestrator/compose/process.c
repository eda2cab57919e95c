#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "orchestrator/compose/document.h"
#include "orchestrator/compose/network.h"
#include "orchestrator/plan/database_url.h"

enum { HEALTH_INTERVAL_S = 5, HEALTH_RETRIES = 12 };

#define MIGRATOR_ROOT "/workspace"

const char *const *compose_process_test(const struct plan *plan,
                                        const struct plan_resource *resource)
{
    static const struct {
        const char *program, *option, *code; // the URL is the code's only argument
    } probes[] = {
        {"deno", "eval", "Deno.exit((await fetch(Deno.args[0])).ok ? 0 : 1)"},
        {"node", "-e",
         "fetch(process.argv[1]).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"},
        {"python3", "-c",
         "import sys, urllib.request as r; r.urlopen(sys.argv[1], timeout=5).close()"},
    };
    const char *program = path_basename(resource->argv[0]);
    for (size_t i = 0; resource->health_url && i < sizeof probes / sizeof *probes; i++) {
        if (strcmp(program, probes[i].program) != 0)
            continue;
        const char **test = ARENA_ARRAY(plan->arena, const char *, 6);
        const char *const words[] = {"CMD", resource->argv[0], probes[i].option, probes[i].code,
                                     resource->health_url};
        memcpy(test, words, sizeof words);
        return test;
    }
    return NULL;
}

// Its own build where it says how, else an image that somebody made.
static void write_image(const struct compose_document *document,
                        const struct plan_resource *resource)
{
    struct arena *arena = document->plan->arena;
    AUTOFREE char *dockerfile = path_join(resource->workdir, "Dockerfile");
    if (file_exists(dockerfile)) {
        compose_pair(document, "build", compose_path(document, resource->workdir));
        return;
    }
    const char *variable = arena_printf(arena, "%s_IMAGE", variable_name(resource->name, arena));
    const char *about = arena_printf(arena, "the image of %s", resource->name);
    compose_pair(document, "image", compose_variable(document->variables, variable, about));
}

// Watching files is for whoever edits them.
static bool is_watching(const struct plan_resource *resource, const char *argument)
{
    return resource->process->command.count == 0 &&
           (strcmp(argument, "--watch") == 0 || strcmp(argument, "--watch-hmr") == 0);
}

static void write_command(const struct compose_document *document,
                          const struct plan_resource *resource)
{
    yaml_writer_list_of(document->yaml, "command");
    for (const char *const *argument = resource->argv; *argument; argument++)
        if (!is_watching(resource, *argument))
            compose_scalar(document, *argument);
    yaml_writer_end_list(document->yaml);
}

static bool mentions(const struct plan_resource *resource, const char *text)
{
    vec_each (variable, &resource->environment)
        if (strstr(variable->value, text))
            return true;
    return false;
}

static const char *file_directory(const struct plan *plan, const struct plan_resource *database)
{
    return arena_printf(plan->arena, COMPOSE_FILES "/%s", database->name);
}

static void write_file_volume(const struct compose_document *document,
                              const struct plan_resource *database)
{
    AUTOFREE char *text = mem_printf("%s:%s", compose_volume(document->plan, database),
                                     file_directory(document->plan, database));
    compose_scalar(document, text);
}

// The directories of the databases that are files and that its environment names.
static void write_file_volumes(const struct compose_document *document,
                               const struct plan_resource *resource)
{
    yaml_writer_list_of(document->yaml, "volumes");
    vec_each (database, &document->plan->resources) {
        if (database->backing != BACKING_FILE)
            continue;
        AUTOFREE char *below = mem_printf("%s/", file_directory(document->plan, database));
        if (mentions(resource, below))
            write_file_volume(document, database);
    }
    yaml_writer_end_list(document->yaml);
}

static void write_extra_hosts(const struct compose_document *document)
{
    yaml_writer_list_of(document->yaml, "extra_hosts");
    compose_scalar(document, COMPOSE_HOST ":host-gateway");
    yaml_writer_end_list(document->yaml);
}

static const char *restart_name(enum restart_policy policy)
{
    return policy == RESTART_ALWAYS       ? "always"
           : policy == RESTART_ON_FAILURE ? "on-failure"
                                          : "unless-stopped";
}

void compose_process(const struct compose_document *document, const struct plan_resource *resource)
{
    const char *const *test = compose_process_test(document->plan, resource);
    yaml_writer_map_of(document->yaml, resource->name);
    write_image(document, resource);
    write_command(document, resource);
    // Programs that are not made to be process 1 would not hear its signals.
    yaml_writer_text(document->yaml, "init");
    yaml_writer_bare(document->yaml, "true");
    compose_pair(document, "restart", restart_name(resource->restart));
    compose_process_environment(document, resource);
    if (resource->port) {
        AUTOFREE char *port = mem_printf("127.0.0.1:%d:%d", resource->port, resource->port);
        compose_list(document, "ports", (const char *const[]){port}, 1);
    }
    write_file_volumes(document, resource);
    if (mentions(resource, COMPOSE_HOST))
        write_extra_hosts(document);
    if (test)
        compose_health(document, test, HEALTH_INTERVAL_S, HEALTH_RETRIES);
    compose_dependencies(document, resource);
    yaml_writer_end_map(document->yaml);
}

// Only the migrations are there for it, under the name that a workspace without settings has them:
// it needs no appsettings.json, and can change nothing but the database.
static void write_migrator_volumes(const struct compose_document *document,
                                   const struct plan_resource *job,
                                   const struct plan_resource *database)
{
    struct arena *arena = document->plan->arena;
    AUTOFREE char *migrations =
        mem_printf("%s:" MIGRATOR_ROOT "/database/%s/migrations:ro",
                   compose_path(document, job->migrations_path),
                   database_key_of_engine(database->connection.engine->name, arena));
    yaml_writer_list_of(document->yaml, "volumes");
    compose_scalar(document, migrations);
    if (database->backing == BACKING_FILE)
        write_file_volume(document, database);
    yaml_writer_end_list(document->yaml);
}

void compose_migrator(const struct compose_document *document, const struct plan_resource *job)
{
    const struct plan *plan = document->plan;
    const struct plan_resource *database = &plan->resources.items[job->target];
    AUTO_STRBUF url = STRBUF_INIT;
    connection_url(&database->connection, &url);
    yaml_writer_map_of(document->yaml, compose_migrator_name(plan, job));
    compose_pair(document, "image",
                 compose_variable(document->variables, "BERTH_IMAGE",
                                  "an image that has berth in it, for the migrations"));
    compose_list(document, "entrypoint", (const char *const[]){"berth"}, 1);
    compose_list(document, "command", (const char *const[]){"db", "deploy"}, 2);
    compose_pair(document, "working_dir", MIGRATOR_ROOT);
    compose_pair(document, "restart", "no");
    yaml_writer_map_of(document->yaml, "environment");
    compose_pair(document, "DATABASE_URL", url.data);
    yaml_writer_end_map(document->yaml);
    write_migrator_volumes(document, job, database);
    if (strstr(url.data, COMPOSE_HOST))
        write_extra_hosts(document);
    compose_dependencies(document, job);
    yaml_writer_end_map(document->yaml);
}
