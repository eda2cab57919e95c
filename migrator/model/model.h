#pragma once
// The relational model: what a schema means as tables, columns, keys and indexes, in one arena.
//
// Two models of one dialect can be compared (migrator/diff) and rendered as SQL (migrator/sql). A
// model is built from a datamodel (model_build) or read from a database. Order is that of the
// source and carries meaning: steps of a migration come in it.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "migrator/model/column.h"

struct index_part {
    const struct column *column;
    enum dm_sort sort;
    int64_t length;                   // MySQL: of the prefix; 0: whole
    const char *operator_class;       // Postgres; NULL: the type's own
    const char *usual_operator_class; // of a described database: the name of the type's own
};
struct index {
    enum dm_index_kind kind;
    const char *name; // NULL: the primary key of SQLite, and of a described MySQL
    struct index_part *parts;
    size_t part_count;
    enum dm_index_type type;
    enum dm_clustering clustering;
    const char *where;      // predicate of a partial index; NULL: none
    const char *comparable; // the same, as it compares (predicate.h); NULL: none
    // UNIQUE of a table, which is no index to drop: of a described database on Postgres; on SQL
    // Server, where CREATE UNIQUE INDEX makes another thing, of a schema as well.
    bool is_constraint;
    size_t position; // in the table
};

struct foreign_key {
    const char *name;
    const struct column **columns;
    const struct table *target;
    const struct column **target_columns;
    size_t column_count;
    enum dm_action on_delete, on_update; // never absent
    size_t position;                     // in the table
};

struct table {
    const char *schema; // NULL: the connection's own
    const char *space;  // the same, and NULL too where it is the engine's default schema
    const char *name;
    struct column *columns;
    size_t column_count;
    struct index *primary_key; // NULL: none
    struct index *indexes;
    size_t index_count;
    struct foreign_key *foreign_keys;
    size_t foreign_key_count;
    size_t position;  // in the model
    bool is_external; // the migration ledger's or an extension's: not in model->tables
};

struct enumeration {
    const char *schema; // NULL: the connection's own
    const char *space;  // the same, and NULL too where it is the engine's default schema
    const char *name;
    const char *const *values;
    size_t value_count;
    size_t position; // in the model
};

struct extension {
    const char *name;
    const char *schema;  // NULL: not said
    const char *version; // NULL: not said
};

// Which server of the dialect of MySQL a described database is on: they differ in what a default
// may be.
enum mysql_server { MYSQL_UNKNOWN, MYSQL_ITSELF, MYSQL_MARIADB };

struct model {
    struct arena *arena;
    const struct dialect *dialect;
    const char *own_schema; // of a described database: what no schema stands for; NULL elsewhere
    const char **schemas;   // those that hold something, in byte order
    size_t schema_count;
    const char **listed_schemas; // those that the datasource knows, in byte order
    size_t listed_schema_count;
    struct extension *extensions; // in byte order of the names
    size_t extension_count;
    struct enumeration *enumerations;
    size_t enumeration_count;
    struct table *tables; // implicit many-to-many tables last
    size_t table_count;
    enum mysql_server mysql_server;
    bool is_empty_source; // made from nothing, not from an empty schema
};

struct model *model_new(enum dm_provider provider);
void model_free(struct model *model); // NULL is fine

// The model of a checked datamodel, which it does not refer to afterwards. Owned by the caller.
struct model *model_build(const struct datamodel *datamodel);

const struct column *table_column(const struct table *table, const char *name); // or NULL
bool index_has_column(const struct index *index, const struct column *column);
// Whether a table is none of the schema's business even where the schema describes it: the ledger,
// and the tables of PostGIS.
bool table_name_is_external(const struct dialect *dialect, const char *name);
// Whether two names mean one object of the database.
bool enumeration_same(const struct enumeration *left, const struct enumeration *right);
// As strcmp, with NULL as a text before all others.
int name_compare(const char *left, const char *right);
// The only column of the primary key, or NULL.
const struct column *table_key_column(const struct table *table);

// "<table>_<columns joined by _><suffix>", the part before the suffix cut at a character boundary
// so that the whole fits the dialect's limit.
char *constraint_name(struct arena *arena, const struct dialect *dialect, const char *table,
                      const char *columns, const char *suffix);
