#include "base/json.h"

#include <stdarg.h>
#include <string.h>

#include "base/mem.h"

void json_cleanup(cJSON **json)
{
    cJSON_Delete(*json);
}

// cJSON looks at what stands behind a number or a literal, so the text is copied to where it ends.
int json_parse(const char *text, size_t length, cJSON **out, struct err *err)
{
    AUTOFREE char *copy = mem_strndup(text, length);
    const char *end = copy;
    cJSON *json = cJSON_ParseWithLengthOpts(copy, length + 1, &end, false);
    if (json)
        end += strspn(end, " \t\r\n");
    if (json && end == copy + length) {
        *out = json;
        return 0;
    }
    cJSON_Delete(json);
    return err_set(err, ERR_FAILED, "not valid JSON at byte %zu", (size_t)(end - copy));
}

cJSON *json_get(const cJSON *object, const char *key)
{
    return object ? cJSON_GetObjectItemCaseSensitive(object, key) : NULL;
}

cJSON *json_path(const cJSON *object, ...)
{
    va_list keys;
    va_start(keys, object);
    const cJSON *value = object;
    for (const char *key; value && (key = va_arg(keys, const char *));)
        value = cJSON_GetObjectItemCaseSensitive(value, key);
    va_end(keys);
    return (cJSON *)value;
}

const char *json_string_or(const cJSON *object, const char *key, const char *fallback)
{
    const cJSON *value = json_get(object, key);
    return cJSON_IsString(value) ? value->valuestring : fallback;
}

double json_number_or(const cJSON *object, const char *key, double fallback)
{
    const cJSON *value = json_get(object, key);
    return cJSON_IsNumber(value) ? value->valuedouble : fallback;
}

int64_t json_int_or(const cJSON *object, const char *key, int64_t fallback)
{
    const cJSON *value = json_get(object, key);
    // Outside of this range the conversion is undefined, and no count or id is meant.
    if (!cJSON_IsNumber(value) || !(value->valuedouble > -9e15 && value->valuedouble < 9e15))
        return fallback;
    return (int64_t)value->valuedouble;
}

bool json_bool_or(const cJSON *object, const char *key, bool fallback)
{
    const cJSON *value = json_get(object, key);
    return cJSON_IsBool(value) ? cJSON_IsTrue(value) : fallback;
}

void json_add_or_null(cJSON *object, const char *key, const char *text)
{
    if (text && *text)
        cJSON_AddStringToObject(object, key, text);
    else
        cJSON_AddNullToObject(object, key);
}

// cJSON's own printer indents by tabs; the terminal wants two spaces.
static void print_indented(const cJSON *value, int depth, struct strbuf *out)
{
    const bool is_object = cJSON_IsObject(value);
    if ((!is_object && !cJSON_IsArray(value)) || !value->child) {
        json_print(value, false, out);
        return;
    }
    strbuf_addch(out, is_object ? '{' : '[');
    for (const cJSON *child = value->child; child; child = child->next) {
        strbuf_addf(out, "\n%*s", (depth + 1) * 2, "");
        if (is_object) {
            json_quote(child->string, out);
            strbuf_adds(out, ": ");
        }
        print_indented(child, depth + 1, out);
        if (child->next)
            strbuf_addch(out, ',');
    }
    strbuf_addf(out, "\n%*s%c", depth * 2, "", is_object ? '}' : ']');
}

void json_print(const cJSON *value, bool indented, struct strbuf *out)
{
    if (indented) {
        print_indented(value, 0, out);
        return;
    }
    AUTOFREE char *text = cJSON_PrintUnformatted(value);
    strbuf_adds(out, text ? text : "null");
}

void json_quote(const char *text, struct strbuf *out)
{
    cJSON *value = cJSON_CreateString(text);
    json_print(value, false, out);
    cJSON_Delete(value);
}
