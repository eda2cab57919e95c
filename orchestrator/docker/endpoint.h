#pragma once
// Where the Docker engine is, found as docker's own client finds it: DOCKER_HOST, then
// DOCKER_CONTEXT or the current context of config.json, then the sockets engines are known to
// listen on. Nothing is connected to.
//
// Contexts: https://docs.docker.com/engine/manage-resources/contexts/, files below
// ~/.docker/contexts/meta/<sha256 of the name>/.

#include <stdbool.h>

#include "base/err.h"

struct endpoint {
    char *name;        // for people: "unix:///var/run/docker.sock"
    char *unix_socket; // NULL: TCP
    char *base_url;    // "http://docker", "https://host:2376"; no slash at its end
    bool use_tls;
    // With use_tls: files in PEM, NULL where there is none.
    char *ca_file, *certificate_file, *key_file;
    bool skip_verify;
    // Where its published ports are reached, when that is not this machine; NULL: it is. An engine
    // elsewhere sees none of this machine's files.
    char *remote_host;
};

// What the answer depends on; NULL where a variable is not set.
struct endpoint_environment {
    const char *docker_host;                          // DOCKER_HOST
    const char *docker_context;                       // DOCKER_CONTEXT
    const char *docker_config;                        // DOCKER_CONFIG: instead of ~/.docker
    const char *docker_tls_verify, *docker_cert_path; // DOCKER_TLS_VERIFY, DOCKER_CERT_PATH
    const char *home;                                 // HOME
    const char *runtime_directory;                    // XDG_RUNTIME_DIR
    const char *system_socket;                        // "/var/run/docker.sock"
    // BERTH_ENGINE_HOST: where the engine really is, behind a tunnel that looks like this machine.
    const char *engine_host;
};

struct endpoint_environment endpoint_environment(void);
// *out is owned by the caller: endpoint_release. ERR_NO_ENGINE with a remedy when there is none.
int endpoint_find(const struct endpoint_environment *environment, struct endpoint *out,
                  struct err *err) MUST_CHECK;
void endpoint_release(struct endpoint *endpoint);
// The remote_host of the engine that this process's environment leads to; NULL also where there is
// none. Owned by the caller.
char *endpoint_remote_host(void);
