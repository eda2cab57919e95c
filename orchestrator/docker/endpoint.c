#include "orchestrator/docker/endpoint.h"

#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/strbuf.h"
#include "provisioners/host.h"

static bool is_set(const char *text)
{
    return text && *text;
}

struct endpoint_environment endpoint_environment(void)
{
    return (struct endpoint_environment){
        .docker_host = getenv("DOCKER_HOST"),
        .docker_context = getenv("DOCKER_CONTEXT"),
        .docker_config = getenv("DOCKER_CONFIG"),
        .docker_tls_verify = getenv("DOCKER_TLS_VERIFY"),
        .docker_cert_path = getenv("DOCKER_CERT_PATH"),
        .home = getenv("HOME"),
        .runtime_directory = getenv("XDG_RUNTIME_DIR"),
        .system_socket = "/var/run/docker.sock",
        .engine_host = getenv("BERTH_ENGINE_HOST"),
    };
}

void endpoint_release(struct endpoint *endpoint)
{
    free(endpoint->name);
    free(endpoint->unix_socket);
    free(endpoint->base_url);
    free(endpoint->ca_file);
    free(endpoint->certificate_file);
    free(endpoint->key_file);
    free(endpoint->remote_host);
    *endpoint = (struct endpoint){0};
}

// --- One address: scheme://rest

static const char *after(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) ? NULL : text + length;
}

static bool has_port(const char *authority, size_t length)
{
    const char *bracket = memrchr(authority, ']', length);
    const char *from = bracket ? bracket : authority;
    return memchr(from, ':', length - (size_t)(from - authority)) != NULL;
}

// The host in "host:port" or "[::1]:port", without the brackets.
static char *host_of(const char *authority, size_t length)
{
    const char *bracket = memrchr(authority, ']', length);
    if (authority[0] == '[' && bracket)
        return mem_strndup(authority + 1, (size_t)(bracket - authority) - 1);
    const char *colon = memchr(authority, ':', length);
    return mem_strndup(authority, colon ? (size_t)(colon - authority) : length);
}

// address = host [ ":" port ] [ "/" prefix ]
static void set_tcp(const char *scheme, const char *address, bool use_tls, struct endpoint *out)
{
    size_t authority_length = strcspn(address, "/");
    size_t length = strlen(address);
    while (length > authority_length && address[length - 1] == '/')
        length--;
    // The engine's ports: https://docs.docker.com/reference/cli/dockerd/
    const char *port = has_port(address, authority_length) ? "" : use_tls ? ":2376" : ":2375";
    out->name = mem_printf("%s://%s", scheme, address);
    out->use_tls = use_tls;
    AUTOFREE char *host = host_of(address, authority_length);
    if (!host_is_loopback(host))
        out->remote_host = TAKE(host);
    out->base_url =
        mem_printf("%s://%.*s%s%.*s", use_tls ? "https" : "http", (int)authority_length, address,
                   port, (int)(length - authority_length), address + authority_length);
}

static int set_address(const char *host, const char *origin, bool use_tls, struct endpoint *out,
                       struct err *err)
{
    const char *rest;
    if ((rest = after(host, "unix://"))) {
        if (*rest != '/')
            return err_set(err, ERR_NO_ENGINE, "%s: %s is not an absolute path to a socket", origin,
                           host);
        *out = (struct endpoint){.name = mem_strdup(host),
                                 .unix_socket = mem_strdup(rest),
                                 .base_url = mem_strdup("http://docker")};
        return 0;
    }
    if (after(host, "ssh://")) {
        err_set(err, ERR_NO_ENGINE, "%s: berth does not reach engines over ssh (%s)", origin, host);
        return err_hint(err, "forward its socket, `ssh -nNT -L /tmp/docker.sock:"
                             "/var/run/docker.sock HOST`, and set "
                             "DOCKER_HOST=unix:///tmp/docker.sock BERTH_ENGINE_HOST=HOST");
    }
    if ((rest = after(host, "https://")))
        use_tls = true;
    else if (!(rest = after(host, "tcp://")))
        rest = after(host, "http://");
    if (!rest || !*rest || *rest == '/') {
        err_set(err, ERR_NO_ENGINE, "%s: %s is no address of an engine", origin, host);
        return err_hint(err, "write unix:///path/to.sock or tcp://host:port");
    }
    AUTOFREE char *scheme = mem_strndup(host, (size_t)(rest - host) - 3);
    *out = (struct endpoint){0};
    set_tcp(scheme, rest, use_tls, out);
    return 0;
}

static char *file_in(const char *directory, const char *name)
{
    AUTOFREE char *path = path_join(directory, name);
    return file_exists(path) ? TAKE(path) : NULL;
}

static void set_certificates(const char *directory, struct endpoint *out)
{
    out->ca_file = file_in(directory, "ca.pem");
    out->certificate_file = file_in(directory, "cert.pem");
    out->key_file = file_in(directory, "key.pem");
}

// --- DOCKER_HOST

// NULL without a home.
static char *config_directory(const struct endpoint_environment *environment)
{
    if (is_set(environment->docker_config))
        return mem_strdup(environment->docker_config);
    return is_set(environment->home) ? path_join(environment->home, ".docker") : NULL;
}

static int find_by_host(const struct endpoint_environment *environment, struct endpoint *out,
                        struct err *err)
{
    bool use_tls = is_set(environment->docker_tls_verify);
    if (set_address(environment->docker_host, "DOCKER_HOST", use_tls, out, err))
        return -1;
    if (!out->use_tls)
        return 0;
    AUTOFREE char *directory = is_set(environment->docker_cert_path)
                                   ? mem_strdup(environment->docker_cert_path)
                                   : config_directory(environment);
    if (directory)
        set_certificates(directory, out);
    return 0;
}

// --- Contexts

static int read_json(const char *path, cJSON **out, struct err *err)
{
    AUTO_STRBUF text = STRBUF_INIT;
    if (file_read(path, &text, err))
        return -1;
    return json_parse(text.data, text.len, out, err) ? err_wrap(err, "%s", path) : 0;
}

// The current context's name, owned by the caller; NULL: none is chosen.
static int current_context(const struct endpoint_environment *environment, const char *directory,
                           char **out, struct err *err)
{
    *out = NULL;
    AUTO_JSON *config = NULL;
    const char *name = environment->docker_context;
    if (!is_set(name)) {
        AUTOFREE char *path = path_join(directory, "config.json");
        if (!file_exists(path))
            return 0;
        if (read_json(path, &config, err)) {
            err->kind = ERR_NO_ENGINE;
            return err_hint(err, "it may name the Docker context to use: mend it, or set "
                                 "DOCKER_HOST");
        }
        name = json_string_or(config, "currentContext", NULL);
    }
    if (is_set(name) && strcmp(name, "default"))
        *out = mem_strdup(name);
    return 0;
}

static int find_by_context(const char *directory, const char *name, struct endpoint *out,
                           struct err *err)
{
    char id[SHA256_HEX_SIZE];
    sha256_hex(name, strlen(name), id);
    AUTOFREE char *meta_path = mem_printf("%s/contexts/meta/%s/meta.json", directory, id);
    if (!file_exists(meta_path)) {
        err_set(err, ERR_NO_ENGINE, "the Docker context \"%s\" does not exist", name);
        return err_hint(err, "`docker context ls` lists them, `docker context use default` goes "
                             "back to the default");
    }
    AUTO_JSON *meta = NULL;
    if (read_json(meta_path, &meta, err)) {
        err->kind = ERR_NO_ENGINE;
        return -1;
    }
    const cJSON *docker = json_path(meta, "Endpoints", "docker", NULL);
    const char *host = json_string_or(docker, "Host", NULL);
    if (!is_set(host))
        return err_set(err, ERR_NO_ENGINE, "the Docker context \"%s\" names no engine", name);
    AUTOFREE char *origin = mem_printf("the Docker context \"%s\"", name);
    AUTOFREE char *tls_directory = mem_printf("%s/contexts/tls/%s/docker", directory, id);
    bool skip_verify = json_bool_or(docker, "SkipTLSVerify", false);
    bool use_tls = skip_verify || file_is_directory(tls_directory);
    if (set_address(host, origin, use_tls, out, err))
        return -1;
    out->skip_verify = skip_verify;
    if (out->use_tls)
        set_certificates(tls_directory, out);
    return 0;
}

// --- Sockets

struct candidates {
    char *paths[6];
    size_t count;
};

static void candidate_add(struct candidates *list, const char *directory, const char *name)
{
    if (is_set(directory))
        list->paths[list->count++] = path_join(directory, name);
}

static void candidates_release(struct candidates *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->paths[i]);
}

// Docker's own first, then rootless and Docker Desktop, then Podman's look-alike.
static struct candidates known_sockets(const struct endpoint_environment *environment)
{
    struct candidates list = {0};
    const char *home = environment->home, *runtime = environment->runtime_directory;
    list.paths[list.count++] = mem_strdup(environment->system_socket);
    candidate_add(&list, runtime, "docker.sock");
    candidate_add(&list, home, ".docker/run/docker.sock");
    candidate_add(&list, home, ".docker/desktop/docker.sock");
    candidate_add(&list, runtime, "podman/podman.sock");
    return list;
}

static int find_by_socket(const struct endpoint_environment *environment, struct endpoint *out,
                          struct err *err)
{
    CLEANUP(candidates_release) struct candidates list = known_sockets(environment);
    // One that is there but not ours comes second: its error says what to do about it.
    const char *found = NULL;
    for (size_t i = 0; i < list.count; i++) {
        if (access(list.paths[i], R_OK | W_OK) == 0) {
            found = list.paths[i];
            break;
        }
        if (!found && file_exists(list.paths[i]))
            found = list.paths[i];
    }
    if (!found) {
        AUTO_STRBUF looked = STRBUF_INIT;
        for (size_t i = 0; i < list.count; i++)
            strbuf_addf(&looked, "%s%s", i ? ", " : "", list.paths[i]);
        err_set(err, ERR_NO_ENGINE, "no Docker engine was found (looked for %s)", looked.data);
        return err_hint(err, "start it (`sudo systemctl start docker`), install it "
                             "(`sudo apt install docker.io`), or set DOCKER_HOST");
    }
    AUTOFREE char *host = mem_printf("unix://%s", found);
    return set_address(host, "the default socket", false, out, err);
}

static int find(const struct endpoint_environment *environment, struct endpoint *out,
                struct err *err)
{
    if (is_set(environment->docker_host))
        return find_by_host(environment, out, err);
    AUTOFREE char *directory = config_directory(environment);
    if (directory) {
        AUTOFREE char *context = NULL;
        if (current_context(environment, directory, &context, err))
            return -1;
        if (context)
            return find_by_context(directory, context, out, err);
    }
    return find_by_socket(environment, out, err);
}

int endpoint_find(const struct endpoint_environment *environment, struct endpoint *out,
                  struct err *err)
{
    if (find(environment, out, err))
        return -1;
    if (is_set(environment->engine_host)) {
        free(out->remote_host);
        out->remote_host = mem_strdup(environment->engine_host);
    }
    return 0;
}

char *endpoint_remote_host(void)
{
    const struct endpoint_environment environment = endpoint_environment();
    struct endpoint endpoint = {0};
    struct err ignored;
    if (endpoint_find(&environment, &endpoint, &ignored))
        return NULL;
    char *host = TAKE(endpoint.remote_host);
    endpoint_release(&endpoint);
    return host;
}
