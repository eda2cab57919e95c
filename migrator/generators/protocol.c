#include "migrator/generators/protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "migrator/generators/dmmf.h"

enum { COMMAND_NOT_FOUND = 127 }; // the shell's

// The ends that are ours, and what came over them and is no whole line yet.
struct talk {
    int input, answers, output;
    int last_id; // of the requests
    struct strbuf said, printed;
    const struct migrator_callbacks *callbacks;
};

static cJSON *setting_json(const char *value)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNullToObject(json, "fromEnvVar");
    cJSON_AddStringToObject(json, "value", value);
    return json;
}

static cJSON *generator_json(const struct generators_job *job, const struct generator *generator)
{
    AUTOFREE char *source = path_join(job->root, generator->source_path);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "name", generator->name);
    cJSON_AddItemToObject(json, "provider", setting_json(generator->provider));
    cJSON_AddItemToObject(json, "output",
                          generator->output ? setting_json(generator->output) : cJSON_CreateNull());
    cJSON_AddItemToObject(json, "config", cJSON_Duplicate(generator->config, true));
    cJSON_AddArrayToObject(json, "binaryTargets");
    cJSON_AddItemToObject(json, "previewFeatures", cJSON_Duplicate(generator->features, true));
    cJSON_AddBoolToObject(json, "isCustomOutput", generator->output != NULL);
    cJSON_AddStringToObject(json, "sourceFilePath", source);
    return json;
}

// The address of the database stays out of it: a generator has no business there.
static cJSON *datasources_json(const struct datamodel *datamodel)
{
    cJSON *list = cJSON_CreateArray();
    if (!datamodel->datasource)
        return list;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddItemToArray(list, json);
    cJSON_AddStringToObject(json, "name", datamodel->datasource->name);
    cJSON_AddStringToObject(json, "provider", dm_provider_name(datamodel->provider));
    cJSON_AddStringToObject(json, "activeProvider", dm_provider_name(datamodel->provider));
    cJSON_AddArrayToObject(json, "schemas");
    return list;
}

static cJSON *options_json(const struct generators_job *job, const generator_list *others,
                           cJSON *self)
{
    cJSON *json = cJSON_CreateObject();
    AUTO_STRBUF text = STRBUF_INIT;
    for (size_t i = 0; i < job->source_count; i++) {
        strbuf_add(&text, job->sources[i].text, job->sources[i].length);
        strbuf_addch(&text, '\n');
    }
    cJSON_AddItemToObject(json, "generator", self);
    cJSON *list = cJSON_AddArrayToObject(json, "otherGenerators");
    vec_each (other, others)
        if (strcmp(other->name, json_string_or(self, "name", "")) != 0)
            cJSON_AddItemToArray(list, generator_json(job, other));
    cJSON_AddStringToObject(json, "schemaPath", job->schema_path);
    cJSON_AddItemToObject(json, "dmmf", dmmf_of(job->datamodel));
    cJSON_AddItemToObject(json, "datasources", datasources_json(job->datamodel));
    cJSON_AddStringToObject(json, "datamodel", text.data);
    cJSON_AddStringToObject(json, "version", "berth");
    return json;
}

// The answer, once a line of it has come whole; other lines are told. NULL: not yet.
static cJSON *take_answer(struct talk *talk, int id)
{
    const char *end;
    while ((end = memchr(talk->said.data, '\n', talk->said.len))) {
        const size_t length = (size_t)(end - talk->said.data);
        struct err ignored;
        cJSON *json = NULL;
        if (talk->said.data[0] == '{' &&
            json_parse(talk->said.data, length, &json, &ignored) == 0 &&
            json_get(json, "jsonrpc") && json_int_or(json, "id", -1) == id) {
            strbuf_consume(&talk->said, length + 1);
            return json;
        }
        cJSON_Delete(json);
        AUTO_STRBUF line = STRBUF_INIT;
        strbuf_add(&line, talk->said.data, length + 1);
        program_say_lines(talk->callbacks, &line, false);
        strbuf_consume(&talk->said, length + 1);
    }
    return NULL;
}

// What there is to read now. false: the other side has closed it.
static bool take_bytes(int *end, struct strbuf *out)
{
    char bytes[4096];
    const ssize_t got = read(*end, bytes, sizeof bytes);
    if (got > 0)
        strbuf_add(out, bytes, (size_t)got);
    return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

static void give_bytes(struct talk *talk, struct strbuf *request)
{
    const ssize_t sent =
        send(talk->input, request->data, request->len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0)
        strbuf_consume(request, (size_t)sent);
    else if (errno != EINTR && errno != EAGAIN)
        strbuf_clear(request); // it has ended, which reading tells too
}

// *answer is owned by the caller. -1: it ended without one.
static int ask(struct talk *talk, const char *method, cJSON *parameters, cJSON **answer)
{
    const int id = ++talk->last_id;
    AUTO_STRBUF request = STRBUF_INIT;
    AUTO_JSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "jsonrpc", "2.0");
    cJSON_AddStringToObject(json, "method", method);
    cJSON_AddNumberToObject(json, "id", id);
    cJSON_AddItemToObject(json, "params", parameters);
    json_print(json, false, &request);
    strbuf_addch(&request, '\n');
    while (!(*answer = take_answer(talk, id))) {
        struct pollfd ends[] = {{.fd = talk->answers, .events = POLLIN},
                                {.fd = talk->output, .events = POLLIN},
                                {.fd = request.len ? talk->input : -1, .events = POLLOUT}};
        if (poll(ends, 3, -1) < 0 && errno != EINTR)
            return -1;
        if (ends[2].revents)
            give_bytes(talk, &request);
        if (ends[1].revents && !take_bytes(&talk->output, &talk->printed))
            close(TAKE_FD(talk->output));
        program_say_lines(talk->callbacks, &talk->printed, false);
        if (ends[0].revents && !take_bytes(&talk->answers, &talk->said))
            return -1;
    }
    return 0;
}

static int ask_checked(struct talk *talk, const struct generator *generator, const char *method,
                       cJSON *parameters, cJSON **answer, struct err *err)
{
    AUTO_JSON *json = NULL;
    if (ask(talk, method, parameters, &json)) {
        program_say_lines(talk->callbacks, &talk->said, true);
        return err_set(err, ERR_FAILED, "the generator %s (%s) ended without an answer",
                       generator->name, generator->provider);
    }
    const cJSON *error = json_get(json, "error");
    if (error)
        return err_set(err, ERR_FAILED, "the generator %s failed: %s", generator->name,
                       json_string_or(error, "message", "it does not say why"));
    *answer = TAKE(json);
    return 0;
}

// Without an output of its own the generator's default is meant.
static cJSON *self_json(const struct generators_job *job, const struct generator *generator,
                        const cJSON *answer)
{
    cJSON *self = generator_json(job, generator);
    const cJSON *manifest = json_path(answer, "result", "manifest", NULL);
    const char *usual = json_string_or(manifest, "defaultOutput", NULL);
    if (!generator->output && usual) {
        AUTOFREE char *file = path_join(job->root, generator->source_path);
        const char *slash = strrchr(file, '/');
        AUTOFREE char *directory = mem_strndup(file, slash ? (size_t)(slash - file) : 0);
        AUTOFREE char *path = path_join(directory, usual);
        AUTOFREE char *normal = path_normalize(path);
        cJSON_ReplaceItemInObject(self, "output", setting_json(normal));
    }
    return self;
}

static int converse(struct talk *talk, const struct generators_job *job,
                    const generator_list *others, const struct generator *generator,
                    struct err *err)
{
    AUTO_JSON *manifest = NULL;
    AUTO_JSON *done = NULL;
    if (ask_checked(talk, generator, "getManifest", generator_json(job, generator), &manifest, err))
        return -1;
    cJSON *self = self_json(job, generator, manifest);
    return ask_checked(talk, generator, "generate", options_json(job, others, self), &done, err);
}

static int explain_end(int status, const struct generator *generator, struct err *err)
{
    if (!WIFEXITED(status) || WEXITSTATUS(status) != COMMAND_NOT_FOUND)
        return -1;
    err_set(err, ERR_FAILED, "the generator %s: there is no command \"%s\"", generator->name,
            generator->provider);
    return err_hint(err, "install its package in the project, or Prisma's command line, which "
                         "runs every generator: npm install --save-dev prisma");
}

int protocol_run(const struct generators_job *job, const generator_list *others,
                 const struct generator *generator, const struct program *program,
                 const struct migrator_callbacks *callbacks, struct err *err)
{
    int input[2], answers[2], output[2];
    pid_t pid;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input) || pipe2(answers, O_CLOEXEC) ||
        pipe2(output, O_CLOEXEC))
        return err_set_errno(err, "cannot make a pipe");
    int failed = program_spawn(program, (const int[]){input[1], output[1], answers[1]}, &pid, err);
    close(input[1]);
    close(output[1]);
    close(answers[1]);
    struct talk talk = {.input = input[0],
                        .answers = answers[0],
                        .output = output[0],
                        .said = STRBUF_INIT,
                        .printed = STRBUF_INIT,
                        .callbacks = callbacks};
    if (!failed) {
        failed = converse(&talk, job, others, generator, err);
        close(TAKE_FD(talk.input));
        kill(pid, SIGTERM); // it would wait for more
        const int status = program_wait(pid);
        if (failed)
            failed = explain_end(status, generator, err);
    }
    program_say_lines(callbacks, &talk.printed, true);
    for (size_t i = 0; i < 3; i++) {
        const int end = (const int[]){talk.input, talk.answers, talk.output}[i];
        if (end >= 0)
            close(end);
    }
    strbuf_release(&talk.said);
    strbuf_release(&talk.printed);
    return failed;
}
