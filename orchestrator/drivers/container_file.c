#include "orchestrator/drivers/container_file.h"

#include <sys/stat.h>

#include "base/file.h"

int container_file_read(const struct container_spec *spec, struct container_file *out,
                        struct err *err)
{
    const struct container_mount *copied = NULL;
    struct stat info = {0};
    *out = (struct container_file)CONTAINER_FILE_INIT;
    for (size_t i = 0; i < spec->mount_count; i++)
        if (spec->mounts[i].is_copied)
            copied = &spec->mounts[i];
    if (!copied)
        return 0;
    if (file_read(copied->source, &out->content, err))
        return -1;
    if (stat(copied->source, &info))
        return err_set_errno(err, "cannot read %s", copied->source);
    out->file = (struct docker_file){.path = copied->target,
                                     .content = out->content.data,
                                     .length = out->content.len,
                                     .mode = info.st_mode & 07777};
    return 0;
}

void container_file_release(struct container_file *file)
{
    strbuf_release(&file->content);
}
