#pragma once
// The difference of one table that both models have. Private to migrator/diff.

#include "migrator/diff/dialect_rules.h"

// Never NULL; lies in the arena.
struct table_change *table_change_of(struct arena *arena, const struct diff_rules *rules,
                                     const struct table *from, const struct table *to);

bool table_change_alters(const struct table_change *change); // ALTER TABLE has something to do

// Equal but perhaps for the name.
bool index_equal(const struct index *from, const struct index *to);
bool foreign_key_equal(const struct table_change *change, const struct foreign_key *from,
                       const struct foreign_key *to);

// The foreign key of `to` that one of `from` is equal to, or NULL.
const struct foreign_key *foreign_key_find_equal(const struct table_change *change,
                                                 const struct foreign_key *from);
// The index of the other side that one is equal to, or NULL.
const struct index *index_find_equal(const struct table *table, const struct index *index);
// The unique index that the new primary key makes superfluous: it goes only when the key is there,
// because foreign keys may need either.
bool index_is_replaced_by_key(const struct table_change *change, const struct index *index);
// Whether the index begins with the key's columns, so that MySQL looks the key's rows up by it.
bool index_serves(const struct index *index, const struct foreign_key *key);
// Whether one of its columns is dropped and added.
bool index_is_recreated(const struct table_change *change, const struct index *index);
// Fills dropped_indexes and added_indexes.
void table_change_bind_indexes(struct arena *arena, struct table_change *change);
bool table_change_has_dropped(const struct table_change *change, const struct index *index);
bool table_change_has_added(const struct table_change *change, const struct index *index);
// The index of `to` that an index of `from` lives on as; NULL: none, or it cannot be told which
// because several are alike.
const struct index *index_successor(const struct table_change *change, const struct index *from);
