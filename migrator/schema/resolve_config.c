// The datasource, and which provider's rules hold.
#include <string.h>

#include "migrator/schema/arguments.h"
#include "migrator/schema/resolve_config.h"

const struct ast_property *config_find_property(const struct ast_block *block, const char *name)
{
    for (size_t i = 0; i < block->property_count; i++)
        if (block->properties[i].value.kind != AST_ABSENT &&
            ast_name_is(&block->properties[i].name, name))
            return &block->properties[i];
    return NULL;
}

static void check_properties(struct resolver *resolver, const struct ast_block *block)
{
    for (size_t i = 0; i < block->property_count; i++) {
        const struct ast_property *property = &block->properties[i];
        size_t first = 0;
        enum { MOST = 256 }; // keeps a hostile file from costing quadratic time
        while (first < i && first < MOST &&
               !(block->properties[first].name.length == property->name.length &&
                 memcmp(block->properties[first].name.text, property->name.text,
                        property->name.length) == 0))
            first++;
        if (first < i && first < MOST)
            diag_error(resolver->diagnostics, span_of(resolver->source, &property->name),
                       "\"%.*s\" is set twice", (int)property->name.length, property->name.text);
        if (property->value.kind == AST_ABSENT)
            diag_error(resolver->diagnostics, span_of(resolver->source, property),
                       "\"%.*s\" has no value", (int)property->name.length, property->name.text);
    }
}

// A string, or env("NAME").
bool config_resolve_setting(struct resolver *resolver, const struct ast_block *block,
                            const char *name, struct dm_setting *out)
{
    const struct ast_property *property = config_find_property(block, name);
    if (!property)
        return false;
    const struct ast_expression *value = &property->value;
    out->span = span_of(resolver->source, value);
    if (!expression_is_function(value, "env")) {
        out->text = expression_string(resolver, value);
        return true;
    }
    if (value->argument_count != 1 || value->arguments[0].value.kind == AST_ABSENT) {
        diag_error(resolver->diagnostics, span_of(resolver->source, value),
                   "env() takes the name of one variable");
        return true;
    }
    out->variable = expression_string(resolver, &value->arguments[0].value);
    return true;
}

static void resolve_relation_mode(struct resolver *resolver, const struct ast_block *block,
                                  struct dm_datasource *datasource)
{
    const struct ast_property *mode = config_find_property(block, "relationMode");
    const struct ast_property *former = config_find_property(block, "referentialIntegrity");
    if (former) {
        if (mode)
            diag_error(resolver->diagnostics, span_of(resolver->source, &former->name),
                       "referentialIntegrity is the former name of relationMode: only one of them "
                       "can be set");
        else
            diag_warning(resolver->diagnostics, span_of(resolver->source, &former->name),
                         "referentialIntegrity is now called relationMode");
        mode = mode ? mode : former;
    }
    const char *text = mode ? expression_string(resolver, &mode->value) : NULL;
    if (!text || strcmp(text, "foreignKeys") == 0)
        return;
    if (strcmp(text, "prisma") == 0)
        datasource->relation_mode = DM_EMULATED;
    else
        diag_error(resolver->diagnostics, span_of(resolver->source, &mode->value),
                   "the relation mode is \"foreignKeys\" or \"prisma\"");
}

static void resolve_schemas(struct resolver *resolver, const struct ast_block *block,
                            struct dm_datasource *datasource)
{
    const struct ast_property *property = config_find_property(block, "schemas");
    if (!property)
        return;
    resolver->schemas_listed = true;
    resolver->schemas_span = span_of(resolver->source, &property->value);
    if (!provider_can(resolver->rules, CAN_USE_SCHEMAS)) {
        diag_error(resolver->diagnostics, span_of(resolver->source, property),
                   "%s has no schemas in a database", resolver->rules->label);
        return;
    }
    size_t count;
    const struct ast_expression *items = expression_items(&property->value, &count);
    if (count == 0)
        diag_error(resolver->diagnostics, span_of(resolver->source, &property->value),
                   "the list of schemas cannot be empty");
    const char **names = ARENA_ARRAY(resolver->arena, const char *, count);
    struct name_table seen = {0};
    for (size_t i = 0; i < count; i++) {
        const char *name = expression_string(resolver, &items[i]);
        if (!name)
            continue;
        if (name_table_put(&seen, NULL, name, strlen(name), resolver))
            diag_error(resolver->diagnostics, span_of(resolver->source, &items[i]),
                       "the schema \"%s\" is listed twice", name);
        names[datasource->schema_count++] = name;
    }
    datasource->schemas = names;
    name_table_release(&seen);
}

// name, or name(map: "…", schema: "…", version: "…")
static void resolve_extension(struct resolver *resolver, const struct ast_expression *item,
                              struct dm_extension *out)
{
    *out = (struct dm_extension){.span = span_of(resolver->source, item)};
    if (item->kind != AST_CONSTANT && item->kind != AST_FUNCTION) {
        diag_error(resolver->diagnostics, span_of(resolver->source, item),
                   "expected the name of an extension, found %s", expression_kind_name(item));
        return;
    }
    out->name = resolver_text(resolver, item->text, item->length);
    out->db_name = out->name;
    if (strchr(out->name, '-') || (out->name[0] >= '0' && out->name[0] <= '9')) {
        diag_error(resolver->diagnostics, span_of(resolver->source, item),
                   "the name of an extension cannot begin with a digit or hold a hyphen");
        diag_hint(resolver->diagnostics, "give its name with map: name(map: \"%s\")", out->name);
    }
    struct ast_attribute call = {.name = {item->text, item->length},
                                 .arguments = item->arguments,
                                 .argument_count = item->argument_count,
                                 .at = item->at,
                                 .place_length = item->place_length};
    struct arguments arguments;
    if (!arguments_begin(&arguments, resolver, &call, 1))
        return;
    const char *map = arguments_take_name(&arguments, "map");
    if (map)
        out->db_name = map;
    out->schema = arguments_take_name(&arguments, "schema");
    out->version = arguments_take_name(&arguments, "version");
    arguments_end(&arguments);
}

static void resolve_extensions(struct resolver *resolver, const struct ast_block *block,
                               struct dm_datasource *datasource)
{
    const struct ast_property *property = config_find_property(block, "extensions");
    if (!property)
        return;
    if (!provider_can(resolver->rules, CAN_USE_EXTENSIONS)) {
        diag_error(resolver->diagnostics, span_of(resolver->source, property),
                   "%s has no extensions", resolver->rules->label);
        return;
    }
    if (!resolver->has_extensions) {
        diag_error(resolver->diagnostics, span_of(resolver->source, property),
                   "extensions are a preview feature that is not enabled");
        diag_hint(resolver->diagnostics, "add previewFeatures = [\"postgresqlExtensions\"] to the "
                                         "generator block");
    }
    size_t count;
    const struct ast_expression *items = expression_items(&property->value, &count);
    datasource->extensions = ARENA_ARRAY(resolver->arena, struct dm_extension, count);
    datasource->extension_count = count;
    for (size_t i = 0; i < count; i++)
        resolve_extension(resolver, &items[i], &datasource->extensions[i]);
}

static const char *const known_properties[] = {
    "provider",     "url",     "directUrl",  "shadowDatabaseUrl",
    "relationMode", "schemas", "extensions", "referentialIntegrity",
};
enum { KNOWN_PROPERTIES = sizeof known_properties / sizeof *known_properties };

static void check_known_properties(struct resolver *resolver, const struct ast_block *block)
{
    for (size_t i = 0; i < block->property_count; i++) {
        const struct ast_name *name = &block->properties[i].name;
        size_t known = 0;
        while (known < KNOWN_PROPERTIES && !ast_name_is(name, known_properties[known]))
            known++;
        if (known < KNOWN_PROPERTIES)
            continue;
        diag_error(resolver->diagnostics, span_of(resolver->source, name),
                   "a datasource has no property \"%.*s\"", (int)name->length, name->text);
        if (ast_name_is(name, "previewFeatures"))
            diag_hint(resolver->diagnostics, "preview features stand in the generator block");
        else
            hint_word(resolver, name->text, name->length, known_properties, KNOWN_PROPERTIES);
    }
}

static const struct provider_rules *resolve_provider(struct resolver *resolver,
                                                     const struct ast_block *block,
                                                     struct dm_datasource *datasource)
{
    static const char *const names[] = {"postgresql", "mysql", "sqlite", "sqlserver"};
    const struct ast_property *property = config_find_property(block, "provider");
    if (!property) {
        diag_error(resolver->diagnostics, block->header, "the datasource has no provider");
        diag_hint(resolver->diagnostics, "add provider = \"postgresql\"");
        return NULL;
    }
    const struct ast_expression *value = &property->value;
    if (expression_is_function(value, "env")) {
        diag_error(resolver->diagnostics, span_of(resolver->source, value),
                   "the provider cannot come from the environment");
        return NULL;
    }
    datasource->provider_text = expression_string(resolver, value);
    if (!datasource->provider_text)
        return NULL;
    const struct provider_rules *rules =
        provider_rules_by_name(datasource->provider_text, strlen(datasource->provider_text));
    if (!rules) {
        diag_error(resolver->diagnostics, span_of(resolver->source, value),
                   "unknown provider \"%s\"", datasource->provider_text);
        hint_word(resolver, value->text, value->length, names, 4);
        if (strcmp(datasource->provider_text, "mongodb") == 0 ||
            strcmp(datasource->provider_text, "cockroachdb") == 0)
            diag_hint(resolver->diagnostics,
                      "supported are postgresql, mysql, sqlite and sqlserver");
    }
    return rules;
}

static int resolve_datasource(struct resolver *resolver, const struct ast_block *block)
{
    struct dm_datasource *datasource = ARENA_NEW(resolver->arena, struct dm_datasource);
    datasource->name = resolver_text(resolver, block->name.text, block->name.length);
    datasource->span = block->span;
    resolver->datasource_name = datasource->name;
    const struct provider_rules *rules = resolve_provider(resolver, block, datasource);
    if (!rules)
        return -1;
    resolver->rules = rules;
    datasource->provider = rules->provider;
    resolver->datamodel->datasource = datasource;
    check_known_properties(resolver, block);
    config_resolve_setting(resolver, block, "url", &datasource->url);
    config_resolve_setting(resolver, block, "directUrl", &datasource->direct_url);
    config_resolve_setting(resolver, block, "shadowDatabaseUrl", &datasource->shadow_database_url);
    resolve_relation_mode(resolver, block, datasource);
    resolve_schemas(resolver, block, datasource);
    resolve_extensions(resolver, block, datasource);
    return 0;
}

static int check_datasources(struct resolver *resolver, const struct ast_block *datasource,
                             const struct ast_block *another)
{
    struct position place = source_position(datasource->header.source, datasource->header.start);
    diag_error(resolver->diagnostics, another->header,
               "a second datasource: the first is at %s:%zu", datasource->header.source->path,
               place.line);
    diag_hint(resolver->diagnostics, "a schema has one datasource");
    return -1;
}

int resolve_config(struct resolver *resolver, const char *provider_or_null)
{
    const struct ast_block *datasource = NULL;
    int failed = 0;
    for (size_t i = 0; i < resolver->ast->block_count; i++) {
        const struct ast_block *block = &resolver->ast->blocks[i];
        if (block->kind != AST_DATASOURCE && block->kind != AST_GENERATOR)
            continue;
        resolver->source = block->source;
        check_properties(resolver, block);
        if (block->kind == AST_GENERATOR)
            resolve_generator(resolver, block);
        else if (datasource)
            failed = check_datasources(resolver, datasource, block);
        else
            datasource = block;
    }
    const struct provider_rules *asked =
        provider_or_null ? provider_rules_by_name(provider_or_null, strlen(provider_or_null))
                         : NULL;
    resolver->rules = asked ? asked : provider_rules(DM_POSTGRESQL);
    if (datasource) {
        resolver->source = datasource->source;
        if (resolve_datasource(resolver, datasource))
            failed = -1;
    }
    if (asked && datasource && !failed && resolver->rules != asked) {
        diag_error(resolver->diagnostics, datasource->header, "the schema is for %s, not for %s",
                   resolver->rules->label, asked->label);
        failed = -1;
    }
    resolver->datamodel->provider = resolver->rules->provider;
    if (resolver->postgresql_feature_span.source && resolver->rules->provider != DM_POSTGRESQL)
        diag_error(resolver->diagnostics, resolver->postgresql_feature_span,
                   "this preview feature is for PostgreSQL only");
    return failed;
}
