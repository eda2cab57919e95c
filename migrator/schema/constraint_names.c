#include "migrator/schema/constraint_names.h"

#include <string.h>

static const char *finish(struct arena *arena, const struct provider_rules *rules,
                          struct strbuf *name, const char *suffix)
{
    size_t room = rules->name_limit - strlen(suffix);
    if (name->len > room) {
        size_t length = room;
        while (length > 0 && ((unsigned char)name->data[length] & 0xC0) == 0x80)
            length--;
        name->len = length;
        name->data[length] = '\0';
    }
    strbuf_adds(name, suffix);
    return arena_strndup(arena, name->data, name->len);
}

const char *constraint_name_primary_key(struct arena *arena, const struct provider_rules *rules,
                                        const struct dm_model *model)
{
    AUTO_STRBUF name = STRBUF_INIT;
    strbuf_adds(&name, model->db_name);
    return finish(arena, rules, &name, "_pkey");
}

const char *constraint_name_index(struct arena *arena, const struct provider_rules *rules,
                                  const struct dm_index *index)
{
    AUTO_STRBUF name = STRBUF_INIT;
    strbuf_adds(&name, index->model->db_name);
    for (size_t i = 0; i < index->field_count; i++) {
        strbuf_addch(&name, '_');
        strbuf_adds(&name, index->fields[i].field->db_name);
    }
    return finish(arena, rules, &name, index->kind == DM_INDEX_UNIQUE ? "_key" : "_idx");
}

const char *constraint_name_foreign_key(struct arena *arena, const struct provider_rules *rules,
                                        const struct dm_relation *relation)
{
    AUTO_STRBUF name = STRBUF_INIT;
    strbuf_adds(&name, relation->from_model->db_name);
    for (size_t i = 0; i < relation->field_count; i++) {
        strbuf_addch(&name, '_');
        strbuf_adds(&name, relation->fields[i]->db_name);
    }
    return finish(arena, rules, &name, "_fkey");
}

const char *constraint_name_default(struct arena *arena, const struct provider_rules *rules,
                                    const struct dm_field *field)
{
    AUTO_STRBUF name = STRBUF_INIT;
    strbuf_addf(&name, "%s_%s", field->model->db_name, field->db_name);
    return finish(arena, rules, &name, "_df");
}
