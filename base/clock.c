#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

int64_t clock_monotonic_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_monotonic_ms(void)
{
    return clock_monotonic_us() / 1000;
}

int64_t clock_wall_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void clock_format_rfc3339(int64_t wall_ms, char out[CLOCK_RFC3339_SIZE])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    size_t length = strftime(out, CLOCK_RFC3339_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(out + length, CLOCK_RFC3339_SIZE - length, ".%03dZ", (int)(wall_ms % 1000));
}

void clock_format_duration(int64_t ms, char out[CLOCK_DURATION_SIZE])
{
    const int64_t seconds = ms / 1000, minutes = seconds / 60, hours = minutes / 60;
    if (ms < 1000)
        snprintf(out, CLOCK_DURATION_SIZE, "%" PRId64 " ms", ms);
    else if (seconds < 60)
        snprintf(out, CLOCK_DURATION_SIZE, "%" PRId64 ".%d s", seconds, (int)(ms % 1000 / 100));
    else if (minutes < 60)
        snprintf(out, CLOCK_DURATION_SIZE, "%" PRId64 " m %02d s", minutes, (int)(seconds % 60));
    else
        snprintf(out, CLOCK_DURATION_SIZE, "%" PRId64 " h %02d m", hours, (int)(minutes % 60));
}
