#pragma once
// What `berth doctor` found: one line a thing that was looked at, and the remedy where there is
// something to do.

#include <stddef.h>

#include "base/arena.h"
#include "base/vec.h"

enum finding_level {
    FINDING_OK,
    FINDING_NOTE,   // worth knowing: berth gets along with it
    FINDING_PROBLEM // something will not work
};

struct finding {
    enum finding_level level;
    const char *check;  // "engine", "port", …; static
    const char *text;   // one line
    const char *remedy; // NULL: there is nothing to do
};

// Zero-initialised is empty. It owns the texts.
struct findings {
    VEC_OF(struct finding) items;
    struct arena *arena;
    size_t problems;
};

void findings_release(struct findings *findings);
void findings_add(struct findings *findings, enum finding_level level, const char *check,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));
// Of the one that was added last; an empty text is none.
void findings_remedy(struct findings *findings, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

const char *finding_level_name(enum finding_level level); // "ok", "note", "problem"
