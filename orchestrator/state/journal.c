#include "orchestrator/state/journal.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/vec.h"
#include "orchestrator/state/store_parts.h"

enum { PID_TEXT_SIZE = 24 };

static const char *kind_name(enum journal_kind kind)
{
    static const char *const names[] = {
#define X(name, text) [name] = text,
        JOURNAL_KINDS(X)
#undef X
    };
    return names[kind];
}

// A statement with the kind as its first parameter and `name` as its second, where it has one.
static sqlite3_stmt *prepare(struct store *store, const char *sql, enum journal_kind kind,
                             const char *name)
{
    sqlite3_stmt *statement = NULL;
    sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
    sqlite3_bind_text(statement, 1, kind_name(kind), -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, name, -1, SQLITE_STATIC);
    return statement;
}

int journal_add(struct store *store, const struct journal_entry *entry, struct err *err)
{
    sqlite3_stmt *statement = prepare(store, "INSERT OR REPLACE INTO made VALUES (?, ?, ?, ?, ?)",
                                      entry->kind, entry->name);
    sqlite3_bind_text(statement, 3, entry->resource, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 4, entry->owner, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 5, (sqlite3_int64)entry->start_ticks);
    const int result = sqlite3_step(statement);
    sqlite3_finalize(statement);
    return result == SQLITE_DONE ? 0 : store_fail(store, err);
}

void journal_remove(struct store *store, enum journal_kind kind, const char *name)
{
    sqlite3_stmt *statement =
        prepare(store, "DELETE FROM made WHERE kind = ? AND name = ?", kind, name);
    (void)sqlite3_step(statement);
    sqlite3_finalize(statement);
}

bool journal_has(struct store *store, enum journal_kind kind, const char *name)
{
    sqlite3_stmt *statement =
        prepare(store, "SELECT 1 FROM made WHERE kind = ? AND name = ?", kind, name);
    const bool found = sqlite3_step(statement) == SQLITE_ROW;
    sqlite3_finalize(statement);
    return found;
}

int journal_add_process(struct store *store, struct process_identity process, const char *resource,
                        const char *owner, struct err *err)
{
    char pid[PID_TEXT_SIZE];
    snprintf(pid, sizeof pid, "%d", (int)process.pid);
    const struct journal_entry entry = {JOURNAL_PROCESS, pid, resource, owner, process.start_ticks};
    return journal_add(store, &entry, err);
}

void journal_remove_process(struct store *store, pid_t pid)
{
    char text[PID_TEXT_SIZE];
    snprintf(text, sizeof text, "%d", (int)pid);
    journal_remove(store, JOURNAL_PROCESS, text);
}

struct line {
    char *name, *resource, *owner;
    uint64_t start_ticks;
};

static char *column(sqlite3_stmt *statement, int index)
{
    return mem_strdup((const char *)sqlite3_column_text(statement, index));
}

void journal_each(struct store *store, enum journal_kind kind, const char *owner, journal_fn *fn,
                  void *context)
{
    VEC_OF(struct line) lines = {0};
    sqlite3_stmt *statement = prepare(store,
                                      "SELECT name, resource, owner, start_ticks FROM made "
                                      "WHERE kind = ?1 AND owner = coalesce(?2, owner)",
                                      kind, owner);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const struct line line = {column(statement, 0), column(statement, 1), column(statement, 2),
                                  (uint64_t)sqlite3_column_int64(statement, 3)};
        vec_push(&lines, line);
    }
    sqlite3_finalize(statement);
    vec_each (line, &lines) {
        const struct journal_entry entry = {kind, line->name, line->resource, line->owner,
                                            line->start_ticks};
        fn(context, &entry);
        free(line->name);
        free(line->resource);
        free(line->owner);
    }
    vec_release(&lines);
}
