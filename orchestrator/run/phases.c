#include "orchestrator/run/phases.h"

#include <stddef.h>

const char *phase_name(enum phase phase)
{
    static const char *const names[] = {
#define X(name, text) [name] = text,
        PHASES(X)
#undef X
    };
    return names[phase];
}

void phases_reset(struct phases *phases, enum phase first, int64_t now_ms)
{
    *phases = (struct phases){.now = first, .since_ms = now_ms, .is_open = true};
}

void phases_enter(struct phases *phases, enum phase next, int64_t now_ms)
{
    if (!phases->is_open || phases->now == next)
        return;
    phases->spent_ms[phases->now] += now_ms - phases->since_ms;
    phases->now = next;
    phases->since_ms = now_ms;
}

void phases_end(struct phases *phases, int64_t now_ms)
{
    if (!phases->is_open)
        return;
    phases->spent_ms[phases->now] += now_ms - phases->since_ms;
    phases->is_open = false;
}

int64_t phases_spent_ms(const struct phases *phases, enum phase phase, int64_t now_ms)
{
    const bool goes_on = phases->is_open && phases->now == phase;
    return phases->spent_ms[phase] + (goes_on ? now_ms - phases->since_ms : 0);
}

cJSON *phases_json(const struct phases *phases, int64_t now_ms)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < PHASE_COUNT; i++) {
        const int64_t spent_ms = phases_spent_ms(phases, (enum phase)i, now_ms);
        if (spent_ms <= 0)
            continue;
        cJSON *json = cJSON_CreateObject();
        cJSON_AddStringToObject(json, "phase", phase_name((enum phase)i));
        cJSON_AddNumberToObject(json, "ms", (double)spent_ms);
        cJSON_AddItemToArray(list, json);
    }
    return list;
}
