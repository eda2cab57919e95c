#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "provisioners/engine_data_driver.h"

static int number(const char *text)
{
    int value = 0;
    for (; isdigit((unsigned char)*text) && value < 10000; text++)
        value = value * 10 + (*text - '0');
    return value;
}

// A cluster's own word: "15\n", of old servers "9.6\n".
static int read_version(const char *directory)
{
    struct err err;
    AUTO_STRBUF text = STRBUF_INIT;
    AUTOFREE char *path = path_join(directory, "PG_VERSION");
    if (!file_read(path, &text, &err))
        return number(text.data) > 0 ? number(text.data) : ENGINE_DATA_UNKNOWN;
    return errno == ENOENT || errno == ENOTDIR ? ENGINE_DATA_NONE : ENGINE_DATA_UNKNOWN;
}

// The layout of images from 18 on, "<major>/docker" below the mount. The names tell the version
// even where the files are the server's alone. The newest counts.
static int find_major_directory(const char *directory)
{
    DIR *stream = opendir(directory);
    if (!stream)
        return errno == ENOENT ? ENGINE_DATA_NONE : ENGINE_DATA_UNKNOWN;
    int newest = ENGINE_DATA_NONE;
    for (const struct dirent *entry; (entry = readdir(stream));) {
        AUTOFREE char *cluster = mem_printf("%s/%s/docker", directory, entry->d_name);
        struct stat info;
        int major = number(entry->d_name);
        bool is_number = !entry->d_name[strspn(entry->d_name, "0123456789")];
        if (major > newest && is_number && !stat(cluster, &info) && S_ISDIR(info.st_mode) &&
            read_version(cluster) != ENGINE_DATA_NONE)
            newest = major;
    }
    closedir(stream);
    return newest;
}

static struct engine_version read_data(const struct engine *engine, const char *directory)
{
    int major = read_version(directory);
    if (major == ENGINE_DATA_NONE)
        major = find_major_directory(directory);
    return (struct engine_version){.server = engine->name, .major = major, .minor = -1};
}

// In single-user mode the server asks for no password, and takes SQL a line at a time from its
// input; a failed statement shows in what it says, not in its exit status. The statement holds the
// password: what the data's own configuration says of logging is overridden, and only lines that
// cannot quote it are passed on.
// clang-format off
#define POSTGRES_HEAL \
    "set -u\n" \
    "quoted=$(sed \"s/'/''/g\" \"$POSTGRES_PASSWORD_FILE\") || exit 1\n" \
    "for step in gosu su-exec 'setpriv --reuid=postgres --regid=postgres --init-groups'; do\n" \
    "    if command -v \"${step%% *}\" >/dev/null; then break; fi\n" \
    "done\n" \
    "case $step in setpriv*) ;; *) step=\"$step postgres\" ;; esac\n" \
    "said=$(\n" \
    "    $step postgres --single -D \"$PGDATA\" -c log_statement=none -c logging_collector=off \\\n" \
    "        -c log_min_error_statement=panic -c log_min_duration_statement=-1 template1 2>&1 <<SQL\n" \
    "SET standard_conforming_strings = on\n" \
    "SET password_encryption = 'scram-sha-256'\n" \
    "DO \\$\\$BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'postgres') " \
        "THEN CREATE ROLE postgres SUPERUSER LOGIN; END IF; END\\$\\$\n" \
    "ALTER ROLE postgres PASSWORD '$quoted'\n" \
    "SQL\n" \
    ")\n" \
    "status=$?\n" \
    "case $said in *ERROR:* | *FATAL:* | *PANIC:*) status=1 ;; esac\n" \
    "if [ $status -ne 0 ]; then\n" \
    "    printf '%s\\n' \"$said\" | grep -E 'FATAL:|PANIC:' >&2\n" \
    "    echo 'the password was not set' >&2\n" \
    "    exit 1\n" \
    "fi\n"
// clang-format on

// Both layouts of read_data; of several majors the last of the names, which is the newest.
// clang-format off
#define POSTGRES_VERSION \
    "major=0\n" \
    "for file in " ENGINE_DATA_MOUNT "/*/docker/PG_VERSION " ENGINE_DATA_MOUNT "/PG_VERSION; do\n" \
    "    if [ -s \"$file\" ]; then read -r major <\"$file\"; fi\n" \
    "done\n" \
    "echo \"$major\"\n"
// clang-format on

static const char *const heal[] = {"sh", "-c", POSTGRES_HEAL, "berth", NULL};
static const char *const version[] = {"sh", "-c", POSTGRES_VERSION, "berth", NULL};

const struct engine_data_driver engine_data_postgres = {read_data, heal, version};
