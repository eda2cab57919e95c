#pragma once
// Checked access to cJSON values: no caller touches valuestring without knowing its type.

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"

#define AUTO_JSON __attribute__((cleanup(json_cleanup))) cJSON
void json_cleanup(cJSON **json);

// The whole text must be one JSON value. *out is owned by the caller (cJSON_Delete).
int json_parse(const char *text, size_t length, cJSON **out, struct err *err) MUST_CHECK;

// Members of an object; the fallback when absent or of another type. Strings are borrowed from the
// value.
const char *json_string_or(const cJSON *object, const char *key, const char *fallback);
int64_t json_int_or(const cJSON *object, const char *key, int64_t fallback);
double json_number_or(const cJSON *object, const char *key, double fallback);
bool json_bool_or(const cJSON *object, const char *key, bool fallback);
// A member of any type, exact letter case; NULL when absent. object may be NULL.
cJSON *json_get(const cJSON *object, const char *key);
// Follows keys: json_path(container, "State", "Health", NULL).
cJSON *json_path(const cJSON *object, ...) __attribute__((sentinel));

// Adds a text, or null where there is none (NULL or "").
void json_add_or_null(cJSON *object, const char *key, const char *text);

// Appends the value as text, on one line or indented by two spaces.
void json_print(const cJSON *value, bool indented, struct strbuf *out);
// Appends a string literal with its quotes.
void json_quote(const char *text, struct strbuf *out);

#define json_each(item, array) cJSON_ArrayForEach (item, array)
