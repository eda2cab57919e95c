#include "orchestrator/compose/yaml_writer.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "base/mem.h"
#include "base/vec.h"

struct member {
    const char *key;
    bool is_map; // else a list
};

struct yaml_writer {
    yaml_emitter_t emitter;
    struct strbuf *out;
    char *failure;               // NULL: none yet
    VEC_OF(struct member) begun; // the innermost, with nothing in them so far
};

static int write_bytes(void *context, unsigned char *bytes, size_t length)
{
    const struct yaml_writer *writer = context;
    strbuf_add(writer->out, bytes, length);
    return 1;
}

static void fail(struct yaml_writer *writer, const char *text)
{
    if (!writer->failure)
        writer->failure = mem_strdup(text);
}

// The emitter takes the event over, whether it succeeds or not. `made`: what the event's
// initialisation returned.
static void emit(struct yaml_writer *writer, int made, yaml_event_t *event)
{
    if (!made)
        fail(writer, "a text is not UTF-8");
    else if (writer->failure)
        yaml_event_delete(event);
    else if (!yaml_emitter_emit(&writer->emitter, event))
        fail(writer, writer->emitter.problem ? writer->emitter.problem : "the emitter failed");
}

struct yaml_writer *yaml_writer_open(struct strbuf *out)
{
    struct yaml_writer *writer = mem_alloc(sizeof *writer);
    writer->out = out;
    if (!yaml_emitter_initialize(&writer->emitter)) {
        fail(writer, "out of memory");
        return writer;
    }
    yaml_emitter_set_output(&writer->emitter, write_bytes, writer);
    yaml_emitter_set_unicode(&writer->emitter, 1);
    yaml_emitter_set_width(&writer->emitter, -1);
    yaml_event_t event;
    emit(writer, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING), &event);
    emit(writer, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1), &event);
    return writer;
}

int yaml_writer_close(struct yaml_writer *writer, struct err *err)
{
    yaml_event_t event;
    emit(writer, yaml_document_end_event_initialize(&event, 1), &event);
    emit(writer, yaml_stream_end_event_initialize(&event), &event);
    yaml_emitter_delete(&writer->emitter);
    vec_release(&writer->begun);
    AUTOFREE char *failure = TAKE(writer->failure);
    free(writer);
    return failure ? err_set(err, ERR_FAILED, "cannot write YAML: %s", failure) : 0;
}

static void emit_begin(struct yaml_writer *writer, bool is_map)
{
    yaml_event_t event;
    emit(writer,
         is_map
             ? yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE)
             : yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
                                                    YAML_BLOCK_SEQUENCE_STYLE),
         &event);
}

static void emit_end(struct yaml_writer *writer, bool is_map)
{
    yaml_event_t event;
    emit(writer,
         is_map ? yaml_mapping_end_event_initialize(&event)
                : yaml_sequence_end_event_initialize(&event),
         &event);
}

static void emit_scalar(struct yaml_writer *writer, const char *text, bool is_plain)
{
    yaml_event_t event;
    emit(writer,
         yaml_scalar_event_initialize(
             &event, NULL, NULL, (const yaml_char_t *)text, (int)strlen(text), is_plain, 1,
             is_plain ? YAML_PLAIN_SCALAR_STYLE : YAML_DOUBLE_QUOTED_SCALAR_STYLE),
         &event);
}

// Bare where no reader takes it for anything but a string: a word or a path. Numbers, times and
// YAML 1.1's sexagesimal "22:22" begin with a digit or a sign, what is special with a mark.
static bool may_be_plain(const char *text)
{
    static const char *const words[] = {"true", "false", "yes", "no", "on",
                                        "off",  "null",  "y",   "n"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i]) == 0)
            return false;
    const bool begins_well = isalpha((unsigned char)text[0]) || text[0] == '/' || text[0] == '$' ||
                             strncmp(text, "./", 2) == 0 || strncmp(text, "../", 3) == 0;
    for (const char *c = text; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("/$._-+=:?{}@", *c))
            return false;
    return begins_well;
}

static void emit_text(struct yaml_writer *writer, const char *text)
{
    emit_scalar(writer, text, may_be_plain(text));
}

// What was begun is to have something in it after all.
static void write_begun(struct yaml_writer *writer)
{
    vec_each (member, &writer->begun) {
        emit_text(writer, member->key);
        emit_begin(writer, member->is_map);
    }
    writer->begun.len = 0;
}

static void begin(struct yaml_writer *writer, bool is_map)
{
    write_begun(writer);
    emit_begin(writer, is_map);
}

static void end(struct yaml_writer *writer, bool is_map)
{
    if (writer->begun.len)
        writer->begun.len--;
    else
        emit_end(writer, is_map);
}

void yaml_writer_begin_map(struct yaml_writer *writer)
{
    begin(writer, true);
}

void yaml_writer_end_map(struct yaml_writer *writer)
{
    end(writer, true);
}

void yaml_writer_begin_list(struct yaml_writer *writer)
{
    begin(writer, false);
}

void yaml_writer_end_list(struct yaml_writer *writer)
{
    end(writer, false);
}

void yaml_writer_text(struct yaml_writer *writer, const char *text)
{
    write_begun(writer);
    emit_text(writer, text);
}

void yaml_writer_bare(struct yaml_writer *writer, const char *text)
{
    write_begun(writer);
    emit_scalar(writer, text, true);
}

void yaml_writer_pair(struct yaml_writer *writer, const char *key, const char *text)
{
    yaml_writer_text(writer, key);
    yaml_writer_text(writer, text);
}

void yaml_writer_map_of(struct yaml_writer *writer, const char *key)
{
    vec_push(&writer->begun, (struct member){key, true});
}

void yaml_writer_list_of(struct yaml_writer *writer, const char *key)
{
    vec_push(&writer->begun, (struct member){key, false});
}
