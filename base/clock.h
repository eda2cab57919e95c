#pragma once
// Times. Monotonic for durations and deadlines, wall for what people and databases read.

#include <stdint.h>

int64_t clock_monotonic_ms(void);
int64_t clock_monotonic_us(void);
// Unix time
int64_t clock_wall_ms(void);

enum { CLOCK_RFC3339_SIZE = 25 };
// "2026-01-31T12:00:00.000Z"
void clock_format_rfc3339(int64_t wall_ms, char out[CLOCK_RFC3339_SIZE]);
// "850 ms", "3.2 s", "2 m 05 s", "4 h 10 m", for people
enum { CLOCK_DURATION_SIZE = 24 };
void clock_format_duration(int64_t duration_ms, char out[CLOCK_DURATION_SIZE]);
