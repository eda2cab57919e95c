#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/vec.h"
#include "orchestrator/cli/ask.h"
#include "provisioners/client_program.h"
#include "provisioners/connection.h"

typedef VEC_OF(const char *) argument_list;

// How an engine's client is told where to go: words for what everybody may see, variables for the
// password, which no list of processes shows.
static void add_option(argument_list *words, const char *option, const char *value)
{
    if (!value || !value[0])
        return;
    vec_push(words, option);
    vec_push(words, value);
}

// `port`: the one to use, which inside a container is not the published one.
static void add_words(argument_list *words, const struct connection *connection, const char *host,
                      int port, struct arena *arena)
{
    const char *number = arena_printf(arena, "%d", port);
    if (connection->engine->id == ENGINE_SQLITE) {
        vec_push(words, connection->database);
        return;
    }
    if (connection->engine->id == ENGINE_MSSQL) {
        add_option(words, "-S", arena_printf(arena, "tcp:%s,%d", host, port));
        add_option(words, "-U", connection->user);
        add_option(words, "-d", connection->database);
        vec_push(words, "-C"); // as berth itself, it takes the certificate that the server made
        return;
    }
    add_option(words, "-h", host);
    if (connection->engine->id == ENGINE_POSTGRES) {
        add_option(words, "-p", number);
        add_option(words, "-U", connection->user);
        add_option(words, "-d", connection->database);
    } else if (connection->engine->id == ENGINE_MYSQL) {
        vec_push(words, "--protocol=TCP");
        add_option(words, "-P", number);
        add_option(words, "-u", connection->user);
        vec_push(words, connection->database ? connection->database : "mysql");
    } else {
        add_option(words, "-p", number);
        add_option(words, "--user", connection->user);
        add_option(words, "-n", connection->database);
        if (connection->tls)
            vec_push(words, "--tls");
    }
}

static void set_variables(const struct client_program *client, const struct connection *connection,
                          struct arena *arena)
{
    if (client->password_variable && connection->password)
        setenv(client->password_variable, connection->password, 1);
    const char *tls = connection->engine->id == ENGINE_POSTGRES
                          ? connection_parameter(connection, "sslmode", arena)
                          : NULL;
    if (tls)
        setenv("PGSSLMODE", tls, 1);
}

static void add_all(argument_list *words, char **more)
{
    for (; *more; more++)
        vec_push(words, *more);
    vec_push(words, NULL);
}

// The client in the resource's own container. -e with a name alone takes the value from here.
static void run_in_container(const struct client_program *client,
                             const struct connection *connection, const char *container,
                             char **more, struct arena *arena)
{
    argument_list words = {0};
    vec_push(&words, "docker");
    vec_push(&words, "exec");
    vec_push(&words, isatty(STDIN_FILENO) ? "-it" : "-i");
    if (connection->password)
        add_option(&words, "-e", client->password_variable);
    vec_push(&words, container);
    vec_push(&words, client->in_container ? client->in_container : client->name);
    add_words(&words, connection, "127.0.0.1", connection->engine->port, arena);
    add_all(&words, more);
    execvp("docker", (char *const *)words.items);
    vec_release(&words);
}

// Becomes the client; returns only when there is none.
static int become_client(const struct connection *connection, const char *container, char **more,
                         struct arena *arena, struct err *err)
{
    const struct engine *engine = connection->engine;
    const struct client_program *client = client_program_of(engine);
    if (!client)
        return err_set(err, ERR_FAILED, "berth knows no client for %s", engine->name);
    argument_list words = {0};
    set_variables(client, connection, arena);
    vec_push(&words, client->name);
    add_words(&words, connection, connection->host, connection->port, arena);
    add_all(&words, more);
    fflush(NULL);
    execvp(client->name, (char *const *)words.items);
    vec_release(&words);
    if (errno == ENOENT && container)
        run_in_container(client, connection, container, more, arena);
    err_set(err, ERR_FAILED, "there is no %s here%s", client->name,
            container ? ", and no docker to run the one in the container" : "");
    return err_hint(err,
                    "apt install %s, or any other client at the address that `berth url NAME "
                    "--reveal` prints",
                    client->package);
}

static int ask_address(struct cli *cli, const char *name, cJSON **url, cJSON **description,
                       struct err *err)
{
    cJSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "command", "url");
    cJSON_AddStringToObject(request, "name", name);
    cJSON_AddBoolToObject(request, "reveal", true);
    if (cli_request(cli, request, url, err))
        return -1;
    return cli_ask(cli, "describe", name, description, err);
}

static int connect_to(struct cli *cli, const char *name, char **more)
{
    AUTO_JSON *url = NULL;
    AUTO_JSON *description = NULL;
    struct err err;
    if (ask_address(cli, name, &url, &description, &err))
        return cli_fail(cli, &err);
    const cJSON *resource = cJSON_GetArrayItem(json_get(description, "resources"), 0);
    const char *kind = json_string_or(resource, "kind", "");
    if (strcmp(kind, "database") != 0 && strcmp(kind, "cache") != 0)
        return cli_usage(cli, "\"%s\" is a %s: connect is for databases and caches", name, kind);
    struct arena *arena = arena_new();
    struct connection connection;
    const char *container = json_string_or(resource, "containerName", NULL);
    if (connection_parse(json_string_or(url, "url", ""), NULL, "/", arena, &connection, &err) == 0)
        (void)!become_client(&connection, container, more, arena, &err);
    arena_free(arena);
    return cli_fail(cli, &err);
}

static int run(struct cli *cli, int argc, char **argv)
{
    static const struct option longs[] = {CLI_COMMON_OPTIONS, {0}};
    int exit_code = 0;
    if (cli_ends(cli_option(cli, argc, argv, "", longs), &exit_code))
        return exit_code;
    if (optind == argc)
        return cli_usage(cli, "connect wants the name of a database or cache");
    return connect_to(cli, argv[optind], argv + optind + 1);
}

const struct command command_connect = {
    "connect", "a client at a database or cache: psql, mysql, redis-cli, sqlite3, sqlcmd",
    "Usage: berth connect NAME [-- ARGUMENT...] [--project-root DIR]\n\n"
    "Becomes the engine's own client, logged in. Where this machine has none, the one in the\n"
    "resource's container is run by `docker exec`. The password goes by environment. What follows\n"
    "-- is the client's.\n\n"
    "Example: berth connect postgres -- -c 'SELECT 1'\n",
    run};
