#include "appsettings/names.h"

#include <ctype.h>
#include <string.h>

static bool is_plain(char c)
{
    return isalnum((unsigned char)c) != 0;
}

bool name_is_resource(const char *name)
{
    enum { LONGEST = 63 };
    if (!is_plain(*name) || strlen(name) > LONGEST)
        return false;
    for (; *name; name++)
        if (!is_plain(*name) && !strchr("_.-", *name))
            return false;
    return true;
}

bool name_is_database(const char *name, size_t longest_bytes)
{
    const bool begins_well = is_plain(*name) || *name == '_' || (unsigned char)*name >= 0x80;
    if (!begins_well || strlen(name) > longest_bytes)
        return false;
    for (; *name; name++)
        if (!is_plain(*name) && !strchr("_-.$", *name) && (unsigned char)*name < 0x80)
            return false;
    return true;
}

bool name_is_variable(const char *name)
{
    if (*name == '\0' || isdigit((unsigned char)*name))
        return false;
    for (; *name; name++)
        if (!is_plain(*name) && *name != '_')
            return false;
    return true;
}

const char *name_of_variable(const char *text, struct arena *arena)
{
    char *name = arena_strdup(arena, text);
    for (char *c = name; *c; c++)
        *c = is_plain(*c) ? (char)toupper((unsigned char)*c) : '_';
    return name;
}
