// Runs a fuzz target over files and directories of files: how ctest replays corpus and regressions
// where the compiler has no fuzzing engine.
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static int replay_file(const char *path)
{
    AUTO_STRBUF text = STRBUF_INIT;
    struct err err;
    if (file_read(path, &text, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return -1;
    }
    // An exact copy, so that AddressSanitizer sees the first byte read past the end.
    uint8_t *copy = mem_alloc(text.len);
    memcpy(copy, text.data, text.len);
    LLVMFuzzerTestOneInput(copy, text.len);
    free(copy);
    return 1;
}

static int replay(const char *path)
{
    if (!file_is_directory(path))
        return file_exists(path) ? replay_file(path) : 0;
    DIR *directory = opendir(path);
    int count = 0;
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (entry->d_name[0] == '.')
            continue;
        AUTOFREE char *child = path_join(path, entry->d_name);
        int got = replay(child);
        if (got < 0)
            exit(1);
        count += got;
    }
    if (directory)
        closedir(directory);
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;
    for (int i = 1; i < argc; i++)
        count += replay(argv[i]);
    printf("%d inputs replayed\n", count);
    return count > 0 ? 0 : 1;
}
