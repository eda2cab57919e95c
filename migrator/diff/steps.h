#pragma once
// A migration as data: the ordered steps that turn one model into another.
//
// Steps point into both models, which outlive them, and lie in an arena of their own. What a step
// says in SQL is the matter of migrator/sql.

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/vec.h"
#include "migrator/model/model.h"

// In the order in which they run:
// - tables go before the enums they use, and before tables and indexes that take over their names
// - columns come before indexes on them, and unique indexes before the foreign keys that need them
#define STEP_KINDS(X)                              \
    X(STEP_CREATE_SCHEMA, "CreateSchema")          \
    X(STEP_DROP_EXTENSION, "DropExtension")        \
    X(STEP_CREATE_EXTENSION, "CreateExtension")    \
    X(STEP_CREATE_ENUM, "CreateEnum")              \
    X(STEP_ALTER_ENUM, "AlterEnum")                \
    X(STEP_DROP_FOREIGN_KEY, "DropForeignKey")     \
    X(STEP_DROP_INDEX, "DropIndex")                \
    X(STEP_ALTER_TABLE, "AlterTable")              \
    X(STEP_DROP_TABLE, "DropTable")                \
    X(STEP_DROP_ENUM, "DropEnum")                  \
    X(STEP_CREATE_TABLE, "CreateTable")            \
    X(STEP_REDEFINE_TABLES, "RedefineTables")      \
    X(STEP_CREATE_INDEX, "CreateIndex")            \
    X(STEP_RENAME_FOREIGN_KEY, "RenameForeignKey") \
    X(STEP_ADD_FOREIGN_KEY, "AddForeignKey")       \
    X(STEP_RENAME_INDEX, "RenameIndex")            \
    X(STEP_REDEFINE_INDEX, "RedefineIndex")
enum step_kind {
#define X(kind, name) kind,
    STEP_KINDS(X)
#undef X
};

// What differs between the two sides of a column.
enum column_difference {
    COLUMN_ARITY = 1 << 0,
    COLUMN_DEFAULT = 1 << 1,
    COLUMN_TYPE = 1 << 2,
    COLUMN_INCREMENT = 1 << 3,
};

struct column_pair {
    const struct column *from, *to;
    unsigned differences; // of enum column_difference
    bool recreated;       // no cast leads from one type to the other: drop and add
    bool is_risky;        // the cast may lose data or fail
};

// A table that stays, and what becomes of it.
struct table_change {
    const struct table *from, *to;
    struct column_pair *pairs; // columns of both sides, by name
    size_t pair_count;
    struct column_pair **pair_of;  // by the position of the column of `from`; NULL: dropped
    const struct column **dropped; // by name
    size_t dropped_count;
    const struct column **added; // by name
    size_t added_count;
    struct column_pair **altered; // the pairs that differ, in the order of `from`
    size_t altered_count;
    bool drops_key, adds_key, renames_key; // the primary key; renamed only where it stays
    // Indexes that go and come in the same statement: MySQL's column that counts is never without.
    const struct index **dropped_indexes, **added_indexes;
    size_t dropped_index_count, added_index_count;
    bool is_redefined; // rebuilt under another name, see STEP_REDEFINE_TABLES
};

// A column that holds an enum of which values go.
struct enum_use {
    const struct table *table, *next_table;    // NULL: not on that side
    const struct column *column, *next_column; // NULL: not on that side
};
struct enum_change {
    const struct enumeration *from, *to;
    const char **added; // values
    size_t added_count;
    const char **removed; // values; where there are any, the type is made anew
    size_t removed_count;
    struct enum_use *retyped; // in the order of the new model
    size_t retyped_count;
    struct enum_use *with_default; // columns whose old default must give way
    size_t with_default_count;
    struct enum_use *abandoned; // columns that the migration drops further down
    size_t abandoned_count;
};

struct step {
    enum step_kind kind;
    // The objects that the kind names; those of the old model without, of the new with next_.
    const char *next_schema;
    const struct extension *extension, *next_extension;
    const struct enumeration *enumeration, *next_enumeration;
    const struct enum_change *enum_change;
    const struct table *table, *next_table;
    const struct index *index, *next_index;
    const struct foreign_key *foreign_key, *next_foreign_key;
    const struct table_change *table_change;
    const struct table_change *const *redefined; // STEP_REDEFINE_TABLES
    size_t redefined_count;
};

struct steps {
    struct arena *arena;
    VEC_OF(struct step) items;
    const struct model *from, *to;
};
void steps_release(struct steps *steps);

// The steps from one model to another of the same dialect. Zero-initialise `out`; release it.
void model_diff(const struct model *from, const struct model *to, struct steps *out);
