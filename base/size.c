#include "base/size.h"

#include <stdio.h>

void size_format(int64_t bytes, char out[SIZE_FORMAT_SIZE])
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    if (bytes < 1000) {
        snprintf(out, SIZE_FORMAT_SIZE, "%lld bytes", (long long)bytes);
        return;
    }
    size_t unit = 0;
    double value = (double)bytes / 1000;
    while (value >= 999.5 && unit + 1 < sizeof units / sizeof *units) {
        value /= 1000;
        unit++;
    }
    snprintf(out, SIZE_FORMAT_SIZE, value < 9.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}
