#pragma once
// Settings from texts, and their diagnostics as one short text.

#include "tests/unit/test.h"

#include "appsettings/build.h"
#include "appsettings/settings.h"

#define ENVIRON(...) ((const char *const[]){__VA_ARGS__, NULL})

struct fixture {
    const char *file, *environment_file, *dotenv; // texts; NULL: absent
    const char *const *environ;                   // ENVIRON(…); NULL: none
    struct settings *settings;
    struct diag_list diags;
    struct strbuf shown;
};

static inline void fixture_add(struct fixture *fixture, struct layers *layers, enum layer layer,
                               const char *path, const char *text)
{
    struct arena *arena = fixture->settings->arena;
    if (text)
        layers->sources[layer] = (struct source){path, arena_strdup(arena, text), strlen(text)};
}

// "12:5: error: message (hint)", a line each; places in other files than appsettings.json begin
// with its name, those without a place with "-".
static inline void fixture_show(struct diag_list *diags, struct strbuf *out)
{
    vec_each (diag, &diags->items) {
        const struct source *source = diag->span.source;
        if (source && strcmp(source->path, "appsettings.json") != 0)
            strbuf_addf(out, "%s:", source->path);
        if (source) {
            struct position position = source_position(source, diag->span.start);
            strbuf_addf(out, "%zu:%zu: ", position.line, position.column);
        } else {
            strbuf_adds(out, "-: ");
        }
        strbuf_addf(out, "%s: %s", diag->severity == DIAG_ERROR ? "error" : "warning",
                    diag->message);
        if (diag->hint)
            strbuf_addf(out, " (%s)", diag->hint);
        strbuf_addch(out, '\n');
    }
}

// Fills settings, diags and shown.
static inline void fixture_load(struct fixture *fixture)
{
    fixture->settings =
        settings_new("/srv/shop", fixture->file ? "/srv/shop/appsettings.json" : NULL, "Test");
    struct layers *layers = ARENA_NEW(fixture->settings->arena, struct layers);
    fixture_add(fixture, layers, LAYER_FILE, "appsettings.json", fixture->file);
    fixture_add(fixture, layers, LAYER_ENVIRONMENT_FILE, "appsettings.Test.json",
                fixture->environment_file);
    fixture_add(fixture, layers, LAYER_DOTENV, ".env", fixture->dotenv);
    fixture->shown = (struct strbuf)STRBUF_INIT;
    settings_build(fixture->settings, layers, (char *const *)fixture->environ, &fixture->diags);
    fixture_show(&fixture->diags, &fixture->shown);
}

static inline void fixture_release(struct fixture *fixture)
{
    strbuf_release(&fixture->shown);
    diag_list_release(&fixture->diags);
    settings_free(fixture->settings);
    fixture->settings = NULL;
}

// What is said of a NetScript object with these members, from line 2 on.
static inline void expect_said(const char *members, const char *expected)
{
    AUTO_STRBUF text = STRBUF_INIT;
    strbuf_addf(&text, "{\"NetScript\": {\"Name\": \"shop\",\n%s}}", members);
    struct fixture fixture = {.file = text.data};
    fixture_load(&fixture);
    assert_string_equal(fixture.shown.data, expected);
    fixture_release(&fixture);
}
