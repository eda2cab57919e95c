#include "provisioners/engine_needs.h"

#include <ctype.h>
#include <string.h>

enum {
    SHORTEST_PASSWORD = 8,
    LONGEST_PASSWORD = 128,
    KINDS_NEEDED = 3,
    MSSQL_MEMORY_MB = 2000,
    MSSQL_START_MS = 300000 // its first start makes the system's databases, and upgrades them
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

struct engine_needs engine_needs_of(const struct engine *engine)
{
    return engine->id == ENGINE_MSSQL ? (struct engine_needs){"x86_64", MSSQL_MEMORY_MB}
                                      : (struct engine_needs){0};
}

int64_t engine_start_timeout_ms(const struct engine *engine)
{
    return engine->id == ENGINE_MSSQL ? MSSQL_START_MS : 0;
}
