// `berth config schema`: the tables as a JSON Schema (2020-12).
#include <ctype.h>
#include <string.h>

#include "appsettings/fields.h"
#include "appsettings/settings.h"
#include "base/json.h"

static cJSON *table_schema(const struct field_table *table, cJSON *definitions);

// A default that depends on names is shown as "services/<key>".
static void describe(const struct field *field, cJSON *schema)
{
    AUTO_STRBUF about = STRBUF_INIT;
    strbuf_adds(&about, field->about);
    if (field->fallback && strchr(field->fallback, '{')) {
        strbuf_adds(&about, " Default: ");
        for (const char *c = field->fallback; *c; c++)
            strbuf_addch(&about, *c == '{' ? '<' : *c == '}' ? '>' : *c);
        strbuf_addch(&about, '.');
    } else if (field->fallback && field->type == FIELD_BOOL) {
        cJSON_AddBoolToObject(schema, "default", strcmp(field->fallback, "true") == 0);
    } else if (field->fallback) {
        cJSON_AddStringToObject(schema, "default", field->fallback);
    }
    cJSON_AddStringToObject(schema, "description", about.data);
}

// "^[Rr][Ee][Dd][Ii][Ss]$|…": patterns have no switch for the letter case.
static void choices_pattern(const char *const *choices, struct strbuf *out)
{
    for (; *choices; choices++) {
        strbuf_adds(out, out->len ? "|^" : "^");
        for (const char *c = *choices; *c; c++)
            strbuf_addf(out, "[%c%c]", toupper((unsigned char)*c), tolower((unsigned char)*c));
        strbuf_addch(out, '$');
    }
}

// Either a canonical spelling, for an editor to offer, or another letter case of one.
static cJSON *choice_schema(const char *const *choices)
{
    cJSON *schema = cJSON_CreateObject();
    cJSON *either = cJSON_AddArrayToObject(schema, "anyOf");
    cJSON *canonical = cJSON_CreateObject();
    cJSON *names = cJSON_AddArrayToObject(canonical, "enum");
    AUTO_STRBUF pattern = STRBUF_INIT;
    choices_pattern(choices, &pattern);
    for (; *choices; choices++)
        cJSON_AddItemToArray(names, cJSON_CreateString(*choices));
    cJSON *any_case = cJSON_CreateObject();
    cJSON_AddStringToObject(any_case, "type", "string");
    cJSON_AddStringToObject(any_case, "pattern", pattern.data);
    cJSON_AddItemToArray(either, canonical);
    cJSON_AddItemToArray(either, any_case);
    return schema;
}

static cJSON *typed(const char *type)
{
    cJSON *schema = cJSON_CreateObject();
    cJSON_AddStringToObject(schema, "type", type);
    return schema;
}

static cJSON *health_schema(void)
{
    cJSON *schema = cJSON_CreateObject();
    cJSON *either = cJSON_AddArrayToObject(schema, "anyOf");
    cJSON *path = typed("string"), *off = cJSON_CreateObject();
    cJSON_AddStringToObject(path, "pattern", "^(/.*)?$");
    cJSON_AddFalseToObject(off, "const");
    cJSON_AddItemToArray(either, path);
    cJSON_AddItemToArray(either, off);
    return schema;
}

static cJSON *pairs_schema(void)
{
    static const char *const types[] = {"string", "number", "boolean", "null"};
    cJSON *schema = typed("object");
    cJSON *values = cJSON_AddObjectToObject(schema, "additionalProperties");
    cJSON_AddItemToObject(values, "type", cJSON_CreateStringArray(types, 4));
    return schema;
}

static cJSON *records_schema(const struct field_table *table, cJSON *definitions)
{
    cJSON *schema = typed("object");
    cJSON *names = cJSON_AddObjectToObject(schema, "propertyNames");
    cJSON_AddStringToObject(names, "pattern", "^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$");
    cJSON *records = cJSON_AddObjectToObject(schema, "additionalProperties");
    AUTO_STRBUF reference = STRBUF_INIT;
    strbuf_addf(&reference, "#/$defs/%s", table->title);
    cJSON_AddStringToObject(records, "$ref", reference.data);
    cJSON_AddItemToObject(definitions, table->title, table_schema(table, definitions));
    return schema;
}

static cJSON *type_schema(const struct field *field, cJSON *definitions)
{
    cJSON *schema;
    switch (field->type) {
    case FIELD_TEXT: return typed("string");
    case FIELD_BOOL: return typed("boolean");
    case FIELD_INT:
        schema = typed("integer");
        cJSON_AddNumberToObject(schema, "minimum", field->min);
        cJSON_AddNumberToObject(schema, "maximum", field->max);
        return schema;
    case FIELD_CHOICE: return choice_schema(field->choices);
    case FIELD_TEXTS:
        schema = typed("array");
        cJSON_AddItemToObject(schema, "items", typed("string"));
        return schema;
    case FIELD_PAIRS: return pairs_schema();
    case FIELD_HEALTH_PATH: return health_schema();
    case FIELD_OBJECT: return table_schema(field->fields, definitions);
    case FIELD_RECORDS: return records_schema(field->fields, definitions);
    case FIELD_ANY: break;
    }
    return cJSON_CreateObject();
}

static cJSON *table_schema(const struct field_table *table, cJSON *definitions)
{
    cJSON *schema = typed("object");
    cJSON *properties = cJSON_AddObjectToObject(schema, "properties");
    cJSON *required = cJSON_CreateArray();
    for (const struct field *field = table->items; field < table->items + table->count; field++) {
        cJSON *property = type_schema(field, definitions);
        describe(field, property);
        cJSON_AddItemToObject(properties, field->name, property);
        if (field->required)
            cJSON_AddItemToArray(required, cJSON_CreateString(field->name));
        if (!field->old_name)
            continue;
        cJSON *old = type_schema(field, definitions);
        AUTO_STRBUF about = STRBUF_INIT;
        strbuf_addf(&about, "The old name of %s.", field->name);
        cJSON_AddStringToObject(old, "description", about.data);
        cJSON_AddTrueToObject(old, "deprecated");
        cJSON_AddItemToObject(properties, field->old_name, old);
    }
    if (required->child)
        cJSON_AddItemToObject(schema, "required", required);
    else
        cJSON_Delete(required);
    return schema;
}

void settings_schema(struct strbuf *out)
{
    AUTO_JSON *schema = cJSON_CreateObject();
    cJSON_AddStringToObject(schema, "$schema", "https://json-schema.org/draft/2020-12/schema");
    cJSON_AddStringToObject(schema, "title", fields_root()->name);
    cJSON_AddStringToObject(schema, "description", fields_root()->about);
    cJSON *definitions = cJSON_CreateObject();
    cJSON *root = table_schema(fields_root()->fields, definitions);
    // The root's keywords, one by one: it has no name to refer to.
    while (root->child) {
        cJSON *keyword = cJSON_DetachItemViaPointer(root, root->child);
        cJSON_AddItemToObject(schema, keyword->string, keyword);
    }
    cJSON_Delete(root);
    cJSON_AddItemToObject(schema, "$defs", definitions);
    json_print(schema, true, out);
    strbuf_addch(out, '\n');
}
