#pragma once
// The engine's failures as one readable line each, with the remedy where one is known. The engine's
// own words are kept; they differ between versions, so hints hang on their stable parts only.

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "orchestrator/loop/http.h"

struct error_request {
    const char *endpoint;      // "unix:///var/run/docker.sock"
    const char *method, *path; // for the message; a query is left out of it
};

// 0 for a whole answer below 400. Else fills *err: ERR_NO_ENGINE when the engine does not answer,
// ERR_TIMEOUT, or ERR_FAILED with what the engine says.
int error_from_reply(const struct http_reply *reply, const struct error_request *request,
                     struct err *err) MUST_CHECK;

// Appends the message of an error body on one line: {"message": …}, Podman's {"cause": …,
// "message": …, "response": …}, or plain text.
void error_body_text(const char *body, size_t length, struct strbuf *out);
// Appends a text with its line ends and runs of blanks as one space, control characters left out,
// what is not UTF-8 replaced, and ids of 64 hex digits cut to the 12 that docker shows.
void error_one_line(const char *text, struct strbuf *out);
// The same for a message that quotes what the engine sent.
void error_tidy(struct err *err);
// Sets the hint that belongs to what the engine says in err->message, if it is known.
void error_add_hint(struct err *err);
