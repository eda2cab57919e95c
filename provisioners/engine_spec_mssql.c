// The container of SQL Server, as Microsoft's image wants it: "SQL Server on Linux containers" and
// "Environment variables" of its documentation.
#include <string.h>

#include "provisioners/spec_draft.h"

enum {
    LEAST_MEMORY_MB = 2000, // the server refuses to start with less
    STOP_TIMEOUT_S = 30     // what is only in memory is written to the data's files
};

#define DATA_TARGET "/var/opt/mssql"

// The image takes its password from the environment alone, where an inspection would show it; and
// its server is a user of its own, whom a directory of the host need not belong to. So it begins as
// root, reads the file, hands the data over, and goes on as that user with the image's own start.
// clang-format off
#define START \
    "MSSQL_SA_PASSWORD=$(cat " SPEC_PASSWORD_TARGET ") || exit 1\n" \
    "export MSSQL_SA_PASSWORD\n" \
    "for start in launch_sqlservr.sh permissions_check.sh; do\n" \
    "    if [ -x /opt/mssql/bin/$start ]; then break; fi\n" \
    "    start=\n" \
    "done\n" \
    "set -- ${start:+/opt/mssql/bin/$start} /opt/mssql/bin/sqlservr \"$@\"\n" \
    "if [ \"$(stat -c %u " DATA_TARGET ")\" != 10001 ]; then\n" \
    "    chown -R 10001:0 " DATA_TARGET " || exit 1\n" \
    "fi\n" \
    "export HOME=~mssql\n" \
    "exec setpriv --reuid=mssql \"--regid=$(id -g mssql)\" --init-groups \"$@\"\n"
// clang-format on

static bool accepts_licence(const char *variable)
{
    return !strcmp(variable, "ACCEPT_EULA=Y") || !strcmp(variable, "ACCEPT_EULA=y");
}

// Configuring the engine accepts its licence; taking that back leaves nothing that would start.
static int check_licence(const struct provision *provision, struct err *err)
{
    for (size_t i = 0; i < provision->env_count; i++) {
        if (strncmp(provision->env[i], "ACCEPT_EULA=", 12) || accepts_licence(provision->env[i]))
            continue;
        err_set(err, ERR_INVALID,
                "Mssql: SQL Server does not start unless its licence is accepted, and Env says it "
                "is not");
        return err_hint(err, "read the licence that the image names, then set ACCEPT_EULA to \"Y\" "
                             "or leave it out");
    }
    return 0;
}

static int check_memory(const struct provision *provision, struct err *err)
{
    if (!provision->memory_limit_mb || provision->memory_limit_mb >= LEAST_MEMORY_MB)
        return 0;
    err_set(err, ERR_INVALID, "Mssql: SQL Server needs %d MB of memory, and MemoryLimitMb is %d",
            LEAST_MEMORY_MB, provision->memory_limit_mb);
    return err_hint(err, "set MemoryLimitMb to %d or more, or leave it out", LEAST_MEMORY_MB);
}

int spec_draft_mssql(struct spec_draft *draft, struct err *err)
{
    static const char *const reserved[] = {"MSSQL_SA_PASSWORD",      "SA_PASSWORD",
                                           "MSSQL_TCP_PORT",         "MSSQL_DATA_DIR",
                                           "MSSQL_MASTER_DATA_FILE", NULL};
    static const char *const entrypoint[] = {"/bin/bash", "-c", START, "berth", NULL};
    static const char *const health[] = {"CMD-SHELL", "bash -c '</dev/tcp/127.0.0.1/1433'", NULL};
    const struct provision *provision = draft->provision;
    if (check_licence(provision, err) || check_memory(provision, err))
        return -1;
    if (!provision->password_file)
        return err_set(err, ERR_INVALID, "Mssql: SQL Server does not start without a password");
    spec_draft_add_env(draft, "ACCEPT_EULA=Y");
    spec_draft_add_mount(draft, true, provision->password_file, SPEC_PASSWORD_TARGET, true);
    if (provision->data_source)
        spec_draft_add_mount(draft, provision->data_is_bind, provision->data_source, DATA_TARGET,
                             false);
    draft->spec.entrypoint = entrypoint;
    draft->spec.user = "0";
    draft->spec.health =
        (struct container_health){health, SPEC_HEALTH_INTERVAL_S, SPEC_HEALTH_RETRIES};
    draft->spec.stop_timeout_s = STOP_TIMEOUT_S;
    for (size_t i = 0; i < provision->arg_count; i++)
        spec_draft_add_arg(draft, provision->args[i]);
    return spec_draft_add_user_env(draft, reserved, err);
}
