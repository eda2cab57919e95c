// Postgres's parameters as Npgsql and as URLs name them.
#include <string.h>
#include <strings.h>

#include "provisioners/connection_text.h"

struct parameter {
    const char *url, *ado;
};

static const struct parameter parameters[] = {
    {"sslmode", "SSL Mode"},
    {"schema", "Search Path"},
    {"application_name", "Application Name"},
    {"sslrootcert", "Root Certificate"},
};

static const struct parameter ssl_modes[] = {
    {"disable", "Disable"}, {"allow", "Allow"},        {"prefer", "Prefer"},
    {"require", "Require"}, {"verify-ca", "VerifyCA"}, {"verify-full", "VerifyFull"},
};

const char *parameter_to_ado(const char *url_name, const char **value)
{
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        if (strcasecmp(parameters[i].url, url_name))
            continue;
        for (size_t mode = 0; i == 0 && mode < sizeof ssl_modes / sizeof *ssl_modes; mode++) {
            if (!strcasecmp(ssl_modes[mode].url, *value))
                *value = ssl_modes[mode].ado;
        }
        return parameters[i].ado;
    }
    return NULL;
}

const char *parameter_from_ado(const char *folded_name, const char **value, struct arena *arena)
{
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        const char *ado = parameters[i].ado;
        if (strcmp(name_fold(ado, strlen(ado), arena), folded_name))
            continue;
        for (size_t mode = 0; i == 0 && mode < sizeof ssl_modes / sizeof *ssl_modes; mode++) {
            if (!strcasecmp(ssl_modes[mode].ado, *value) ||
                !strcasecmp(ssl_modes[mode].url, *value))
                *value = ssl_modes[mode].url;
        }
        return parameters[i].url;
    }
    return NULL;
}
