#pragma once
// What is known of a resource's readiness, each fact for itself: that the engine says its container
// runs, that the image's own check is content, that a process is alive, that a real login worked.
// None follows from another, and none of them is the state: all are shown side by side.

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

// In the order of telling. The check of an image is only there where the image has one.
#define FACTS(X)                       \
    X(FACT_CONTAINER, "container")     \
    X(FACT_IMAGE_CHECK, "image check") \
    X(FACT_PROCESS, "process")         \
    X(FACT_HTTP, "http")               \
    X(FACT_LOGIN, "login")

enum fact_name {
#define X(name, text) name,
    FACTS(X)
#undef X
        FACT_COUNT
};

struct fact {
    char *text; // "running", "exit code 137, out of memory"; NULL: nothing is known
    bool is_good;
    int64_t since_wall_ms; // is so since
    int64_t seen_wall_ms;  // was last seen to be so
};

struct facts {
    struct fact items[FACT_COUNT];
};

// Copies the text. Returns whether that is news: only the time of the look is not.
bool facts_note(struct facts *facts, enum fact_name name, bool is_good, const char *text,
                int64_t now_wall_ms);
// What was known of a former run.
void facts_clear(struct facts *facts);

// [{"name": "login", "good": true, "text": "PostgreSQL 15.8", "since": …, "seen": …}], times RFC
// 3339. Owned by the caller.
cJSON *facts_json(const struct facts *facts);
