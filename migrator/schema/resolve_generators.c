// Generators: what they enable.
#include <string.h>
#include <strings.h>

#include "migrator/schema/arguments.h"
#include "migrator/schema/resolve_config.h"

// Every preview feature there ever was: those that became ordinary or were given up are fine too.
static const char *const preview_features[] = {
    "aggregateApi",
    "atomicNumberOperations",
    "clientExtensions",
    "cockroachdb",
    "connectOrCreate",
    "createMany",
    "dataProxy",
    "deno",
    "distinct",
    "driverAdapters",
    "esm",
    "extendedIndexes",
    "extendedWhereUnique",
    "fieldReference",
    "filteredRelationCount",
    "filterJson",
    "fullTextIndex",
    "fullTextSearch",
    "fullTextSearchPostgres",
    "groupBy",
    "improvedQueryRaw",
    "interactiveTransactions",
    "jsonProtocol",
    "metrics",
    "microsoftSqlServer",
    "middlewares",
    "mongoDb",
    "multiSchema",
    "namedConstraints",
    "nApi",
    "nativeDistinct",
    "nativeTypes",
    "omitApi",
    "orderByAggregateGroup",
    "orderByNulls",
    "orderByRelation",
    "partialIndexes",
    "postgresqlExtensions",
    "prismaSchemaFolder",
    "queryCompiler",
    "reactNative",
    "referentialActions",
    "referentialIntegrity",
    "relationJoins",
    "schemaEngineDriverAdapters",
    "selectRelationCount",
    "shardKeys",
    "strictUndefinedChecks",
    "tracing",
    "transactionApi",
    "typedSql",
    "uncheckedScalarInputs",
    "views",
};
enum { PREVIEW_FEATURES = sizeof preview_features / sizeof *preview_features };

static bool use_feature(struct resolver *resolver, const char *name, struct span span)
{
    size_t known = 0;
    while (known < PREVIEW_FEATURES && strcasecmp(name, preview_features[known]) != 0)
        known++;
    if (known == PREVIEW_FEATURES) {
        diag_error(resolver->diagnostics, span, "there is no preview feature \"%s\"", name);
        hint_word(resolver, name, strlen(name), preview_features, PREVIEW_FEATURES);
        return false;
    }
    const char *feature = preview_features[known];
    resolver->has_views |= strcmp(feature, "views") == 0;
    resolver->has_extensions |= strcmp(feature, "postgresqlExtensions") == 0;
    resolver->has_partial_indexes |= strcmp(feature, "partialIndexes") == 0;
    resolver->has_shard_keys |= strcmp(feature, "shardKeys") == 0;
    if (strcmp(feature, "fullTextSearchPostgres") == 0)
        resolver->postgresql_feature_span = span;
    return true;
}

// Each once: there are not many.
static void add_feature(struct resolver *resolver, const char *name)
{
    struct datamodel *datamodel = resolver->datamodel;
    size_t count = datamodel->preview_feature_count;
    for (size_t i = 0; i < count; i++)
        if (strcmp(datamodel->preview_features[i], name) == 0)
            return;
    const char **grown = ARENA_ARRAY(resolver->arena, const char *, count + 1);
    if (count > 0)
        memcpy(grown, datamodel->preview_features, count * sizeof *grown);
    grown[count] = name;
    datamodel->preview_features = grown;
    datamodel->preview_feature_count++;
}

static void resolve_preview_features(struct resolver *resolver, const struct ast_block *block)
{
    const struct ast_property *property = config_find_property(block, "previewFeatures");
    if (!property)
        return;
    size_t count;
    const struct ast_expression *items = expression_items(&property->value, &count);
    for (size_t i = 0; i < count; i++) {
        const char *name = expression_string(resolver, &items[i]);
        if (name && use_feature(resolver, name, span_of(resolver->source, &items[i])))
            add_feature(resolver, name);
    }
}

void resolve_generator(struct resolver *resolver, const struct ast_block *block)
{
    struct dm_setting setting = {0};
    if (!config_resolve_setting(resolver, block, "provider", &setting) && !block->has_mistakes) {
        diag_error(resolver->diagnostics, block->header, "the generator has no provider");
        diag_hint(resolver->diagnostics, "add provider = \"prisma-client-js\"");
    }
    config_resolve_setting(resolver, block, "output", &setting);
    config_resolve_setting(resolver, block, "engineType", &setting);
    resolve_preview_features(resolver, block);
}
