#include "orchestrator/docker/filters.h"

#include "base/json.h"
#include "base/url.h"

void filters_add(const struct filter *filters, struct strbuf *out)
{
    AUTO_JSON *json = cJSON_CreateObject();
    for (; filters->key; filters++) {
        cJSON *values = cJSON_AddArrayToObject(json, filters->key);
        cJSON_AddItemToArray(values, cJSON_CreateString(filters->value));
    }
    AUTO_STRBUF text = STRBUF_INIT;
    json_print(json, false, &text);
    url_encode(text.data, out);
}
