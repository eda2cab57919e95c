#include "orchestrator/run/facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

bool facts_note(struct facts *facts, enum fact_name name, bool is_good, const char *text,
                int64_t now_wall_ms)
{
    struct fact *fact = &facts->items[name];
    fact->seen_wall_ms = now_wall_ms;
    if (fact->text && fact->is_good == is_good && strcmp(fact->text, text) == 0)
        return false;
    if (!fact->text || fact->is_good != is_good)
        fact->since_wall_ms = now_wall_ms;
    free(fact->text);
    fact->text = mem_strdup(text);
    fact->is_good = is_good;
    return true;
}

void facts_clear(struct facts *facts)
{
    for (size_t i = 0; i < FACT_COUNT; i++)
        free(facts->items[i].text);
    *facts = (struct facts){0};
}

static void add_time(cJSON *object, const char *key, int64_t wall_ms)
{
    char time[CLOCK_RFC3339_SIZE];
    clock_format_rfc3339(wall_ms, time);
    cJSON_AddStringToObject(object, key, time);
}

cJSON *facts_json(const struct facts *facts)
{
    static const char *const names[] = {
#define X(name, text) [name] = text,
        FACTS(X)
#undef X
    };
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < FACT_COUNT; i++) {
        const struct fact *fact = &facts->items[i];
        if (!fact->text)
            continue;
        cJSON *json = cJSON_CreateObject();
        cJSON_AddStringToObject(json, "name", names[i]);
        cJSON_AddBoolToObject(json, "good", fact->is_good);
        cJSON_AddStringToObject(json, "text", fact->text);
        add_time(json, "since", fact->since_wall_ms);
        add_time(json, "seen", fact->seen_wall_ms);
        cJSON_AddItemToArray(list, json);
    }
    return list;
}
