#pragma once
// Whether the text of a default is a value of its type. Each returns NULL where it is, else what is
// wrong with it.

#include <stddef.h>

// 64 bits, signed
const char *literal_check_integer(const char *text, size_t length);
// digits, a point, an exponent
const char *literal_check_decimal(const char *text, size_t length);
// RFC 3339, with an offset
const char *literal_check_datetime(const char *text, size_t length);
// RFC 8259
const char *literal_check_json(const char *text, size_t length);
// RFC 4648, section 4, padded
const char *literal_check_base64(const char *text, size_t length);
