#include "migrator/introspect/introspect.h"

#include "migrator/introspect/describe.h"

int introspect(struct driver *driver, const struct introspect_scope *scope, struct model **out,
               struct err *err)
{
    const bool is_postgres = driver->script.dialect == SQL_POSTGRES;
    struct draft draft;
    draft_init(&draft, driver, scope, is_postgres ? DM_POSTGRESQL : DM_SQLITE);
    int status = is_postgres ? postgres_describe(&draft, err) : sqlite_describe(&draft, err);
    struct model *model = draft_finish(&draft);
    if (status) {
        model_free(model);
        return -1;
    }
    *out = model;
    return 0;
}
