#pragma once
// Values of defaults, as a model holds them. Private to migrator/introspect.

#include "migrator/model/model.h"

// Borrows the text, which lies in the model's arena.
struct value value_of_text(enum value_kind kind, const char *text);
struct value value_of_bytes(struct arena *arena, const char *bytes, size_t length);
// Bytes from their hexadecimal digits. false: they are none.
bool value_of_hexadecimal(struct arena *arena, const char *digits, size_t length,
                          struct value *out);
void default_set_value(struct arena *arena, struct value value, struct column_default *out);
