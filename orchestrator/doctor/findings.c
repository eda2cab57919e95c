#include "orchestrator/doctor/findings.h"

#include <stdarg.h>

void findings_release(struct findings *findings)
{
    vec_release(&findings->items);
    if (findings->arena)
        arena_free(findings->arena);
    *findings = (struct findings){0};
}

static const char *keep(struct findings *findings, const char *format, va_list args)
{
    AUTOFREE char *text = mem_vprintf(format, args);
    return arena_strdup(findings->arena, text);
}

void findings_add(struct findings *findings, enum finding_level level, const char *check,
                  const char *format, ...)
{
    if (!findings->arena)
        findings->arena = arena_new();
    va_list args;
    va_start(args, format);
    const char *text = keep(findings, format, args);
    va_end(args);
    vec_push(&findings->items, (struct finding){.level = level, .check = check, .text = text});
    findings->problems += level == FINDING_PROBLEM;
}

void findings_remedy(struct findings *findings, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = keep(findings, format, args);
    va_end(args);
    findings->items.items[findings->items.len - 1].remedy = text[0] ? text : NULL;
}

const char *finding_level_name(enum finding_level level)
{
    static const char *const names[] = {"ok", "note", "problem"};
    return names[level];
}
