#include "orchestrator/drivers/container_end.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "orchestrator/drivers/container_parts.h"
#include "orchestrator/run/exit_code.h"
#include "orchestrator/run/last_words.h"
#include "orchestrator/run/supervisor.h"

// The end has to show within a second.
enum { OUTPUT_GRACE_MS = 500 };

// "exit code 137, out of memory"
static void describe(const struct container_ending *ending, struct strbuf *out)
{
    const char *meaning =
        ending->is_out_of_memory ? "out of memory" : exit_code_meaning(ending->exit_code);
    strbuf_addf(out, "exit code %d", ending->exit_code);
    if (meaning)
        strbuf_addf(out, ", %s", meaning);
    if (ending->error)
        strbuf_addf(out, ", %s", ending->error);
}

static void add_hint(struct resource *resource, const struct container_ending *ending)
{
    if (!ending->is_out_of_memory)
        return;
    const int limit_mb = resource->plan->spec.memory_limit_mb;
    if (limit_mb)
        resource_hint(resource, "raise MemoryLimitMb of \"%s\", which is %d", resource->plan->name,
                      limit_mb);
    else
        resource_hint(resource, "the machine ran out of memory: `docker stats` shows who takes it");
}

static void tell(struct resource *resource)
{
    struct container_ending *ending = &container_of(resource)->ending;
    loop_timer_clear(ending->timer);
    ending->is_due = false;
    if (ending->was_removed) {
        resource_over(resource, FACT_CONTAINER, "removed");
        resource_exited(resource, -1, "its container was removed");
        return;
    }
    AUTO_STRBUF what = STRBUF_INIT, words = STRBUF_INIT;
    describe(ending, &what);
    AUTOFREE char *fact = mem_printf("ended: %s", what.data);
    resource_over(resource, FACT_CONTAINER, fact);
    add_hint(resource, ending);
    if (ending->exit_code && !ending->is_out_of_memory)
        last_words(resource, &words);
    resource_exited(resource, ending->exit_code, "its container ended: %s%s%s", what.data,
                    words.len ? ": " : "", words.data);
}

static void on_grace_over(void *context)
{
    tell(context);
}

void container_end(struct resource *resource, const cJSON *state)
{
    struct container *container = container_of(resource);
    struct container_ending *ending = &container->ending;
    if (ending->is_due)
        return;
    const char *error = json_string_or(state, "Error", "");
    free(ending->error);
    ending->error = error[0] ? mem_strdup(error) : NULL;
    ending->is_due = true;
    ending->was_removed = state == NULL;
    ending->exit_code = (int)json_int_or(state, "ExitCode", -1);
    ending->is_out_of_memory = json_bool_or(state, "OOMKilled", false);
    if (!ending->timer)
        ending->timer =
            loop_timer_new(supervisor_loop(resource->supervisor), on_grace_over, resource);
    if (container->logs)
        loop_timer_set(ending->timer, OUTPUT_GRACE_MS);
    else
        tell(resource);
}

void container_end_of_output(struct resource *resource)
{
    if (container_of(resource)->ending.is_due)
        tell(resource);
}
