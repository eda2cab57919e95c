#include "migrator/text_file.h"

#include <string.h>

#include "base/file.h"
#include "base/mem.h"

// The length of the UTF-8 sequence at `text`, 0 when it is none (RFC 3629) or a NUL.
static size_t utf8_sequence(const unsigned char *text, size_t length)
{
    static const struct {
        unsigned char first, last, second_first, second_last;
        size_t length;
    } forms[] = {
        {0x01, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (text[0] < forms[i].first || text[0] > forms[i].last)
            continue;
        if (forms[i].length > length)
            return 0;
        for (size_t k = 1; k < forms[i].length; k++) {
            const unsigned char low = k == 1 ? forms[i].second_first : 0x80;
            const unsigned char high = k == 1 ? forms[i].second_last : 0xBF;
            if (text[k] < low || text[k] > high)
                return 0;
        }
        return forms[i].length;
    }
    return 0;
}

// The offset of the first byte that is no UTF-8, or the length.
static size_t utf8_valid_length(const char *text, size_t length)
{
    size_t offset = 0;
    while (offset < length) {
        const size_t step = utf8_sequence((const unsigned char *)text + offset, length - offset);
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
