#include "provisioners/engine_needs.h"

#include <ctype.h>
#include <string.h>

enum {
    SHORTEST_PASSWORD = 8,
    LONGEST_PASSWORD = 128,
    KINDS_NEEDED = 3,
    MSSQL_MEMORY_MB = 2000,
    MSSQL_START_MS = 300000, // its first start makes the system's databases, and upgrades them
    MSSQL_REFUSAL_MS = 20000 // it listens before sa has its password
};

static int count_kinds(const char *password)
{
    bool upper = false, lower = false, digit = false, other = false;
    for (; *password; password++) {
        const unsigned char c = (unsigned char)*password;
        if (isupper(c))
            upper = true;
        else if (islower(c))
            lower = true;
        else if (isdigit(c))
            digit = true;
        else
            other = true;
    }
    return upper + lower + digit + other;
}

// Rules: SQL Server documentation, "Password policy".
int engine_check_password(const struct engine *engine, const char *password, struct err *err)
{
    if (engine->id != ENGINE_MSSQL)
        return 0;
    const size_t length = strlen(password);
    if (length < SHORTEST_PASSWORD || length > LONGEST_PASSWORD)
        err_set(err, ERR_INVALID, "it has %zu characters, and SQL Server wants %d to %d", length,
                SHORTEST_PASSWORD, LONGEST_PASSWORD);
    else if (count_kinds(password) < KINDS_NEEDED)
        err_set(err, ERR_INVALID,
                "SQL Server wants three of capitals, small letters, digits and other characters in "
                "it");
    else
        return 0;
    return -1;
}

bool engine_is_particular(const struct engine *engine)
{
    return engine->id == ENGINE_MSSQL;
}

int engine_check_machine(const struct engine *engine, const char *architecture, double memory_mb,
                         struct err *err)
{
    if (!engine_is_particular(engine))
        return 0;
    if (*architecture && strcmp(architecture, "x86_64") != 0 &&
        strcmp(architecture, "amd64") != 0) {
        err_set(err, ERR_RESOURCE, "%s runs on x86_64 only, and the engine's machine is %s",
                engine->name, architecture);
        return err_hint(err, "use an engine on such a machine: DOCKER_HOST, or a docker context");
    }
    if (memory_mb > 0 && memory_mb < MSSQL_MEMORY_MB) {
        err_set(err, ERR_RESOURCE, "%s needs %d MB of memory, and the engine's machine has %.0f",
                engine->name, MSSQL_MEMORY_MB, memory_mb);
        return err_hint(err, "give it more: the virtual machine's settings, where it is one");
    }
    return 0;
}

int64_t engine_start_timeout_ms(const struct engine *engine)
{
    return engine->id == ENGINE_MSSQL ? MSSQL_START_MS : 0;
}

int64_t engine_refusal_patience_ms(const struct engine *engine)
{
    return engine->id == ENGINE_MSSQL ? MSSQL_REFUSAL_MS : 0;
}
