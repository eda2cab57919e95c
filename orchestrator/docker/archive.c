// A file put into a container as a tar archive of one entry (POSIX.1-2001, pax, "ustar Interchange
// Format").
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "orchestrator/docker/call.h"

enum { BLOCK = 512, MODE_AT = 100, UID_AT = 108, GID_AT = 116, SIZE_AT = 124, MTIME_AT = 136 };
enum { CHECKSUM_AT = 148, TYPE_AT = 156, MAGIC_AT = 257, NAME_SIZE = 100 };

static void put_octal(char *field, int digits, unsigned long value)
{
    char text[24];
    snprintf(text, sizeof text, "%0*lo", digits, value);
    memcpy(field, text, (size_t)digits + 1);
}

static void add_header(const struct docker_file *file, struct strbuf *out)
{
    char header[BLOCK] = "";
    unsigned sum = 0;
    snprintf(header, NAME_SIZE, "%s", file->path + 1); // relative to where it is unpacked: the root
    put_octal(header + MODE_AT, 7, file->mode);
    put_octal(header + UID_AT, 7, 0);
    put_octal(header + GID_AT, 7, 0);
    put_octal(header + SIZE_AT, 11, file->length);
    put_octal(header + MTIME_AT, 11, 0);
    header[TYPE_AT] = '0';
    memcpy(header + MAGIC_AT, "ustar\00000", 8);
    memset(header + CHECKSUM_AT, ' ', 8); // counted as blanks
    for (size_t i = 0; i < sizeof header; i++)
        sum += (unsigned char)header[i];
    put_octal(header + CHECKSUM_AT, 6, sum);
    strbuf_add(out, header, sizeof header);
}

static void on_put(struct docker_call *call, const struct docker_result *result)
{
    if (result->err) {
        call_finish(call, result);
        return;
    }
    AUTOFREE char *path = call_path("/containers/%s/start", call_state(call));
    call_send(call, &(struct call_request){.method = "POST", .path = path});
}

struct docker_call *docker_container_start_with_file(struct docker *docker, const char *id,
                                                     const struct docker_file *file, docker_fn *fn,
                                                     void *context)
{
    static const char nothing[2 * BLOCK];
    if (!file->path)
        return docker_container_start(docker, id, fn, context);
    AUTO_STRBUF archive = STRBUF_INIT;
    AUTOFREE char *path = call_path("/containers/%s/archive?path=/", id);
    add_header(file, &archive);
    strbuf_add(&archive, file->content, file->length);
    strbuf_add(&archive, nothing, (BLOCK - file->length % BLOCK) % BLOCK);
    strbuf_add(&archive, nothing, sizeof nothing); // two empty blocks are its end
    struct docker_call *call = call_new(docker, fn, context);
    call_set_state(call, mem_strdup(id), free);
    call_send(call, &(struct call_request){.method = "PUT",
                                           .path = path,
                                           .bytes = archive.data,
                                           .byte_count = archive.len,
                                           .content_type = "application/x-tar",
                                           .then = on_put,
                                           .is_text = true});
    return call;
}
