#include "migrator/schema/datamodel.h"

#include <stdlib.h>

#include "migrator/schema/provider.h"

void datamodel_free(struct datamodel *datamodel)
{
    if (datamodel)
        arena_free(datamodel->arena); // the datamodel lies in it
}

enum dm_action dm_relation_on_delete(const struct datamodel *datamodel,
                                     const struct dm_relation *relation)
{
    if (relation->on_delete != DM_ACTION_ABSENT)
        return relation->on_delete;
    bool required = relation->from && relation->from->arity == DM_REQUIRED;
    for (size_t i = 0; i < relation->field_count; i++)
        required |= relation->fields[i]->arity == DM_REQUIRED;
    if (!required)
        return DM_SET_NULL;
    const struct provider_rules *rules = provider_rules(datamodel->provider);
    bool emulated = datamodel->datasource && datamodel->datasource->relation_mode == DM_EMULATED;
    unsigned actions = emulated ? rules->emulated_actions : rules->actions;
    return actions & 1u << DM_RESTRICT ? DM_RESTRICT : DM_NO_ACTION;
}

enum dm_action dm_relation_on_update(const struct dm_relation *relation)
{
    return relation->on_update != DM_ACTION_ABSENT ? relation->on_update : DM_CASCADE;
}
