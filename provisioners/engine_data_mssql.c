#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "provisioners/engine_data_driver.h"

// The version of a database's format is in its boot page, the tenth of its first file: dbi_version.
enum { VERSION_OFFSET = 9 * 8192 + 100 };

// By the format's number of master: each release has a range of its own.
static const struct {
    int from, release;
} releases[] = {{958, 2025}, {905, 2022}, {870, 2019}, {853, 2017}, {0, 0}};

static int release_of_format(int format)
{
    size_t i = 0;
    while (format < releases[i].from)
        i++;
    return releases[i].release;
}

static struct engine_version read_data(const struct engine *engine, const char *directory)
{
    unsigned char bytes[2];
    AUTOFREE char *path = path_join(directory, "data/master.mdf");
    AUTOCLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return (struct engine_version){
            .major = errno == ENOENT ? ENGINE_DATA_NONE : ENGINE_DATA_UNKNOWN, .minor = -1};
    if (pread(fd, bytes, sizeof bytes, VERSION_OFFSET) != (ssize_t)sizeof bytes)
        return (struct engine_version){.major = ENGINE_DATA_NONE, .minor = -1};
    AUTOFREE char *said = mem_printf("%d", release_of_format(bytes[0] | bytes[1] << 8));
    return engine_version_parse(engine, said);
}

// clang-format off
#define MSSQL_VERSION \
    "file=" ENGINE_DATA_MOUNT "/data/master.mdf\n" \
    "[ -s $file ] || exit 0\n" \
    "format=$(dd if=$file bs=1 skip=73828 count=2 2>/dev/null | od -An -tu2 | tr -d ' ')\n" \
    "for release in 958:2025 905:2022 870:2019 853:2017; do\n" \
    "    if [ \"${format:-0}\" -ge ${release%:*} ]; then echo ${release#*:}; exit 0; fi\n" \
    "done\n"

// The image's own tool starts the server for it, with nobody else in it. It takes only members of a
// group for granted in which the server's user need not be, and for root it wants a sudo.
#define MSSQL_HEAL \
    "MSSQL_SA_PASSWORD=$(cat /run/secrets/berth-password) || exit 1\n" \
    "export MSSQL_SA_PASSWORD\n" \
    "export HOME=~mssql\n" \
    "chown -R 10001:0 /var/opt/mssql || exit 1\n" \
    "setpriv --reuid=mssql --regid=mssql --init-groups /opt/mssql/bin/mssql-conf -n set-sa-password \\\n" \
    "    >/tmp/berth.log 2>&1 && exit 0\n" \
    "grep -v -F -f /run/secrets/berth-password /tmp/berth.log | tail -n 3 >&2\n" \
    "echo 'the password was not set' >&2\n" \
    "exit 1\n"
// clang-format on

static const char *const heal[] = {"/bin/bash", "-c", MSSQL_HEAL, "berth", NULL};
static const char *const version[] = {"/bin/bash", "-c", MSSQL_VERSION, "berth", NULL};

const struct engine_data_driver engine_data_mssql = {read_data, heal, version};
