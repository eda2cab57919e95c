#include "orchestrator/docker/inquiry.h"

#include "base/mem.h"

struct inquiry {
    struct loop *loop;
    struct http_client *http;
    struct docker *docker;
    int64_t timeout_ms;
    bool answered, failed;
    int status;
    cJSON *json; // of the last answer; NULL: none
    struct err err;
};

static void on_answer(void *context, const struct docker_result *result)
{
    struct inquiry *inquiry = context;
    inquiry->answered = true;
    inquiry->status = result->status;
    inquiry->json = result->json ? cJSON_Duplicate(result->json, true) : NULL;
    inquiry->failed = result->err != NULL;
    if (result->err)
        inquiry->err = *result->err;
    loop_stop(inquiry->loop);
}

static int await(struct inquiry *inquiry, cJSON **answer, struct err *err)
{
    inquiry->answered = false;
    while (!inquiry->answered)
        loop_run(inquiry->loop);
    cJSON *json = TAKE(inquiry->json);
    if (!inquiry->failed && answer)
        *answer = TAKE(json);
    cJSON_Delete(json);
    if (inquiry->failed)
        *err = inquiry->err;
    return inquiry->failed ? -1 : 0;
}

int inquiry_open(int64_t timeout_ms, struct inquiry **out, struct err *err)
{
    struct inquiry *inquiry = mem_alloc(sizeof *inquiry);
    inquiry->timeout_ms = timeout_ms;
    inquiry->loop = loop_new();
    inquiry->http = http_client_new(inquiry->loop);
    int status = docker_new(inquiry->loop, inquiry->http, &inquiry->docker, err);
    if (status == 0) {
        docker_ping(inquiry->docker, on_answer, inquiry);
        status = await(inquiry, NULL, err);
    }
    if (status) {
        inquiry_close(inquiry);
        return -1;
    }
    *out = inquiry;
    return 0;
}

void inquiry_close(struct inquiry *inquiry)
{
    if (!inquiry)
        return;
    docker_free(inquiry->docker);
    http_client_free(inquiry->http);
    loop_free(inquiry->loop);
    free(inquiry);
}

int inquiry_ask(struct inquiry *inquiry, const char *method, const char *path, const cJSON *body,
                cJSON **answer, struct err *err)
{
    docker_request(inquiry->docker, method, path, body, inquiry->timeout_ms, on_answer, inquiry);
    return await(inquiry, answer, err);
}

int inquiry_status(const struct inquiry *inquiry)
{
    return inquiry->status;
}

const char *inquiry_endpoint(const struct inquiry *inquiry)
{
    return docker_endpoint(inquiry->docker);
}
