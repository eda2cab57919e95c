#include "orchestrator/compose/compose.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "orchestrator/compose/document.h"
#include "orchestrator/compose/network.h"

bool compose_includes(const struct plan_resource *resource)
{
    return resource->backing == BACKING_CONTAINER || resource->kind == RESOURCE_MIGRATIONS ||
           resource->kind == RESOURCE_SERVICE || resource->kind == RESOURCE_PLUGIN ||
           resource->kind == RESOURCE_PROCESSOR;
}

const char *compose_migrator_name(const struct plan *plan, const struct plan_resource *job)
{
    size_t count = 0;
    vec_each (resource, &plan->resources)
        count += resource->kind == RESOURCE_MIGRATIONS;
    if (count == 1)
        return "migrator";
    return arena_printf(plan->arena, "migrator-%s", plan->resources.items[job->target].name);
}

const char *compose_path(const struct compose_document *document, const char *absolute)
{
    const struct plan *plan = document->plan;
    const char *const roots[] = {plan->workspace->root, plan->settings->root};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        const char *below = path_below(roots[i], absolute);
        if (below != absolute)
            return arena_printf(plan->arena, "%s/%s", document->root, below);
        if (strcmp(roots[i], absolute) == 0)
            return document->root;
    }
    return absolute;
}

void compose_scalar(const struct compose_document *document, const char *text)
{
    AUTO_STRBUF scalar = STRBUF_INIT;
    compose_text(document->variables, text, &scalar);
    yaml_writer_text(document->yaml, scalar.data);
}

void compose_pair(const struct compose_document *document, const char *key, const char *text)
{
    yaml_writer_text(document->yaml, key);
    compose_scalar(document, text);
}

void compose_list(const struct compose_document *document, const char *key,
                  const char *const *items, size_t count)
{
    yaml_writer_list_of(document->yaml, key);
    for (size_t i = 0; i < count; i++)
        compose_scalar(document, items[i]);
    yaml_writer_end_list(document->yaml);
}

void compose_health(const struct compose_document *document, const char *const *test,
                    int interval_s, int retries)
{
    size_t count = 0;
    while (test[count])
        count++;
    AUTOFREE char *interval = mem_printf("%ds", interval_s);
    AUTOFREE char *count_text = mem_printf("%d", retries);
    yaml_writer_map_of(document->yaml, "healthcheck");
    compose_list(document, "test", test, count);
    compose_pair(document, "interval", interval);
    compose_pair(document, "timeout", "5s");
    yaml_writer_text(document->yaml, "retries");
    yaml_writer_bare(document->yaml, count_text);
    yaml_writer_end_map(document->yaml);
}

// What a dependency has to come to; NULL: it is nothing of the file.
static const char *condition_of(const struct plan *plan, const struct plan_resource *dependency)
{
    if (!compose_includes(dependency))
        return NULL;
    if (dependency->kind == RESOURCE_MIGRATIONS)
        return "service_completed_successfully";
    if (dependency->backing == BACKING_CONTAINER || compose_process_test(plan, dependency))
        return "service_healthy";
    return "service_started";
}

void compose_dependencies(const struct compose_document *document,
                          const struct plan_resource *resource)
{
    const struct plan *plan = document->plan;
    yaml_writer_map_of(document->yaml, "depends_on");
    vec_each (index, &resource->dependencies) {
        const struct plan_resource *dependency = &plan->resources.items[*index];
        const char *condition = condition_of(plan, dependency);
        if (!condition)
            continue;
        yaml_writer_map_of(document->yaml, dependency->kind == RESOURCE_MIGRATIONS
                                               ? compose_migrator_name(plan, dependency)
                                               : dependency->name);
        compose_pair(document, "condition", condition);
        yaml_writer_end_map(document->yaml);
    }
    yaml_writer_end_map(document->yaml);
}

static void write_services(const struct compose_document *document)
{
    yaml_writer_map_of(document->yaml, "services");
    vec_each (resource, &document->plan->resources) {
        if (!compose_includes(resource))
            continue;
        if (resource->backing == BACKING_CONTAINER)
            compose_server(document, resource);
        else if (resource->kind == RESOURCE_MIGRATIONS)
            compose_migrator(document, resource);
        else
            compose_process(document, resource);
    }
    yaml_writer_end_map(document->yaml);
}

static bool has_volume(const struct plan_resource *resource)
{
    return resource->backing == BACKING_FILE ||
           (resource->backing == BACKING_CONTAINER && resource->volume_name);
}

static void write_volumes(const struct compose_document *document)
{
    yaml_writer_map_of(document->yaml, "volumes");
    vec_each (resource, &document->plan->resources) {
        if (!has_volume(resource))
            continue;
        yaml_writer_text(document->yaml, compose_volume(document->plan, resource));
        yaml_writer_begin_map(document->yaml);
        yaml_writer_end_map(document->yaml);
    }
    yaml_writer_end_map(document->yaml);
}

static void write_secrets(const struct compose_document *document)
{
    yaml_writer_map_of(document->yaml, "secrets");
    vec_each (resource, &document->plan->resources) {
        const char *file = compose_secret_file(document->plan, resource);
        if (!file)
            continue;
        yaml_writer_map_of(document->yaml, compose_secret(document->plan, resource));
        compose_pair(document, "file", compose_path(document, file));
        yaml_writer_end_map(document->yaml);
    }
    yaml_writer_end_map(document->yaml);
}

static int write_document(const struct plan *plan, const char *root,
                          struct compose_variables *variables, struct strbuf *out, struct err *err)
{
    const struct compose_document document = {plan, root, yaml_writer_open(out), variables};
    yaml_writer_begin_map(document.yaml);
    write_services(&document);
    write_volumes(&document);
    write_secrets(&document);
    yaml_writer_end_map(document.yaml);
    return yaml_writer_close(document.yaml, err);
}

// What has to be set, and what else there is to know before the file is used.
static void write_header(const struct plan *plan, const struct compose_variables *variables,
                         struct strbuf *out)
{
    size_t width = 0;
    vec_each (variable, &variables->items)
        if (variable->used && strlen(variable->name) > width)
            width = strlen(variable->name);
    strbuf_adds(out, "# ");
    for (const char *c = plan->settings->name ? plan->settings->name : "A workspace"; *c; c++)
        strbuf_addch(out, (unsigned char)*c < ' ' ? ' ' : *c); // a comment ends with its line
    strbuf_adds(out, ", written by `berth export compose`. What it gets wrong for you belongs in\n"
                     "# compose.override.yaml, so that this file can be written again.\n");
    if (!width)
        return;
    strbuf_adds(out, "#\n# To be set in the environment, or in the file .env beside this one. A "
                     "password is written into\n# addresses as it is: letters, digits, \"-\", "
                     "\".\", \"_\" and \"~\" are safe.\n#\n");
    vec_each (variable, &variables->items)
        if (variable->used)
            strbuf_addf(out, "#   %-*s  %s\n", (int)width, variable->name, variable->about);
}

// Every service of the file has a name of its own.
static int check_names(const struct plan *plan, struct err *err)
{
    size_t count = 0;
    vec_each (resource, &plan->resources) {
        count += compose_includes(resource);
        if (resource->kind != RESOURCE_MIGRATIONS)
            continue;
        const struct plan_resource *other = plan_find(plan, compose_migrator_name(plan, resource));
        if (other && compose_includes(other))
            return err_set(err, ERR_INVALID,
                           "the name \"%s\" is for the service that migrates %s; the export needs "
                           "another one for the %s",
                           other->name, plan->resources.items[resource->target].name,
                           resource_kind_name(other->kind));
    }
    return count ? 0 : err_set(err, ERR_INVALID, "there is nothing here to export");
}

int compose_write(struct plan *plan, const char *root, struct strbuf *out, struct err *err)
{
    __attribute__((cleanup(compose_variables_release))) struct compose_variables variables = {
        .arena = plan->arena};
    AUTO_STRBUF body = STRBUF_INIT;
    if (check_names(plan, err) || compose_network_enter(plan, root, &variables, err) ||
        write_document(plan, root, &variables, &body, err))
        return -1;
    write_header(plan, &variables, out);
    strbuf_adds(out, "\n");
    strbuf_add(out, body.data, body.len);
    return 0;
}
