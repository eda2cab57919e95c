#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "provisioners/engine_data_driver.h"

// MySQL's file lists the versions that had the data, the last one last.
#define HISTORY_KEY "\"version\":\""

static const char *last_version(const char *text)
{
    for (const char *at; (at = strstr(text, HISTORY_KEY));)
        text = at + strlen(HISTORY_KEY);
    return text;
}

// MariaDB's files hold its version alone, and so does that of MySQL below 8.4, which only writes
// one when it took over from an older server. What none of them tells a container looks for deeper.
static struct engine_version read_data(const struct engine *engine, const char *directory)
{
    static const char *const names[] = {"mysql_upgrade_history", "mariadb_upgrade_info",
                                        "mysql_upgrade_info"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct err err;
        AUTO_STRBUF text = STRBUF_INIT;
        AUTOFREE char *path = path_join(directory, names[i]);
        if (file_read(path, &text, &err))
            continue;
        const struct engine_version version = engine_version_parse(engine, last_version(text.data));
        if (version.major > 0)
            return version;
    }
    struct stat info;
    AUTOFREE char *system = path_join(directory, "mysql"); // each server's own database
    const bool is_nothing = stat(system, &info) && (errno == ENOENT || errno == ENOTDIR);
    return (struct engine_version){.major = is_nothing ? ENGINE_DATA_NONE : ENGINE_DATA_UNKNOWN,
                                   .minor = -1};
}

// Without those files the redo log has the name of who wrote it, at its byte 16: MySQL keeps it in
// several files, of which those in waiting are empty.
// clang-format off
#define MYSQL_VERSION \
    "cd " ENGINE_DATA_MOUNT " || exit 1\n" \
    "said=\n" \
    "for file in mysql_upgrade_history mariadb_upgrade_info mysql_upgrade_info; do\n" \
    "    if [ -z \"$said\" ] && [ -s \"$file\" ]; then said=$(cat \"$file\"); fi\n" \
    "done\n" \
    "case $said in *'\"version\":\"'*) said=${said##*'\"version\":\"'} ;; esac\n" \
    "for file in ib_logfile0 '#innodb_redo/#ib_redo'*; do\n" \
    "    if [ -n \"$said\" ]; then break; fi\n" \
    "    writer=$(dd if=\"$file\" bs=16 skip=1 count=2 2>/dev/null | tr -d '\\000')\n" \
    "    case $writer in MySQL* | MariaDB*) said=$writer ;; esac\n" \
    "done\n" \
    "if [ -z \"$said\" ] && [ -e aria_log_control ]; then said=MariaDB; fi\n" \
    "if [ -z \"$said\" ] && [ -e mysql.ibd ]; then said=MySQL; fi\n" \
    "printf '%s\\n' \"${said%%\\\"*}\"\n"
// clang-format on

// A server that nobody reaches but this script, which it asks for no password. What the data's own
// configuration says of logging statements is overridden, and an error that would quote one is cut.
// clang-format off
#define MYSQL_HEAL \
    "set -u\n" \
    "quoted=$(sed -e 's/\\\\/\\\\\\\\/g' -e \"s/'/''/g\" \"$MYSQL_ROOT_PASSWORD_FILE\") || exit 1\n" \
    "case ${1:-} in mysqld | mariadbd) shift ;; esac\n" \
    "server=$(command -v mariadbd || command -v mysqld)\n" \
    "client=$(command -v mariadb || command -v mysql)\n" \
    "place=${TMPDIR:-/tmp}\n" \
    "\"$server\" \"$@\" --user=mysql --skip-grant-tables --skip-networking --general-log=0 \\\n" \
    "    --slow-query-log=0 \"--socket=$place/berth.sock\" \"--pid-file=$place/berth.pid\" \\\n" \
    "    >\"$place/berth.log\" 2>&1 &\n" \
    "pid=$!\n" \
    "ask() { \"$client\" --no-defaults \"--socket=$place/berth.sock\" -hlocalhost -uroot mysql 2>&1; }\n" \
    "until echo 'SELECT 1' | ask >/dev/null; do\n" \
    "    if ! kill -0 $pid 2>/dev/null; then\n" \
    "        grep -F '[ERROR]' \"$place/berth.log\" | tail -n 3 >&2\n" \
    "        echo 'the password was not set' >&2\n" \
    "        exit 1\n" \
    "    fi\n" \
    "    sleep 0.1\n" \
    "done\n" \
    "said=$(ask <<SQL\n" \
    "SET sql_mode = '', sql_log_bin = 0;\n" \
    "FLUSH PRIVILEGES;\n" \
    "CREATE USER IF NOT EXISTS 'root'@'%' IDENTIFIED BY '$quoted';\n" \
    "ALTER USER 'root'@'%' IDENTIFIED BY '$quoted';\n" \
    "ALTER USER IF EXISTS 'root'@'localhost' IDENTIFIED BY '$quoted';\n" \
    "GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION;\n" \
    "SQL\n" \
    ")\n" \
    "status=$?\n" \
    "kill $pid\n" \
    "wait $pid\n" \
    "if [ $status -ne 0 ]; then\n" \
    "    printf '%s\\n' \"${said%% near *}\" >&2\n" \
    "    echo 'the password was not set' >&2\n" \
    "    exit 1\n" \
    "fi\n"
// clang-format on

static const char *const heal[] = {"sh", "-c", MYSQL_HEAL, "berth", NULL};
static const char *const version[] = {"sh", "-c", MYSQL_VERSION, "berth", NULL};

const struct engine_data_driver engine_data_mysql = {read_data, heal, version};
