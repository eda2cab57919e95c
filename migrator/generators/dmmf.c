#include "migrator/generators/dmmf.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

static void add_documentation(cJSON *json, const char *documentation)
{
    if (documentation)
        cJSON_AddStringToObject(json, "documentation", documentation);
}

static cJSON *value_json(const struct dm_field *field, const struct dm_value *value)
{
    switch (value->kind) {
    case DM_VALUE_ENUM: return cJSON_CreateString(value->enum_value->name);
    case DM_VALUE_BOOLEAN: return cJSON_CreateBool(strcmp(value->text, "true") == 0);
    case DM_VALUE_NUMBER: // wider than a number of JavaScript: as text
        return field->scalar == DM_INT || field->scalar == DM_FLOAT
                   ? cJSON_CreateNumber(strtod(value->text, NULL))
                   : cJSON_CreateString(value->text);
    case DM_VALUE_STRING: break;
    }
    return cJSON_CreateString(value->text);
}

// {"name": "uuid", "args": [7]}, of a function as it is written: uuid(7)
static cJSON *function_json(const char *name, size_t length, const char *argument)
{
    cJSON *json = cJSON_CreateObject();
    AUTOFREE char *text = mem_strndup(name, length);
    cJSON_AddStringToObject(json, "name", text);
    cJSON *arguments = cJSON_AddArrayToObject(json, "args");
    if (argument)
        cJSON_AddItemToArray(arguments, cJSON_CreateString(argument));
    return json;
}

static cJSON *client_function_json(const char *written)
{
    const size_t length = strcspn(written, "(");
    cJSON *json = function_json(written, length, NULL);
    const char *argument = written[length] ? written + length + 1 : "";
    if (*argument >= '0' && *argument <= '9')
        cJSON_AddItemToArray(cJSON_GetObjectItem(json, "args"),
                             cJSON_CreateNumber(strtod(argument, NULL)));
    return json;
}

static cJSON *default_json(const struct dm_field *field)
{
    const struct dm_default *value = &field->default_value;
    cJSON *list;
    switch (value->kind) {
    case DM_DEFAULT_VALUE: return value_json(field, &value->values[0]);
    case DM_DEFAULT_LIST:
        list = cJSON_CreateArray();
        for (uint32_t i = 0; i < value->value_count; i++)
            cJSON_AddItemToArray(list, value_json(field, &value->values[i]));
        return list;
    case DM_DEFAULT_AUTOINCREMENT: return function_json("autoincrement", 13, NULL);
    case DM_DEFAULT_SEQUENCE: return function_json("sequence", 8, NULL);
    case DM_DEFAULT_NOW: return function_json("now", 3, NULL);
    case DM_DEFAULT_DBGENERATED: return function_json("dbgenerated", 11, value->expression);
    case DM_DEFAULT_CLIENT: return client_function_json(value->expression);
    case DM_DEFAULT_NONE: break;
    }
    return NULL;
}

static cJSON *names_json(struct dm_field *const *fields, size_t count)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(fields[i]->name));
    return list;
}

static void add_relation(const struct dm_field *field, cJSON *json)
{
    const struct dm_relation *relation = field->relation;
    const bool holds = relation->kind != DM_MANY_TO_MANY && relation->from == field;
    const size_t count = holds ? relation->field_count : 0;
    cJSON_AddStringToObject(json, "relationName", relation->name);
    cJSON_AddItemToObject(json, "relationFromFields", names_json(relation->fields, count));
    cJSON_AddItemToObject(json, "relationToFields", names_json(relation->references, count));
}

static const char *type_name(const struct dm_field *field)
{
    switch (field->type_kind) {
    case DM_TYPE_SCALAR: return dm_scalar_name(field->scalar);
    case DM_TYPE_ENUM: return field->enumeration->name;
    case DM_TYPE_RELATION: return field->related->name;
    case DM_TYPE_UNSUPPORTED: break;
    }
    return field->unsupported_type;
}

static bool is_key_alone(const struct dm_index *index, const struct dm_field *field)
{
    return index && index->field_count == 1 && index->on_field && index->fields[0].field == field;
}

static bool is_unique(const struct dm_field *field)
{
    for (size_t i = 0; i < field->model->index_count; i++)
        if (field->model->indexes[i]->kind == DM_INDEX_UNIQUE &&
            is_key_alone(field->model->indexes[i], field))
            return true;
    return false;
}

// The foreign key of some relation: written through that.
static bool is_read_only(const struct dm_field *field)
{
    for (size_t i = 0; i < field->model->field_count; i++) {
        const struct dm_field *other = &field->model->fields[i];
        if (other->type_kind != DM_TYPE_RELATION || other->relation->from != other)
            continue;
        for (size_t k = 0; k < other->relation->field_count; k++)
            if (other->relation->fields[k] == field)
                return true;
    }
    return false;
}

static cJSON *field_json(const struct dm_field *field)
{
    static const char *const kinds[] = {[DM_TYPE_SCALAR] = "scalar",
                                        [DM_TYPE_ENUM] = "enum",
                                        [DM_TYPE_UNSUPPORTED] = "unsupported",
                                        [DM_TYPE_RELATION] = "object"};
    const bool is_relation = field->type_kind == DM_TYPE_RELATION;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "name", field->name);
    if (!is_relation && strcmp(field->db_name, field->name) != 0)
        cJSON_AddStringToObject(json, "dbName", field->db_name);
    cJSON_AddStringToObject(json, "kind", kinds[field->type_kind]);
    cJSON_AddBoolToObject(json, "isList", field->arity == DM_LIST);
    cJSON_AddBoolToObject(json, "isRequired", field->arity != DM_OPTIONAL);
    cJSON_AddBoolToObject(json, "isUnique", !is_relation && is_unique(field));
    cJSON_AddBoolToObject(json, "isId", is_key_alone(field->model->primary_key, field));
    cJSON_AddBoolToObject(json, "isReadOnly", !is_relation && is_read_only(field));
    cJSON *value = is_relation ? NULL : default_json(field);
    cJSON_AddBoolToObject(json, "hasDefaultValue", value != NULL);
    cJSON_AddStringToObject(json, "type", type_name(field));
    if (is_relation)
        add_relation(field, json);
    if (value)
        cJSON_AddItemToObject(json, "default", value);
    cJSON_AddBoolToObject(json, "isGenerated", false);
    cJSON_AddBoolToObject(json, "isUpdatedAt", field->is_updated_at);
    add_documentation(json, field->documentation);
    return json;
}

static cJSON *index_json(const struct dm_index *index)
{
    cJSON *json = cJSON_CreateObject();
    json_add_or_null(json, "name", index->client_name);
    cJSON *fields = cJSON_AddArrayToObject(json, "fields");
    for (size_t i = 0; i < index->field_count; i++)
        cJSON_AddItemToArray(fields, cJSON_CreateString(index->fields[i].field->name));
    return json;
}

static void add_keys(const struct dm_model *model, cJSON *json)
{
    const struct dm_index *key = model->primary_key;
    cJSON_AddItemToObject(json, "primaryKey",
                          key && !key->on_field ? index_json(key) : cJSON_CreateNull());
    cJSON *fields = cJSON_AddArrayToObject(json, "uniqueFields");
    cJSON *indexes = cJSON_AddArrayToObject(json, "uniqueIndexes");
    for (size_t i = 0; i < model->index_count; i++) {
        if (model->indexes[i]->kind != DM_INDEX_UNIQUE || model->indexes[i]->on_field)
            continue;
        cJSON *index = index_json(model->indexes[i]);
        cJSON_AddItemToArray(fields, cJSON_Duplicate(cJSON_GetObjectItem(index, "fields"), true));
        cJSON_AddItemToArray(indexes, index);
    }
}

static cJSON *model_json(const struct dm_model *model)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "name", model->name);
    json_add_or_null(json, "dbName",
                     strcmp(model->db_name, model->name) != 0 ? model->db_name : NULL);
    json_add_or_null(json, "schema", model->schema);
    cJSON *fields = cJSON_AddArrayToObject(json, "fields");
    for (size_t i = 0; i < model->field_count; i++)
        if (!model->fields[i].is_ignored && model->fields[i].type_kind != DM_TYPE_UNSUPPORTED)
            cJSON_AddItemToArray(fields, field_json(&model->fields[i]));
    add_keys(model, json);
    cJSON_AddBoolToObject(json, "isGenerated", false);
    add_documentation(json, model->documentation);
    return json;
}

static cJSON *enum_json(const struct dm_enum *enumeration)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "name", enumeration->name);
    cJSON *values = cJSON_AddArrayToObject(json, "values");
    for (size_t i = 0; i < enumeration->value_count; i++) {
        const struct dm_enum_value *value = &enumeration->values[i];
        cJSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "name", value->name);
        json_add_or_null(one, "dbName",
                         strcmp(value->db_name, value->name) != 0 ? value->db_name : NULL);
        cJSON_AddItemToArray(values, one);
    }
    json_add_or_null(json, "dbName",
                     strcmp(enumeration->db_name, enumeration->name) != 0 ? enumeration->db_name
                                                                          : NULL);
    add_documentation(json, enumeration->documentation);
    return json;
}

cJSON *dmmf_of(const struct datamodel *datamodel)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *parts = cJSON_AddObjectToObject(json, "datamodel");
    cJSON *enums = cJSON_AddArrayToObject(parts, "enums");
    cJSON *models = cJSON_AddArrayToObject(parts, "models");
    cJSON_AddArrayToObject(parts, "types");
    for (size_t i = 0; i < datamodel->enum_count; i++)
        cJSON_AddItemToArray(enums, enum_json(datamodel->enums[i]));
    for (size_t i = 0; i < datamodel->model_count; i++)
        if (!datamodel->models[i]->is_ignored)
            cJSON_AddItemToArray(models, model_json(datamodel->models[i]));
    return json;
}
