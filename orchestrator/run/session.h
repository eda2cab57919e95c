#pragma once
// One run of a supervisor: the workspace locked, what a killed predecessor left behind ended, the
// plan made, the supervisor ready to start. `start` keeps it for long, `db` commands for a moment.

#include "orchestrator/run/supervisor.h"

struct session_options {
    struct plan_options plan;
    struct supervisor_options supervisor;
    const char *const *names; // of the resources wanted; none: all
    size_t name_count;
    bool database_alone; // the one named resource comes up without its migrations and seed
};

// The settings as they were read again, and what they make.
struct session_reading {
    struct settings *settings;
    struct plan *plan;
};

struct session {
    struct workspace workspace;
    struct session_options options; // its texts are borrowed
    VEC_OF(struct session_reading)
    readings; // each since the start that changed something: what runs was made of one of them
    struct store *store;
    struct plan *plan;
    bool *wanted;
    struct loop *loop;
    struct supervisor *supervisor;
};

// ERR_INVALID when the plan has mistakes: they are in diags. settings and observer are borrowed.
// *out is owned by the caller, also for session_close after a failure.
int session_open(const struct settings *settings, const struct session_options *options,
                 const struct supervisor_observer *observer, struct session *out,
                 struct diag_list *diags, struct err *err) MUST_CHECK;

// Reads the settings once more and answers, to be owned by the caller, what they change
// (reload_difference); unless `dry`, that begins, and `touched` in the answer names what is to end
// or start. With mistakes nothing is touched: {"mistakes": their number, "diagnostics": the text}.
// Warnings are diagnostics without mistakes. It is as short as a start is before anything runs:
// some files of this machine are read, nobody else is asked.
int session_reload(struct session *session, bool dry, cJSON **answer, struct err *err) MUST_CHECK;

void session_close(struct session *session);
