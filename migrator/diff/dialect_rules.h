#pragma once
// What a change means on each database engine: the part of the difference that is not the same
// everywhere. Private to migrator/diff.

#include "migrator/diff/steps.h"

enum type_change {
    TYPE_SAME,
    TYPE_CAST,       // the engine converts what is there
    TYPE_RISKY_CAST, // the same, but values may not fit or lose digits
    TYPE_RECREATE,   // the column is dropped and added
};

struct diff_rules {
    // Compares type and arity. Lists and enums included.
    enum type_change (*type_change)(const struct column *from, const struct column *to);
    // Which differences of a described column from that of a schema are there because a server can
    // have it no other way. NULL: none.
    unsigned (*unavoidable)(const struct column *from, const struct column *to, bool is_key);
    // Of defaults that are SQL: the same, however the server writes it anew?
    bool (*same_expression)(const char *left, const char *right);
    bool redefines_tables;        // SQLite: ALTER TABLE can do next to nothing
    bool redefines_for_increment; // SQL Server: IDENTITY cannot be altered
    bool has_enum_types;          // CREATE TYPE … AS ENUM
    bool renames_foreign_keys;    // else drop and add
    bool names_foreign_keys;      // a name alone is worth a change
    bool names_primary_keys;
    bool renames_indexes;      // else drop and create (RedefineIndex)
    bool inlines_foreign_keys; // in CREATE TABLE
    bool inlines_indexes;      // in CREATE TABLE (MySQL); SQL Server: unique ones
    bool inlines_unique;
    bool recreates_indexes;   // dropping a column drops its indexes
    bool reindexes_retyped;   // SQL Server: no column changes its type below an index
    bool reindexes_recreated; // MySQL: no column is dropped and added below an index
    bool counts_by_index;     // MySQL: AUTO_INCREMENT is the first column of some index
    bool ignores_json_defaults;
    bool keeps_foreign_key_indexes; // MySQL: an index may serve a foreign key that stays
};

const struct diff_rules *diff_rules_of(enum dm_provider provider);

bool default_equal(const struct diff_rules *rules, const struct column *from,
                   const struct column *to);

// But for parentheses around the whole, casts of a text, and letter case.
bool expressions_equal(const char *left, const char *right);
bool sqlserver_same_expression(const char *left, const char *right);

enum type_change postgres_type_change(const struct column *from, const struct column *to);
enum type_change sqlite_type_change(const struct column *from, const struct column *to);
enum type_change mysql_type_change(const struct column *from, const struct column *to);
enum type_change sqlserver_type_change(const struct column *from, const struct column *to);
