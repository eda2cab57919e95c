// The header of a created migration: what is lost for certain or perhaps, then what cannot work on
// a table that has rows.
#include <string.h>

#include "migrator/sql/render.h"

struct warnings {
    struct strbuf lost, impossible;
};

static void drop_column(struct warnings *warnings, const struct table *table,
                        const struct column *column)
{
    strbuf_addf(&warnings->lost,
                "  - You are about to drop the column `%s` on the `%s` table. All the data in the "
                "column will be lost.\n",
                column->name, table->name);
}

static bool has_default(const struct column *column)
{
    return column->value.kind != DEFAULT_NONE || column->increments;
}

static void add_column(struct warnings *warnings, const struct table *table,
                       const struct column *column)
{
    if (column->arity != COLUMN_REQUIRED || has_default(column))
        return;
    if (column->client_fills)
        strbuf_addf(&warnings->impossible,
                    "  - The required column `%s` was added to the `%s` table with a prisma-level "
                    "default value. This is not possible if the table is not empty. Please add "
                    "this column as optional, then populate it before making it required.\n",
                    column->name, table->name);
    else
        strbuf_addf(&warnings->impossible,
                    "  - Added the required column `%s` to the `%s` table without a default "
                    "value. This is not possible if the table is not empty.\n",
                    column->name, table->name);
}

static void put_type(struct strbuf *out, const struct column_type *type)
{
    if (type->family == COLUMN_ENUM) {
        strbuf_adds(out, type->enumeration->name);
        return;
    }
    if (type->family == COLUMN_UNSUPPORTED) {
        strbuf_adds(out, type->unsupported);
        return;
    }
    if (!type->native) {
        strbuf_adds(out, type->scalar == DM_BYTES ? "Binary" : dm_scalar_name(type->scalar));
        return;
    }
    strbuf_adds(out, type->native->name);
    for (size_t i = 0; i < type->argument_count; i++) {
        strbuf_addch(out, i == 0 ? '(' : ',');
        if (type->arguments[i] == TYPE_ARGUMENT_MAX)
            strbuf_adds(out, "Max");
        else
            strbuf_addf(out, "%d", (int)type->arguments[i]);
    }
    if (type->argument_count > 0)
        strbuf_addch(out, ')');
}

static void recreate_column(struct warnings *warnings, const struct table *table,
                            const struct column_pair *pair)
{
    const struct column *to = pair->to;
    if (to->arity != COLUMN_REQUIRED || has_default(to))
        strbuf_addf(&warnings->lost,
                    "  - The `%s` column on the `%s` table would be dropped and recreated. This "
                    "will lead to data loss if there is data in the column.\n",
                    to->name, table->name);
    else if (pair->from->arity == COLUMN_NULLABLE)
        strbuf_addf(&warnings->impossible,
                    "  - Added the required column `%s` to the `%s` table without a default "
                    "value. This is not possible if the table is not empty.\n",
                    to->name, table->name);
    else
        strbuf_addf(&warnings->impossible,
                    "  - Changed the type of `%s` on the `%s` table. No cast exists, the column "
                    "would be dropped and recreated, which cannot be done if there is data, since "
                    "the column is required.\n",
                    to->name, table->name);
}

static void alter_column(struct warnings *warnings, const struct table *table,
                         const struct column_pair *pair, bool fills_nulls)
{
    const struct column *from = pair->from;
    const struct column *to = pair->to;
    if (pair->recreated) {
        recreate_column(warnings, table, pair);
        return;
    }
    if (from->arity == COLUMN_NULLABLE && to->arity == COLUMN_REQUIRED &&
        !(fills_nulls && has_default(to)))
        strbuf_addf(&warnings->impossible,
                    "  - Made the column `%s` on table `%s` required. This step will fail if "
                    "there are existing NULL values in that column.\n",
                    to->name, table->name);
    if (from->arity != COLUMN_LIST && to->arity == COLUMN_LIST)
        strbuf_addf(&warnings->impossible,
                    "  - Changed the column `%s` on the `%s` table from a scalar field to a list "
                    "field. If there are non-null values in that column, this step will fail.\n",
                    to->name, table->name);
    if (!pair->is_risky)
        return;
    strbuf_addf(&warnings->lost,
                "  - You are about to alter the column `%s` on the `%s` table. The data in that "
                "column could be lost. The data in that column will be cast from `",
                to->name, table->name);
    put_type(&warnings->lost, &from->type);
    strbuf_adds(&warnings->lost, "` to `");
    put_type(&warnings->lost, &to->type);
    strbuf_adds(&warnings->lost, "`.\n");
}

static void change_table(struct warnings *warnings, const struct table_change *change)
{
    const struct table *table = change->from;
    if (change->drops_key)
        strbuf_addf(&warnings->lost,
                    "  - The primary key for the `%s` table will be changed. If it partially "
                    "fails, the table could be left without primary key constraint.\n",
                    table->name);
    for (size_t i = 0; i < change->dropped_count; i++)
        drop_column(warnings, table, change->dropped[i]);
    for (size_t i = 0; i < change->added_count; i++)
        add_column(warnings, table, change->added[i]);
    for (size_t i = 0; i < change->altered_count; i++)
        alter_column(warnings, table, change->altered[i], change->is_redefined);
}

static void drop_table(struct warnings *warnings, const struct table *table)
{
    strbuf_addf(&warnings->lost,
                "  - You are about to drop the `%s` table. If the table is not empty, all the "
                "data it contains will be lost.\n",
                table->name);
}

static void add_index(struct warnings *warnings, const struct table *table,
                      const struct index *index)
{
    if (index->kind != DM_INDEX_UNIQUE)
        return;
    strbuf_adds(&warnings->lost, "  - A unique constraint covering the columns `[");
    for (size_t i = 0; i < index->part_count; i++)
        strbuf_addf(&warnings->lost, "%s%s", i > 0 ? "," : "", index->parts[i].column->name);
    strbuf_addf(&warnings->lost,
                "]` on the table `%s` will be added. If there are existing duplicate values, this "
                "will fail.\n",
                table->name);
}

static void alter_table(struct warnings *warnings, const struct table_change *change)
{
    change_table(warnings, change);
    for (size_t i = 0; i < change->added_index_count; i++)
        add_index(warnings, change->to, change->added_indexes[i]);
}

static void alter_enum(struct warnings *warnings, const struct enum_change *change)
{
    if (change->removed_count == 0)
        return;
    strbuf_adds(&warnings->lost, "  - The values [");
    for (size_t i = 0; i < change->removed_count; i++)
        strbuf_addf(&warnings->lost, "%s%s", i > 0 ? "," : "", change->removed[i]);
    strbuf_addf(&warnings->lost,
                "] on the enum `%s` will be removed. If these variants are still used in the "
                "database, this will fail.\n",
                change->from->name);
}

static void collect(struct warnings *warnings, const struct step *step)
{
    switch (step->kind) {
    case STEP_ALTER_TABLE: alter_table(warnings, step->table_change); break;
    case STEP_REDEFINE_TABLES:
        for (size_t i = 0; i < step->redefined_count; i++)
            change_table(warnings, step->redefined[i]);
        break;
    case STEP_DROP_TABLE: drop_table(warnings, step->table); break;
    case STEP_CREATE_INDEX:
        if (step->table)
            add_index(warnings, step->next_table, step->next_index);
        break;
    case STEP_ALTER_ENUM: alter_enum(warnings, step->enum_change); break;
    case STEP_CREATE_SCHEMA:
    case STEP_DROP_EXTENSION:
    case STEP_CREATE_EXTENSION:
    case STEP_CREATE_ENUM:
    case STEP_DROP_FOREIGN_KEY:
    case STEP_DROP_INDEX:
    case STEP_DROP_ENUM:
    case STEP_CREATE_TABLE:
    case STEP_RENAME_FOREIGN_KEY:
    case STEP_ADD_FOREIGN_KEY:
    case STEP_RENAME_INDEX:
    case STEP_REDEFINE_INDEX: break;
    }
}

void steps_render_warnings(const struct steps *steps, struct strbuf *out)
{
    struct warnings warnings = {STRBUF_INIT, STRBUF_INIT};
    vec_each (step, &steps->items)
        collect(&warnings, step);
    if (warnings.lost.len + warnings.impossible.len > 0)
        strbuf_addf(out, "/*\n  Warnings:\n\n%s%s\n*/\n", warnings.lost.data,
                    warnings.impossible.data);
    strbuf_release(&warnings.lost);
    strbuf_release(&warnings.impossible);
}
