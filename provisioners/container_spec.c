#include "provisioners/container_spec.h"

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/mem.h"

enum { DIGEST_LENGTH = 16 };

// A digest short enough for a label; it tells equal from different, it is no seal.
static void add_digest(cJSON *object, const char *name, const void *bytes, size_t length)
{
    char hex[SHA256_HEX_SIZE];
    sha256_hex(bytes, length, hex);
    hex[DIGEST_LENGTH] = '\0';
    cJSON_AddStringToObject(object, name, hex);
}

static void add_env(cJSON *json, const struct container_spec *spec)
{
    cJSON *env = cJSON_AddObjectToObject(json, "env");
    for (size_t i = 0; i < spec->env_count; i++) {
        size_t length = strcspn(spec->env[i], "=");
        AUTOFREE char *name = mem_strndup(spec->env[i], length);
        add_digest(env, name, spec->env[i], strlen(spec->env[i]));
    }
}

static void add_args(cJSON *json, const struct container_spec *spec)
{
    AUTO_STRBUF text = STRBUF_INIT, entrypoint = STRBUF_INIT;
    for (const char *const *word = spec->entrypoint; word && *word; word++)
        strbuf_add(&entrypoint, *word, strlen(*word) + 1);
    if (spec->entrypoint)
        add_digest(json, "entrypoint", entrypoint.data, entrypoint.len);
    for (size_t i = 0; i < spec->arg_count; i++)
        strbuf_add(&text, spec->args[i], strlen(spec->args[i]) + 1);
    if (spec->arg_count)
        add_digest(json, "args", text.data, text.len);
    else
        cJSON_AddStringToObject(json, "args", "none");
}

void container_spec_json(const struct container_spec *spec, struct strbuf *out)
{
    AUTO_JSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "image", spec->image);
    cJSON *ports = cJSON_AddObjectToObject(json, "port");
    for (size_t i = 0; i < spec->port_count; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", spec->ports[i].container_port);
        cJSON_AddNumberToObject(ports, name, spec->ports[i].host_port);
    }
    if (spec->port_count && spec->ports[0].is_public)
        cJSON_AddStringToObject(json, "published", "on all addresses");
    cJSON *mounts = cJSON_AddObjectToObject(json, "mount");
    for (size_t i = 0; i < spec->mount_count; i++) {
        const struct container_mount *mount = &spec->mounts[i];
        if (mount->is_copied) {
            cJSON_AddStringToObject(mounts, mount->target, "a copy");
            continue;
        }
        AUTOFREE char *source = mem_printf("%s %s%s", mount->is_bind ? "directory" : "volume",
                                           mount->source, mount->read_only ? " (read-only)" : "");
        cJSON_AddStringToObject(mounts, mount->target, source);
    }
    add_env(json, spec);
    add_args(json, spec);
    if (spec->memory_limit_mb)
        cJSON_AddNumberToObject(json, "memoryLimitMb", spec->memory_limit_mb);
    json_print(json, false, out);
}

static void add_separator(struct strbuf *out, size_t start)
{
    if (out->len > start)
        strbuf_adds(out, "; ");
}

static void add_value(struct strbuf *out, const cJSON *value)
{
    if (!value)
        strbuf_adds(out, "none");
    else if (cJSON_IsString(value))
        strbuf_adds(out, value->valuestring);
    else
        json_print(value, false, out);
}

// Digests say nothing to a person.
static bool is_opaque(const char *key)
{
    return !strcmp(key, "env") || !strcmp(key, "args");
}

// "port 5432: 5433 -> 5434", "env PGTZ changed", "env PGTZ added"
static void add_change(struct strbuf *out, const char *key, const char *name,
                       const cJSON *old_value, const cJSON *new_value)
{
    strbuf_adds(out, key);
    if (name)
        strbuf_addf(out, " %s", name);
    if (is_opaque(key)) {
        strbuf_adds(out, !old_value ? " added" : !new_value ? " removed" : " changed");
        return;
    }
    strbuf_adds(out, ": ");
    add_value(out, old_value);
    strbuf_adds(out, " -> ");
    add_value(out, new_value);
}

// Compares one key of both texts; a record's members one by one.
static void compare_key(const char *key, const cJSON *old_value, const cJSON *new_value,
                        struct strbuf *out, size_t start)
{
    if (old_value && new_value && cJSON_Compare(old_value, new_value, true))
        return;
    if (!cJSON_IsObject(old_value) || !cJSON_IsObject(new_value)) {
        add_separator(out, start);
        add_change(out, key, NULL, old_value, new_value);
        return;
    }
    const cJSON *member;
    json_each (member, old_value) {
        const cJSON *other = json_get(new_value, member->string);
        if (other && cJSON_Compare(member, other, true))
            continue;
        add_separator(out, start);
        add_change(out, key, member->string, member, other);
    }
    json_each (member, new_value) {
        if (json_get(old_value, member->string))
            continue;
        add_separator(out, start);
        add_change(out, key, member->string, NULL, member);
    }
}

void container_spec_difference(const char *old_json, const char *new_json, struct strbuf *out)
{
    if (!strcmp(old_json, new_json))
        return;
    struct err err;
    AUTO_JSON *old_spec = NULL;
    AUTO_JSON *new_spec = NULL;
    size_t start = out->len;
    if (!json_parse(old_json, strlen(old_json), &old_spec, &err) &&
        !json_parse(new_json, strlen(new_json), &new_spec, &err) && cJSON_IsObject(old_spec) &&
        cJSON_IsObject(new_spec)) {
        const cJSON *member;
        json_each (member, old_spec)
            compare_key(member->string, member, json_get(new_spec, member->string), out, start);
        json_each (member, new_spec) {
            if (!json_get(old_spec, member->string))
                compare_key(member->string, NULL, member, out, start);
        }
    }
    if (out->len == start)
        strbuf_adds(out, "its description changed");
}
