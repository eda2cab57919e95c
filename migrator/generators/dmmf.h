#pragma once
// The datamodel as the JSON that generators read. Private to migrator/generators.
//
// Of the community's document ("DMMF") it has `datamodel`: models, views and enums with their
// fields, keys and relations. What describes the API of its own client is not there.

#include <cjson/cJSON.h>

#include "migrator/schema/datamodel.h"

cJSON *dmmf_of(const struct datamodel *datamodel); // owned by the caller
