#include "migrator/introspect/text_edits.h"

#include <stdlib.h>

#include "base/mem.h"

void text_edits_release(struct text_edits *edits)
{
    vec_each (edit, &edits->items)
        free(edit->text);
    vec_release(&edits->items);
}

void text_edits_add(struct text_edits *edits, size_t start, size_t end, const char *text,
                    size_t length)
{
    const struct text_edit edit = {
        .start = start,
        .end = end,
        .sequence = edits->items.len,
        .text = mem_strndup(text, length),
    };
    vec_push(&edits->items, edit);
}

static int compare(const void *left, const void *right)
{
    const struct text_edit *l = left, *r = right;
    if (l->start != r->start)
        return l->start < r->start ? -1 : 1;
    if (l->end != r->end)
        return l->end < r->end ? -1 : 1;
    return l->sequence < r->sequence ? -1 : 1;
}

void text_edits_apply(struct text_edits *edits, const char *text, size_t length, struct strbuf *out)
{
    size_t at = 0;
    if (edits->items.len > 0)
        qsort(edits->items.items, edits->items.len, sizeof *edits->items.items, compare);
    vec_each (edit, &edits->items) {
        if (edit->start > at)
            strbuf_add(out, text + at, edit->start - at);
        strbuf_adds(out, edit->text);
        at = edit->end > at ? edit->end : at;
    }
    strbuf_add(out, text + at, length - at);
}
