#include "migrator/sql/render.h"

#include "migrator/sql/dialect_sql.h"

static const struct sql_dialect *dialect_for(const struct model *model)
{
    switch (model->dialect->provider) {
    case DM_POSTGRESQL: return &sql_postgres;
    case DM_SQLITE: return &sql_sqlite;
    case DM_MYSQL: return &sql_mysql;
    case DM_SQLSERVER: return &sql_sqlserver;
    }
    return &sql_postgres;
}

typedef void (*step_function)(struct sql_writer *writer, const struct step *step);

static step_function function_for(const struct sql_dialect *dialect, enum step_kind kind)
{
    switch (kind) {
    case STEP_CREATE_SCHEMA: return dialect->create_schema;
    case STEP_DROP_EXTENSION: return dialect->drop_extension;
    case STEP_CREATE_EXTENSION: return dialect->create_extension;
    case STEP_CREATE_ENUM: return dialect->create_enum;
    case STEP_ALTER_ENUM: return dialect->alter_enum;
    case STEP_DROP_FOREIGN_KEY: return dialect->drop_foreign_key;
    case STEP_DROP_INDEX: return dialect->drop_index;
    case STEP_ALTER_TABLE: return dialect->alter_table;
    case STEP_DROP_TABLE: return dialect->drop_table;
    case STEP_DROP_ENUM: return dialect->drop_enum;
    case STEP_CREATE_TABLE: return dialect->create_table;
    case STEP_REDEFINE_TABLES: return dialect->redefine_tables;
    case STEP_CREATE_INDEX: return dialect->create_index;
    case STEP_RENAME_FOREIGN_KEY: return dialect->rename_foreign_key;
    case STEP_ADD_FOREIGN_KEY: return dialect->add_foreign_key;
    case STEP_RENAME_INDEX: return dialect->rename_index;
    case STEP_REDEFINE_INDEX: return dialect->redefine_index;
    }
    return NULL;
}

static const char *title_of(enum step_kind kind)
{
    static const char *const titles[] = {
#define X(kind, name) [kind] = (name),
        STEP_KINDS(X)
#undef X
    };
    return titles[kind];
}

void steps_render(const struct steps *steps, struct strbuf *out)
{
    struct sql_writer writer = {.out = out, .steps = steps, .dialect = dialect_for(steps->to)};
    if (steps->items.len == 0) {
        strbuf_adds(out, "-- This is an empty migration.\n");
        return;
    }
    if (writer.dialect->prologue)
        strbuf_adds(out, writer.dialect->prologue);
    bool is_first = true;
    vec_each (step, &steps->items) {
        step_function render = function_for(writer.dialect, step->kind);
        if (!render)
            continue;
        if (!is_first)
            strbuf_addch(out, '\n');
        is_first = false;
        strbuf_adds(out, "-- ");
        strbuf_adds(out, title_of(step->kind));
        strbuf_addch(out, '\n');
        render(&writer, step);
    }
    if (writer.dialect->epilogue)
        strbuf_adds(out, writer.dialect->epilogue);
}
