#pragma once
// The engine for commands that have nothing else to do: one request at a time, and the answer is
// waited for.

#include "orchestrator/docker/docker.h"

struct inquiry;

// For requests that change something: a stop, or the removal of much data, takes its time.
enum { INQUIRY_CHANGE_TIMEOUT_MS = 180000 };

// Finds the engine and greets it. ERR_NO_ENGINE. `timeout_ms`: of each request, 0: 60 s. *out is
// owned by the caller.
int inquiry_open(int64_t timeout_ms, struct inquiry **out, struct err *err) MUST_CHECK;
void inquiry_close(struct inquiry *inquiry); // NULL is fine

// As docker_request. *answer (NULL: not wanted) is owned by the caller, NULL where there is none.
// What is not there (404) is an error, too.
int inquiry_ask(struct inquiry *inquiry, const char *method, const char *path, const cJSON *body,
                cJSON **answer, struct err *err) MUST_CHECK;
// The status of the last answer; 0: there was none.
int inquiry_status(const struct inquiry *inquiry);
const char *inquiry_endpoint(const struct inquiry *inquiry); // as docker_endpoint
