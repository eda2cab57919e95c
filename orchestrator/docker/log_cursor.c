#include "orchestrator/docker/log_cursor.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

// What lies between two places at least: reading on begins as far back. Of the engine's two writers
// one may hold an entry, with its time, for a millisecond while the other writes hundreds.
enum { OVERLAP_ENTRIES = 256, OVERLAP_SECONDS = 2 };

// Fixed width, in UTC: such stamps are ordered as texts. Podman's are not of this form.
static const char stamp_form[] = "0000-00-00T00:00:00.000000000Z";

static bool is_ordered(const char *stamp)
{
    if (strlen(stamp) != sizeof stamp_form - 1)
        return false;
    for (size_t i = 0; stamp[i]; i++) {
        bool is_digit = stamp[i] >= '0' && stamp[i] <= '9';
        if (stamp_form[i] == '0' ? !is_digit : stamp[i] != stamp_form[i])
            return false;
    }
    return true;
}

static int second_of_day(const char *stamp)
{
    int digits[6];
    static const int at[] = {11, 12, 14, 15, 17, 18}; // hh:mm:ss
    for (size_t i = 0; i < 6; i++)
        digits[i] = stamp[at[i]] - '0';
    return ((digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3]) * 60 + digits[4] * 10 +
           digits[5];
}

static bool is_far(const struct log_place *place, const char *stamp)
{
    return place->count >= OVERLAP_ENTRIES &&
           abs(second_of_day(stamp) - second_of_day(place->stamp)) >= OVERLAP_SECONDS;
}

static void see(struct log_cursor *cursor)
{
    const char *stamp = cursor->stamp;
    bool is_newest = strcmp(stamp, cursor->newest) > 0;
    if (is_newest)
        memcpy(cursor->newest, stamp, LOG_STAMP_SIZE);
    bool is_first = !*cursor->older.stamp;
    if (is_first || (is_newest && is_far(&cursor->newer, stamp))) {
        cursor->older = cursor->newer;
        cursor->newer.count = 0;
        memcpy(cursor->newer.stamp, stamp, LOG_STAMP_SIZE);
    }
    if (is_first)
        cursor->older = cursor->newer;
    if (strcmp(stamp, cursor->older.stamp) >= 0)
        cursor->older.count++;
    if (strcmp(stamp, cursor->newer.stamp) >= 0)
        cursor->newer.count++;
}

static void end_stamp(struct log_cursor *cursor)
{
    cursor->stamp[cursor->stamp_length] = '\0';
    cursor->is_in_stamp = false;
    if (!cursor->reads_on) {
        see(cursor);
        return;
    }
    bool is_before = strcmp(cursor->stamp, cursor->older.stamp) < 0;
    cursor->is_skipped = is_before || cursor->left_to_skip > 0;
    if (!is_before && cursor->left_to_skip > 0)
        cursor->left_to_skip--;
}

size_t log_cursor_take(struct log_cursor *cursor, bool begins, const char *bytes, size_t length)
{
    if (begins) {
        cursor->is_in_stamp = true;
        cursor->stamp_length = 0;
    }
    size_t taken = 0;
    while (cursor->is_in_stamp && taken < length) {
        char c = bytes[taken++];
        if (c == ' ' || cursor->stamp_length + 1 == LOG_STAMP_SIZE)
            end_stamp(cursor);
        else
            cursor->stamp[cursor->stamp_length++] = c;
    }
    return !cursor->is_in_stamp && cursor->is_skipped ? length : taken;
}

bool log_cursor_read_on(struct log_cursor *cursor, struct strbuf *since)
{
    const char *stamp = cursor->older.stamp;
    cursor->reads_on = true;
    cursor->is_in_stamp = false;
    cursor->left_to_skip = cursor->older.count;
    if (!*stamp)
        return true;
    if (!is_ordered(stamp))
        return false;
    struct tm time = {0};
    const char *fraction = strptime(stamp, "%Y-%m-%dT%H:%M:%S", &time);
    if (!fraction)
        return false;
    strbuf_addf(since, "%lld%.10s", (long long)timegm(&time), fraction);
    return true;
}
