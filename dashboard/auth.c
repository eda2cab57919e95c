#include "dashboard/auth.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

void auth_init(struct auth *auth, const char *token, int port)
{
    AUTO_STRBUF secret = STRBUF_INIT;
    strbuf_addf(&secret, "dashboard session\n%s", token);
    auth->port = port;
    auth->token = mem_strdup(token);
    sha256_hex(secret.data, secret.len, auth->session);
    snprintf(auth->cookie_name, sizeof auth->cookie_name, "berth_%d", port);
}

void auth_release(struct auth *auth)
{
    free(auth->token);
    auth->token = NULL;
}

bool auth_host_allowed(const struct auth *auth, const char *host)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
    if (!host)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char expected[32];
        snprintf(expected, sizeof expected, "%s:%d", names[i], auth->port);
        if (strcasecmp(host, expected) == 0)
            return true;
    }
    return false;
}

bool auth_origin_allowed(const struct auth *auth, const char *origin)
{
    static const char scheme[] = "http://";
    if (!origin)
        return true;
    return strncmp(origin, scheme, strlen(scheme)) == 0 &&
           auth_host_allowed(auth, origin + strlen(scheme));
}

bool auth_fetch_allowed(const char *site, const char *mode)
{
    if (!site || strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0)
        return true;
    return mode && strcmp(mode, "navigate") == 0;
}

bool auth_token_matches(const struct auth *auth, const char *token)
{
    return token && secret_equal(token, auth->token);
}

// Cookie = name "=" value *( "; " name "=" value )   (RFC 6265 section 4.2.1)
bool auth_cookie_matches(const struct auth *auth, const char *cookies)
{
    const size_t name_length = strlen(auth->cookie_name);
    for (const char *at = cookies; at;) {
        at += strspn(at, " \t;");
        const size_t length = strcspn(at, ";");
        if (length == name_length + 1 + strlen(auth->session) && at[name_length] == '=' &&
            strncmp(at, auth->cookie_name, name_length) == 0) {
            AUTOFREE char *value = mem_strndup(at + name_length + 1, length - name_length - 1);
            if (secret_equal(value, auth->session))
                return true;
        }
        at = strchr(at, ';');
    }
    return false;
}

void auth_set_cookie(const struct auth *auth, struct strbuf *out)
{
    // No Max-Age: the session ends with the browser. No Secure: loopback is plain HTTP.
    strbuf_addf(out, "%s=%s; Path=/; HttpOnly; SameSite=Strict", auth->cookie_name, auth->session);
}
