#include "orchestrator/docker/reference.h"

#include <string.h>

#include "base/mem.h"

void reference_parse(const char *image, struct reference *out)
{
    const char *digest = strchr(image, '@');
    size_t length = digest ? (size_t)(digest - image) : strlen(image);
    // A colon before the last slash is the registry's port.
    const char *slash = memrchr(image, '/', length);
    const char *name = slash ? slash + 1 : image;
    const char *colon = memchr(name, ':', length - (size_t)(name - image));
    size_t repository_length = colon ? (size_t)(colon - image) : length;
    out->repository = mem_strndup(image, repository_length);
    if (digest)
        out->tag = mem_strdup(digest + 1);
    else if (colon)
        out->tag = mem_strndup(colon + 1, length - repository_length - 1);
    else
        out->tag = mem_strdup("latest");
}

void reference_release(struct reference *reference)
{
    free(reference->repository);
    free(reference->tag);
    *reference = (struct reference){0};
}

static const char *without(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) ? text : text + length;
}

// The short name of what lies on Docker Hub; any other as it is.
static const char *familiar(const char *repository)
{
    const char *path = without(without(repository, "docker.io/"), "index.docker.io/");
    const char *name = without(path, "library/");
    return strchr(name, '/') ? path : name;
}

bool reference_same_repository(const char *left, const char *right)
{
    return !strcmp(familiar(left), familiar(right));
}

void reference_registry(const char *repository, struct strbuf *out)
{
    const char *path = familiar(repository);
    size_t host_length = strcspn(path, "/");
    bool is_host = path[host_length] == '/' &&
                   (memchr(path, '.', host_length) || memchr(path, ':', host_length) ||
                    (host_length == 9 && !strncmp(path, "localhost", 9)));
    if (is_host)
        strbuf_add(out, path, host_length);
    else
        strbuf_adds(out, "registry-1.docker.io");
}
