#include "orchestrator/compose/variables.h"

#include <string.h>

void compose_variables_release(struct compose_variables *variables)
{
    vec_release(&variables->items);
}

const char *compose_variable(struct compose_variables *variables, const char *name,
                             const char *about)
{
    vec_each (known, &variables->items)
        if (strcmp(known->name, name) == 0)
            return known->placeholder;
    const char *placeholder =
        arena_printf(variables->arena, "berth-placeholder-%zu-", variables->items.len);
    vec_push(&variables->items,
             (struct compose_variable){.name = arena_strdup(variables->arena, name),
                                       .about = arena_strdup(variables->arena, about),
                                       .placeholder = placeholder});
    return placeholder;
}

static struct compose_variable *placeholder_at(struct compose_variables *variables,
                                               const char *text)
{
    vec_each (variable, &variables->items)
        if (strncmp(text, variable->placeholder, strlen(variable->placeholder)) == 0)
            return variable;
    return NULL;
}

void compose_text(struct compose_variables *variables, const char *text, struct strbuf *out)
{
    while (*text) {
        struct compose_variable *variable = placeholder_at(variables, text);
        if (variable) {
            strbuf_addf(out, "${%s:?unset}", variable->name);
            variable->used = true;
            text += strlen(variable->placeholder);
            continue;
        }
        strbuf_adds(out, *text == '$' ? "$$" : (const char[]){*text, '\0'});
        text++;
    }
}
