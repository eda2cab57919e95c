#include "base/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { LONGEST = 64 };

static bool is_same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

// Edits from one text to the other: a letter more, less or other, or two neighbours exchanged
// (optimal string alignment). Three rows of the table are enough.
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][LONGEST + 1];
    size_t *before = rows[0], *previous = rows[1], *current = rows[2];
    for (size_t j = 0; j <= b_length; j++)
        previous[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        current[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t best = previous[j - 1] + !is_same(a[i - 1], b[j - 1]);
            if (previous[j] + 1 < best)
                best = previous[j] + 1;
            if (current[j - 1] + 1 < best)
                best = current[j - 1] + 1;
            if (i > 1 && j > 1 && is_same(a[i - 1], b[j - 2]) && is_same(a[i - 2], b[j - 1]) &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            current[j] = best;
        }
        size_t *spare = before;
        before = previous;
        previous = current;
        current = spare;
    }
    return previous[b_length];
}

const char *suggest_nearest(const char *name, const char *const *candidates, size_t count)
{
    const size_t length = strlen(name);
    const char *nearest = NULL;
    size_t nearest_distance = 4;
    if (length > LONGEST)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t other = strlen(candidates[i]);
        if (other > LONGEST)
            continue;
        size_t found = distance(name, length, candidates[i], other);
        size_t allowed = (length > other ? length : other) / 3;
        if (found <= allowed && found < nearest_distance) {
            nearest = candidates[i];
            nearest_distance = found;
        }
    }
    return nearest;
}
