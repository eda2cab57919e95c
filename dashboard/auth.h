#pragma once
// Who may talk to the dashboard: pure checks of header texts, no HTTP in here.
//
// The token of the printed URL is exchanged once for a cookie. The cookie's value is derived from
// the token, so that a page stays logged in when the supervisor restarts with the same token, and
// its name holds the port, because browsers send cookies to every port of a host: two workspaces
// must not overwrite each other's. Host is checked against DNS rebinding, Origin against other
// pages' scripts.

#include <stdbool.h>

#include "base/digest.h"
#include "base/strbuf.h"

struct auth {
    int port;
    char *token;
    char session[SHA256_HEX_SIZE];
    char cookie_name[24];
};

// Copies the token.
void auth_init(struct auth *auth, const char *token, int port);
void auth_release(struct auth *auth);

// Headers as received; NULL where absent. An absent Host is refused, an absent Origin is allowed.
bool auth_host_allowed(const struct auth *auth, const char *host);
bool auth_origin_allowed(const struct auth *auth, const char *origin);
// Sec-Fetch-Site and Sec-Fetch-Mode: another site's page may link here, but not embed or fetch.
// Other ports of this machine are "same-site", and no more trusted than the rest.
bool auth_fetch_allowed(const char *site, const char *mode);

bool auth_token_matches(const struct auth *auth, const char *token);
// Looks for the session in a Cookie header.
bool auth_cookie_matches(const struct auth *auth, const char *cookies);
// Appends the value of Set-Cookie that opens a session.
void auth_set_cookie(const struct auth *auth, struct strbuf *out);
