#pragma once
// The control socket, .berth/control.sock (0600): how other commands speak with the running
// supervisor.
//
// One request a connection, a JSON document on one line: {"command": "ps", …}. The answer is one
// document on one line, {"error": {"kind","message","hint"}} when it could not be done; a followed
// one (logs) is a line after the other until either side closes.

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "base/err.h"
#include "orchestrator/loop/loop.h"
#include "orchestrator/state/workspace.h"

struct control_server;
struct control_client;

// Answers a request with control_answer, once now or later, or with several control_send.
typedef void control_fn(void *context, struct control_client *client, const cJSON *request);

int control_serve(struct loop *loop, const struct workspace *workspace, control_fn *fn,
                  void *context, struct control_server **out, struct err *err) MUST_CHECK;
void control_free(struct control_server *server); // NULL is fine; closes and removes the socket

// Both take the value over. control_answer closes the connection once it is sent.
void control_answer(struct control_client *client, cJSON *answer);
void control_answer_error(struct control_client *client, const struct err *err);
// One line of a followed answer. A client that does not read (1 MiB queued) is closed.
void control_send(struct control_client *client, cJSON *line);
// fn is called when the client goes away, however that comes.
void control_on_close(struct control_client *client, loop_fn *fn, void *context);

// The other side, blocking. ERR_NOT_RUNNING when there is no supervisor. A request with "names"
// asks for what takes its time, and the supervisor ends it; any other is answered at once, or
// ERR_TIMEOUT after 15 s. *answer is owned by the caller.
int control_request(const struct workspace *workspace, const cJSON *request, cJSON **answer,
                    struct err *err) MUST_CHECK;
// Calls fn for every line until it returns false, or the supervisor closes.
int control_follow(const struct workspace *workspace, const cJSON *request,
                   bool (*fn)(void *context, const cJSON *line), void *context,
                   struct err *err) MUST_CHECK;
