#include "migrator/text_file.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"

// The offset of the first byte that is no UTF-8, or a NUL; else the length.
static size_t utf8_valid_length(const char *text, size_t length)
{
    size_t offset = 0;
    while (offset < length && text[offset]) {
        const size_t step = utf8_sequence(text + offset, length - offset);
        if (step == 0)
            break;
        offset += step;
    }
    return offset;
}

static int check_encoding(const struct source *source, struct err *err)
{
    const size_t valid = utf8_valid_length(source->text, source->length);
    if (valid == source->length)
        return 0;
    const struct position position = source_position(source, valid);
    err_set(err, ERR_FAILED, "%s:%zu:%zu: not valid UTF-8", source->path, position.line,
            position.column);
    const bool is_utf16 = source->length >= 2 && (memcmp(source->text, "\xFF\xFE", 2) == 0 ||
                                                  memcmp(source->text, "\xFE\xFF", 2) == 0);
    return err_hint(err, is_utf16 ? "the file is UTF-16, as a redirect of PowerShell writes it: "
                                    "save it as UTF-8"
                                  : "save the file as UTF-8");
}

int text_file_read(const char *path, const char *shown_path, struct source *out, struct err *err)
{
    AUTO_STRBUF text = STRBUF_INIT;
    if (file_read(path, &text, err))
        return -1;
    const struct source source = {shown_path, text.data, text.len};
    if (check_encoding(&source, err))
        return -1;
    const size_t length = text.len;
    *out = (struct source){mem_strdup(shown_path), strbuf_detach(&text), length};
    return 0;
}

void text_file_release(struct source *source)
{
    free((char *)source->path);
    free((char *)source->text);
    *source = (struct source){0};
}
