#include "migrator/failure.h"

#include <string.h>

void failure_release(struct failure *failure)
{
    free(failure->code);
    free(failure->message);
    free(failure->detail);
    free(failure->hint);
    free(failure->context);
    *failure = (struct failure){0};
}

const char *failure_unit(enum sql_dialect dialect)
{
    return dialect == SQL_SQLSERVER ? "batch" : "statement";
}

static void add_line(struct strbuf *out, const char *text)
{
    for (; *text; text++)
        strbuf_addch(out, *text == '\n' || *text == '\r' ? ' ' : *text);
}

void failure_describe(const struct failure *failure, struct strbuf *out)
{
    add_line(out, failure->message ? failure->message : "failed");
    if (failure->code)
        strbuf_addf(out, " (%s)", failure->code);
    if (failure->detail) {
        strbuf_adds(out, ": ");
        add_line(out, failure->detail);
    }
    if (failure->hint) {
        strbuf_adds(out, "; ");
        add_line(out, failure->hint);
    }
}

// "path:line:col", or the path alone where no place is known.
static void add_place(const struct failure *failure, const struct source *source,
                      struct strbuf *out)
{
    strbuf_adds(out, source->path);
    if (!failure->has_place)
        return;
    const struct position position = source_position(source, failure->start);
    strbuf_addf(out, ":%zu:%zu", position.line, position.column);
}

// The source line and its caret, as diag_render lays them out below its first line.
static void add_excerpt(const struct failure *failure, const struct source *source,
                        struct strbuf *out)
{
    AUTO_STRBUF rendered = STRBUF_INIT;
    const struct diag diag = {.span = {source, failure->start, failure->end}, .message = ""};
    diag_render(&diag, false, &rendered);
    const char *line_end = strchr(rendered.data, '\n');
    if (line_end)
        strbuf_adds(out, line_end + 1);
}

int failure_report(const struct failure *failure, const struct source *source,
                   const struct migrator_callbacks *callbacks, struct err *err)
{
    AUTO_STRBUF place = STRBUF_INIT, description = STRBUF_INIT, excerpt = STRBUF_INIT;
    add_place(failure, source, &place);
    failure_describe(failure, &description);
    if (failure->has_place && callbacks && callbacks->excerpt) {
        add_excerpt(failure, source, &excerpt);
        callbacks->excerpt(callbacks->context, excerpt.data);
    }
    return err_set(err, ERR_FAILED, "%s: %s", place.data, description.data);
}

static const char *unit_of(const struct failure *failure)
{
    return failure->unit ? failure->unit : "statement";
}

void failure_effect(const struct failure *failure, struct strbuf *out)
{
    const char *unit = unit_of(failure);
    const char *plural = strcmp(unit, "batch") == 0 ? "es" : "s";
    if (failure->committed == 0)
        strbuf_adds(out, failure->in_part ? "nothing before it took effect"
                                          : "nothing of it took effect");
    else if (failure->committed == 1)
        strbuf_addf(out, "%s 1 of %zu took effect", unit, failure->count);
    else
        strbuf_addf(out, "%s%s 1-%zu of %zu took effect", unit, plural, failure->committed,
                    failure->count);
    if (failure->in_part)
        strbuf_addf(out, ", and %s %zu perhaps in part", unit, failure->statement);
}

void failure_logs(const struct failure *failure, const struct source *source, const char *migration,
                  struct strbuf *out)
{
    strbuf_addf(out, "Migration %s failed", migration);
    if (failure->statement)
        strbuf_addf(out, " at %s %zu of %zu", unit_of(failure), failure->statement, failure->count);
    strbuf_adds(out, "; ");
    failure_effect(failure, out);
    strbuf_adds(out, ".\n\n");
    add_place(failure, source, out);
    strbuf_adds(out, ": ");
    failure_describe(failure, out);
    strbuf_addch(out, '\n');
    if (failure->has_place)
        add_excerpt(failure, source, out);
    if (failure->context)
        strbuf_addf(out, "CONTEXT: %s\n", failure->context);
}

void failure_progress(const struct failure *failure, const struct source *source,
                      const char *migration, struct strbuf *out)
{
    strbuf_addf(out, "Migration %s did not get beyond %s %zu of %zu, ", migration, unit_of(failure),
                failure->statement, failure->count);
    add_place(failure, source, out);
    strbuf_adds(out, ", which may have taken effect; of those before it, ");
    failure_effect(failure, out);
    strbuf_adds(out, ".\n");
}
