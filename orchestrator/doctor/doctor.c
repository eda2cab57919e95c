#include "orchestrator/doctor/doctor.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "orchestrator/doctor/examination.h"

void diagnosis_release(struct diagnosis *diagnosis)
{
    findings_release(&diagnosis->findings);
}

// "appsettings.json:3:16: unknown engine …"
static void add_diagnostic(struct findings *findings, const struct diag *diag)
{
    const bool is_error = diag->severity == DIAG_ERROR;
    AUTO_STRBUF text = STRBUF_INIT;
    if (diag->span.source) {
        const struct position place = source_position(diag->span.source, diag->span.start);
        strbuf_addf(&text, "%s:%zu:%zu: ", diag->span.source->path, place.line, place.column);
    }
    strbuf_adds(&text, diag->message);
    findings_add(findings, is_error ? FINDING_PROBLEM : FINDING_NOTE, "settings", "%s", text.data);
    if (diag->hint)
        findings_remedy(findings, "%s", diag->hint);
}

static struct settings *examine_settings(struct diagnosis *diagnosis, const char *project_root,
                                         char *const *environ)
{
    struct findings *findings = &diagnosis->findings;
    const struct settings_options options = {.project_root = project_root, .environ = environ};
    struct diag_list diags = {0};
    struct settings *settings = NULL;
    struct err err;
    if (settings_load(&options, &settings, &diags, &err)) {
        findings_add(findings, FINDING_NOTE, "settings", "%s", err.message);
        findings_remedy(findings, "%s", err.hint);
        diag_list_release(&diags);
        return NULL;
    }
    vec_each (diag, &diags.items)
        add_diagnostic(findings, diag);
    diagnosis->has_mistakes = diags.error_count > 0;
    if (!diagnosis->has_mistakes)
        findings_add(findings, FINDING_OK, "settings", "%s is valid", settings->file);
    diag_list_release(&diags);
    return settings;
}

void doctor_examine(const char *project_root, char *const *environ, struct diagnosis *diagnosis)
{
    struct settings *settings = examine_settings(diagnosis, project_root, environ);
    struct workspace workspace;
    struct err err;
    struct examination examination = {.diagnosis = diagnosis,
                                      .findings = &diagnosis->findings,
                                      .settings = diagnosis->has_mistakes ? NULL : settings,
                                      .arena = arena_new()};
    if (settings && workspace_open(settings->root, &workspace, &err) == 0) {
        examination.workspace = &workspace;
        examination.supervisor = workspace_holder(&workspace);
        examine_wanted(&examination);
        examine_disk(&examination, "workspace", workspace.root);
    }
    examine_engine(&examination);
    if (examination.workspace) {
        examine_directories(&examination);
        examine_ports(&examination);
        examine_state(&examination);
        examine_programs(&examination);
        workspace_release(&workspace);
    }
    vec_release(&examination.wanted);
    cJSON_Delete(examination.containers);
    arena_free(examination.arena);
    settings_free(settings);
}
