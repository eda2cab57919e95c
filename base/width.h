#pragma once
// How many columns of a terminal a character takes: 0 for what combines with the one before it or
// is invisible, 2 for East Asian wide ones and most emoji, else 1. Terminals differ on a few;
// whoever draws must survive that.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int character_width(uint32_t code_point);
// The same for a well-formed UTF-8 sequence (base/utf8.h); controls count 1.
int sequence_width(const char *sequence, size_t size);
