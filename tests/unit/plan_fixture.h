#pragma once
// A plan of settings that lie in a workspace of its own.

#include "tests/unit/workspace_fixture.h"

#include "orchestrator/plan/plan.h"

struct plan_fixture {
    struct workspace_fixture *files;
    struct settings *settings;
    struct store *store;
    struct plan *plan;
    struct diag_list diags;
    struct strbuf shown; // "error: message (hint)", a line each
};

static inline int plan_fixture_setup(void **state)
{
    struct plan_fixture *fixture = mem_alloc(sizeof *fixture);
    void *files = NULL;
    struct err err;
    if (workspace_fixture_setup(&files))
        return -1;
    fixture->files = files;
    fixture->shown = (struct strbuf)STRBUF_INIT;
    if (store_open(&fixture->files->workspace, &fixture->store, &err))
        return -1;
    *state = fixture;
    return 0;
}

static inline void plan_fixture_clear(struct plan_fixture *fixture)
{
    plan_free(TAKE(fixture->plan));
    diag_list_release(&fixture->diags);
    strbuf_release(&fixture->shown);
    settings_free(TAKE(fixture->settings));
}

static inline int plan_fixture_teardown(void **state)
{
    struct plan_fixture *fixture = *state;
    void *files = fixture->files;
    plan_fixture_clear(fixture);
    store_close(fixture->store);
    free(fixture);
    return workspace_fixture_teardown(&files);
}

static inline void plan_fixture_mkdir(struct plan_fixture *fixture, const char *name)
{
    struct err err;
    AUTOFREE char *path = path_join(fixture->files->root, name);
    if (file_make_directories(path, 0700, &err))
        fail_msg("%s", err.message);
}

// Plans a NetScript object of these members, NULL: without any appsettings.json. Mistakes are in
// `shown`; a workspace's root in them reads "<root>".
static inline void plan_fixture_plan(struct plan_fixture *fixture, const char *members,
                                     const struct plan_options *options)
{
    static char *const no_variables[] = {NULL};
    struct plan_options plan_options = options ? *options : (struct plan_options){0};
    struct err err;
    if (!plan_options.environ)
        plan_options.environ = no_variables;
    plan_fixture_clear(fixture);
    if (members) {
        AUTOFREE char *text = mem_printf("{\"NetScript\": {\"Name\": \"shop\",\n%s}}\n", members);
        workspace_fixture_write(fixture->files, "appsettings.json", text);
    }
    const struct settings_options where = {.project_root = fixture->files->root,
                                           .environ = plan_options.environ,
                                           .file_optional = !members};
    if (settings_load(&where, &fixture->settings, &fixture->diags, &err) ||
        plan_build(fixture->settings, &fixture->files->workspace, fixture->store, &plan_options,
                   &fixture->plan, &fixture->diags, &err))
        fail_msg("%s", err.message);
    vec_each (diag, &fixture->diags.items)
        strbuf_addf(&fixture->shown, "%s: %s%s%s%s\n",
                    diag->severity == DIAG_ERROR ? "error" : "warning", diag->message,
                    diag->hint ? " (" : "", diag->hint ? diag->hint : "", diag->hint ? ")" : "");
}

static inline const struct plan_resource *planned(struct plan_fixture *fixture, const char *name)
{
    const struct plan_resource *resource = plan_find(fixture->plan, name);
    if (!resource)
        fail_msg("nothing is named %s; said was: %s", name, fixture->shown.data);
    return resource;
}

// What may differ between runs, replaced: the root by "<root>", the workspace's id by "<id>",
// passwords by "****".
static inline void plan_fixture_show(struct plan_fixture *fixture, const char *text,
                                     struct strbuf *out)
{
    const char *root = fixture->files->workspace.root, *id = fixture->files->workspace.id;
    AUTO_STRBUF redacted = STRBUF_INIT;
    redactor_apply(fixture->plan->redactor, text, strlen(text), &redacted);
    for (const char *at = redacted.data; *at;) {
        if (strncmp(at, root, strlen(root)) == 0) {
            strbuf_adds(out, "<root>");
            at += strlen(root);
        } else if (strncmp(at, id, strlen(id)) == 0) {
            strbuf_adds(out, "<id>");
            at += strlen(id);
        } else {
            strbuf_addch(out, *at++);
        }
    }
}

#define PLAN_TEST(f) cmocka_unit_test_setup_teardown(f, plan_fixture_setup, plan_fixture_teardown)
