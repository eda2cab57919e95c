#include "migrator/introspect/introspect.h"

#include <string.h>

#include "migrator/introspect/describe.h"

struct introspect_scope introspect_scope_of(const struct datamodel *datamodel)
{
    struct introspect_scope scope = {0};
    if (datamodel->datasource) {
        scope.schemas = datamodel->datasource->schemas;
        scope.schema_count = datamodel->datasource->schema_count;
        scope.extensions = datamodel->datasource->extension_count > 0;
    }
    for (size_t i = 0; i < datamodel->preview_feature_count; i++) {
        if (strcmp(datamodel->preview_features[i], "partialIndexes") == 0)
            scope.partial_indexes = true;
    }
    return scope;
}

int introspect(struct driver *driver, const struct introspect_scope *scope, struct model **out,
               struct err *err)
{
    static const struct {
        enum dm_provider provider;
        int (*describe)(struct draft *draft, struct err *err);
    } engines[] = {[SQL_POSTGRES] = {DM_POSTGRESQL, postgres_describe},
                   [SQL_SQLITE] = {DM_SQLITE, sqlite_describe},
                   [SQL_MYSQL] = {DM_MYSQL, mysql_describe},
                   [SQL_SQLSERVER] = {DM_SQLSERVER, sqlserver_describe}};
    struct draft draft;
    draft_init(&draft, driver, scope, engines[driver->script.dialect].provider);
    int status = engines[driver->script.dialect].describe(&draft, err);
    struct model *model = draft_finish(&draft);
    if (status) {
        model_free(model);
        return -1;
    }
    *out = model;
    return 0;
}
