#include "migrator/model/build_relations.h"

#include <string.h>

#include "base/strbuf.h"

// Where nothing is written: a row that others need stays, one that they can do without is let go.
static enum dm_action default_on_delete(const struct dialect *dialect,
                                        const struct dm_relation *relation)
{
    bool is_required = relation->from->arity == DM_REQUIRED;
    for (size_t i = 0; i < relation->field_count; i++)
        is_required = is_required || relation->fields[i]->arity == DM_REQUIRED;
    if (!is_required)
        return DM_SET_NULL;
    return dialect->has_restrict ? DM_RESTRICT : DM_NO_ACTION;
}

static const char *foreign_key_name(struct build *build, const struct table *table,
                                    const struct foreign_key *key)
{
    AUTO_STRBUF columns = STRBUF_INIT;
    for (size_t i = 0; i < key->column_count; i++) {
        if (i > 0)
            strbuf_addch(&columns, '_');
        strbuf_adds(&columns, key->columns[i]->name);
    }
    return constraint_name(build->model->arena, build->model->dialect, table->name, columns.data,
                           "_fkey");
}

static void build_foreign_key(struct build *build, const struct dm_relation *relation)
{
    struct arena *arena = build->model->arena;
    const struct table_source *from = &build->tables[relation->from_model->index];
    const struct table_source *to = &build->tables[relation->to_model->index];
    if (!from->table || !to->table || from->table->is_external)
        return; // a view, or not ours
    struct table *table = from->table;
    struct foreign_key *key = &table->foreign_keys[table->foreign_key_count];
    *key = (struct foreign_key){
        .columns = ARENA_ARRAY(arena, const struct column *, relation->field_count),
        .target = to->table,
        .target_columns = ARENA_ARRAY(arena, const struct column *, relation->field_count),
        .column_count = relation->field_count,
        .on_delete = relation->on_delete,
        .on_update = relation->on_update,
        .position = table->foreign_key_count++,
    };
    for (size_t i = 0; i < relation->field_count; i++) {
        key->columns[i] = from->columns[relation->fields[i]->index];
        key->target_columns[i] = to->columns[relation->references[i]->index];
    }
    if (key->on_delete == DM_ACTION_ABSENT)
        key->on_delete = default_on_delete(build->model->dialect, relation);
    if (key->on_update == DM_ACTION_ABSENT)
        key->on_update = DM_CASCADE;
    key->name = relation->db_name ? arena_strdup(arena, relation->db_name)
                                  : foreign_key_name(build, table, key);
}

// What the join table refers to: the primary key, or else a unique column of the model.
static const struct column *referenced_column(const struct table *table)
{
    if (table->primary_key)
        return table->primary_key->parts[0].column;
    for (size_t i = 0; i < table->index_count; i++) {
        if (table->indexes[i].kind == DM_INDEX_UNIQUE && table->indexes[i].part_count == 1)
            return table->indexes[i].parts[0].column;
    }
    return &table->columns[0];
}

static void build_join_column(struct build *build, struct table *table, const char *name,
                              const struct table *target, enum dm_action action)
{
    const struct dialect *dialect = build->model->dialect;
    struct arena *arena = build->model->arena;
    const struct column *referenced = referenced_column(target);
    struct column *column = &table->columns[table->column_count];
    *column = (struct column){
        .name = name,
        .type = referenced->type,
        .arity = COLUMN_REQUIRED,
        .position = table->column_count++,
    };
    if (!build->has_foreign_keys)
        return;
    const struct column **columns = ARENA_ARRAY(arena, const struct column *, 2);
    const char *suffix = strcmp(name, "A") == 0 ? "_A_fkey" : "_B_fkey";
    columns[0] = column;
    columns[1] = referenced;
    table->foreign_keys[table->foreign_key_count] = (struct foreign_key){
        .name = constraint_name(arena, dialect, table->name, NULL, suffix),
        .columns = columns,
        .target = target,
        .target_columns = columns + 1,
        .column_count = 1,
        .on_delete = action,
        .on_update = action,
        .position = table->foreign_key_count,
    };
    table->foreign_key_count++;
}

static struct index join_index(struct arena *arena, const struct table *table, const char *name,
                               enum dm_index_kind kind, size_t first, size_t count)
{
    struct index index = {
        .kind = kind,
        .name = name,
        .parts = ARENA_ARRAY(arena, struct index_part, count),
        .part_count = count,
    };
    for (size_t i = 0; i < count; i++)
        index.parts[i].column = &table->columns[first + i];
    return index;
}

// The table "_<relation>" with columns A and B, the models in the byte order of their names.
static void build_join_table(struct build *build, const struct dm_relation *relation)
{
    struct model *model = build->model;
    const struct dialect *dialect = model->dialect;
    struct arena *arena = model->arena;
    const struct table_source *a = &build->tables[relation->from_model->index];
    const struct table_source *b = &build->tables[relation->to_model->index];
    if (!a->table || !b->table)
        return; // a view
    struct table *table = &model->tables[model->table_count];
    char *plain_name = arena_printf(arena, "_%s", relation->name);
    *table = (struct table){
        .schema = a->table->schema,
        .space = a->table->space,
        .name = constraint_name(arena, dialect, plain_name, NULL, ""),
        .columns = ARENA_ARRAY(arena, struct column, 2),
        .foreign_keys = ARENA_ARRAY(arena, struct foreign_key, 2),
        .indexes = ARENA_ARRAY(arena, struct index, 2),
        .position = model->table_count++,
    };
    // SQL Server refuses two ways by which one deletion could reach a row.
    enum dm_action action = a == b && !dialect->has_restrict ? DM_NO_ACTION : DM_CASCADE;
    build_join_column(build, table, "A", a->table, action);
    build_join_column(build, table, "B", b->table, action);

    if (dialect->join_table_has_primary_key) {
        table->primary_key = ARENA_NEW(arena, struct index);
        *table->primary_key =
            join_index(arena, table, constraint_name(arena, dialect, table->name, NULL, "_AB_pkey"),
                       DM_INDEX_PRIMARY, 0, 2);
    } else {
        table->indexes[table->index_count++] = join_index(
            arena, table, constraint_name(arena, dialect, table->name, NULL, "_AB_unique"),
            DM_INDEX_UNIQUE, 0, 2);
    }
    table->indexes[table->index_count] =
        join_index(arena, table, constraint_name(arena, dialect, table->name, NULL, "_B_index"),
                   DM_INDEX_NORMAL, 1, 1);
    table->indexes[table->index_count].position = table->index_count;
    table->index_count++;
}

void build_relations(struct build *build, const struct datamodel *datamodel)
{
    size_t *counts = ARENA_ARRAY(build->model->arena, size_t, build->model->table_count + 1);
    for (size_t i = 0; i < datamodel->relation_count; i++) {
        const struct table *from = build->tables[datamodel->relations[i]->from_model->index].table;
        if (from && !from->is_external && datamodel->relations[i]->kind != DM_MANY_TO_MANY)
            counts[from->position]++;
    }
    for (size_t i = 0; i < build->model->table_count; i++)
        build->model->tables[i].foreign_keys =
            ARENA_ARRAY(build->model->arena, struct foreign_key, counts[i] + 1);

    for (size_t i = 0; i < datamodel->relation_count; i++) {
        const struct dm_relation *relation = datamodel->relations[i];
        if (relation->kind == DM_MANY_TO_MANY)
            build_join_table(build, relation);
        else if (build->has_foreign_keys)
            build_foreign_key(build, relation);
    }
}
