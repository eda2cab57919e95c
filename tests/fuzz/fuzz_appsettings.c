// The whole reader of settings. The input holds the layers, each behind a byte 0x01:
// appsettings.json, appsettings.<Environment>.json, .env, then variables NAME=value, a line each.
#include <stdint.h>
#include <string.h>

#include "appsettings/build.h"
#include "appsettings/jsonc.h"
#include "appsettings/settings.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/vec.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

// The text up to the next mark or the end; moves the cursor behind it.
static struct source next_part(const char **cursor, const char *end)
{
    const char *start = *cursor;
    const char *mark = memchr(start, 1, (size_t)(end - start));
    *cursor = mark ? mark + 1 : end;
    return (struct source){NULL, start, (size_t)((mark ? mark : end) - start)};
}

// The input's own bytes, so that a read past their end is seen.
static void parse_only(const struct source *source)
{
    struct arena *arena = arena_new();
    struct diag_list diags = {0};
    bool is_whole;
    (void)jsonc_parse(source, arena, &diags, &is_whole);
    diag_list_release(&diags);
    arena_free(arena);
}

// What callers rely on where no error was reported.
static void check_filled(const struct settings *settings)
{
    bool is_filled = settings->name != NULL;
    for (size_t i = 0; i < settings->database_count; i++) {
        const struct database_settings *database = &settings->databases[i];
        is_filled &= database->engine && database->mode && database->database_name &&
                     database->auto_seed && database->seed_mode;
    }
    for (size_t i = 0; i < settings->cache_count; i++)
        is_filled &= settings->caches[i].engine && settings->caches[i].mode;
    for (size_t i = 0; i < settings->process_count; i++) {
        const struct process_settings *process = &settings->processes[i];
        is_filled &= process->workdir && process->restart &&
                     (process->runtime || process->task_name || process->command.count > 0 ||
                      !process->enabled);
    }
    if (!is_filled)
        abort();
}

static void describe(const struct settings *settings)
{
    AUTO_STRBUF lines = STRBUF_INIT, document = STRBUF_INIT;
    AUTO_JSON *json = NULL;
    struct err err;
    settings_describe(settings, false, &lines);
    settings_describe(settings, true, &document);
    if (json_parse(document.data, document.len, &json, &err))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char *const names[LAYER_COUNT] = {"appsettings.json", "appsettings.Test.json",
                                                   ".env"};
    const char *cursor = (const char *)bytes, *end = cursor + length;
    struct settings *settings = settings_new("/srv/shop", "/srv/shop/appsettings.json", "Test");
    struct layers *layers = ARENA_NEW(settings->arena, struct layers);
    for (int i = 0; i < LAYER_COUNT && (i == 0 || cursor < end); i++) {
        struct source part = next_part(&cursor, end);
        part.path = names[i];
        if (i < LAYER_DOTENV)
            parse_only(&part);
        part.text = arena_strndup(settings->arena, part.text, part.length);
        layers->sources[i] = part;
    }

    AUTOFREE char *lines = mem_strndup(cursor, (size_t)(end - cursor));
    VEC_OF(char *) environ = {0};
    for (char *line = lines, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        vec_push(&environ, line);
    }
    vec_push(&environ, NULL);

    struct diag_list diags = {0};
    AUTO_STRBUF out = STRBUF_INIT;
    settings_build(settings, layers, environ.items, &diags);
    vec_each (diag, &diags.items)
        diag_render(diag, false, &out);
    if (diags.error_count == 0)
        check_filled(settings);
    describe(settings);
    vec_release(&environ);
    diag_list_release(&diags);
    settings_free(settings);
    return 0;
}
