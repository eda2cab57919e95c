#pragma once
// From a node to a C value, as the tables say.

#include <stdbool.h>

#include "appsettings/fields.h"
#include "appsettings/settings.h"
#include "appsettings/tree.h"
#include "base/arena.h"
#include "base/diag.h"

union field_value {
    const char *text;
    bool flag;
    int number;
    struct setting_strings texts;
    struct setting_pairs pairs;
};

// Reads a value of a type that is neither OBJECT, RECORDS nor ANY. On success the node is made
// canonical: the spelling of a choice, the type of what came as text. On failure the mistake is
// reported and the node is broken.
bool field_read(const struct field *field, struct settings_node *node, struct arena *arena,
                struct diag_list *diags, union field_value *out);
// Puts the value where the field lies in `record`; nowhere when it is only kept.
void field_store(const struct field *field, const union field_value *value, void *record);

// Whether the node gives no value: NULL, null, or an empty text where that means nothing.
bool field_is_absent(const struct field *field, const struct settings_node *node);
// Whether the node has the type that the field's `fields` can be read from; else it is reported.
bool field_expect_object(const char *name, struct settings_node *node, struct diag_list *diags);
