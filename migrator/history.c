#include "migrator/history.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/strbuf.h"

static void close_directory(DIR **directory)
{
    if (*directory)
        closedir(*directory);
}

static bool is_directory(DIR *directory, const struct dirent *entry)
{
    struct stat st;
    if (entry->d_name[0] == '.')
        return false;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return fstatat(dirfd(directory), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(st.st_mode);
}

static int compare_names(const void *left, const void *right)
{
    const struct history_migration *a = left, *b = right;
    return strcmp(a->name, b->name);
}

// The value of the first line that starts with "provider": provider = "value"
static char *parse_lock(const char *text)
{
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        const char *at = line + strspn(line, " \t\r");
        if (strncmp(at, "provider", 8) != 0)
            continue;
        at += 8 + strspn(at + 8, " \t");
        if (*at++ != '=')
            return NULL;
        at += strspn(at, " \t");
        const char quote = *at;
        if (quote != '"' && quote != '\'')
            return NULL;
        const size_t length = strcspn(at + 1, quote == '"' ? "\"\r\n" : "'\r\n");
        return at[1 + length] == quote && length > 0 ? mem_strndup(at + 1, length) : NULL;
    }
    return NULL;
}

static int read_lock(const char *path, struct history *history, struct err *err)
{
    AUTOFREE char *file = path_join(path, "migration_lock.toml");
    AUTO_STRBUF text = STRBUF_INIT;
    if (!file_exists(file))
        return 0;
    if (file_read(file, &text, err))
        return -1;
    history->has_lock = true;
    const bool has_mark = strncmp(text.data, "\xEF\xBB\xBF", 3) == 0;
    history->lock_provider = parse_lock(text.data + (has_mark ? 3 : 0));
    return 0;
}

static int read_migrations(DIR *directory, const char *path, struct history *history,
                           struct err *err)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(directory);
        if (!entry)
            break;
        if (!is_directory(directory, entry))
            continue;
        AUTOFREE char *child = path_join(path, entry->d_name);
        char *script = path_join(child, "migration.sql");
        vec_push(&history->migrations, (struct history_migration){mem_strdup(entry->d_name), script,
                                                                  !file_exists(script)});
    }
    if (errno)
        return err_set_errno(err, "cannot read %s", path);
    if (history->migrations.len > 1)
        qsort(history->migrations.items, history->migrations.len, sizeof *history->migrations.items,
              compare_names);
    return 0;
}

int history_read(const char *path, struct history *out, struct err *err)
{
    struct history history = {0};
    CLEANUP(close_directory) DIR *directory = opendir(path);
    if (!directory) {
        if (errno != ENOENT)
            return err_set_errno(err, "cannot read %s", path);
        *out = history;
        return 0;
    }
    if (read_migrations(directory, path, &history, err) || read_lock(path, &history, err)) {
        history_release(&history);
        return -1;
    }
    *out = history;
    return 0;
}

void history_release(struct history *history)
{
    vec_each (migration, &history->migrations) {
        free(migration->name);
        free(migration->path);
    }
    vec_release(&history->migrations);
    free(history->lock_provider);
    *history = (struct history){0};
}

const struct history_migration *history_find(const struct history *history, const char *name)
{
    const struct history_migration key = {.name = (char *)name};
    if (history->migrations.len == 0)
        return NULL;
    return bsearch(&key, history->migrations.items, history->migrations.len,
                   sizeof *history->migrations.items, compare_names);
}

static const char *canonical_provider(const char *provider)
{
    static const char *const aliases[][2] = {{"postgres", "postgresql"}, {"mssql", "sqlserver"}};
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcasecmp(provider, aliases[i][0]) == 0)
            return aliases[i][1];
    return provider;
}

int history_check_provider(const struct history *history, const char *provider, const char *path,
                           struct err *err)
{
    if (!history->has_lock)
        return 0;
    if (!history->lock_provider)
        err_set(err, ERR_FAILED, "%s/migration_lock.toml names no provider, this database is %s",
                path, provider);
    else if (strcasecmp(canonical_provider(history->lock_provider), canonical_provider(provider)))
        err_set(err, ERR_FAILED,
                "%s/migration_lock.toml says provider \"%s\", this database is %s (P3019)", path,
                history->lock_provider, provider);
    else
        return 0;
    return err_hint(err, "migrations are written for one kind of database: keep a history of its "
                         "own for each");
}

// Hex as old versions of Prisma wrote it: no leading zero in a byte.
static void strip_padding(const char *hex, char out[SHA256_HEX_SIZE])
{
    size_t length = 0;
    for (size_t i = 0; hex[i] && hex[i + 1]; i += 2) {
        if (hex[i] != '0')
            out[length++] = hex[i];
        out[length++] = hex[i + 1];
    }
    out[length] = '\0';
}

static bool is_checksum_of(const char *checksum, const void *bytes, size_t length)
{
    char hex[SHA256_HEX_SIZE], unpadded[SHA256_HEX_SIZE];
    sha256_hex(bytes, length, hex);
    strip_padding(hex, unpadded);
    return strcasecmp(checksum, hex) == 0 || strcasecmp(checksum, unpadded) == 0;
}

// Every line end as "\n", or as "\r\n".
static void convert_line_ends(const char *bytes, size_t length, bool to_crlf, struct strbuf *out)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\r' && i + 1 < length && bytes[i + 1] == '\n')
            continue;
        if (bytes[i] == '\n' && to_crlf)
            strbuf_addch(out, '\r');
        strbuf_addch(out, bytes[i]);
    }
}

bool history_checksum_matches(const char *checksum, const void *bytes, size_t length)
{
    if (is_checksum_of(checksum, bytes, length))
        return true;
    for (int to_crlf = 0; to_crlf < 2; to_crlf++) {
        AUTO_STRBUF converted = STRBUF_INIT;
        convert_line_ends(bytes, length, to_crlf, &converted);
        if (is_checksum_of(checksum, converted.data, converted.len))
            return true;
    }
    return false;
}
