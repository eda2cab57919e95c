#pragma once
// Numbers of bytes for people.

#include <stdint.h>

enum { SIZE_FORMAT_SIZE = 32 };
// "512 bytes", "4.2 kB", "36 MB", "1.5 GB": decimal units, as engines and disks have them.
void size_format(int64_t bytes, char out[SIZE_FORMAT_SIZE]);
