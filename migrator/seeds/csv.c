#include "migrator/seeds/csv.h"

#include <string.h>

static int fail_at(const struct csv_reader *reader, size_t offset, const char *what,
                   struct err *err)
{
    const struct position position = source_position(reader->source, offset);
    return err_set(err, ERR_FAILED, "%s:%zu:%zu: %s", reader->source->path, position.line,
                   position.column, what);
}

const char *csv_value(const struct csv_record *record, size_t index)
{
    const struct csv_field *field = &record->fields.items[index];
    return field->is_null ? NULL : record->values.data + field->text;
}

static char peek(const struct csv_reader *reader)
{
    return reader->position < reader->source->length ? reader->source->text[reader->position]
                                                     : '\0';
}

static bool at_end(const struct csv_reader *reader)
{
    return reader->position >= reader->source->length;
}

static bool at_line_end(const struct csv_reader *reader)
{
    const char c = peek(reader);
    return at_end(reader) || c == '\n' || c == '\r';
}

// quoted = '"' { any | '""' } '"'
static int read_quoted(struct csv_reader *reader, struct strbuf *values, struct err *err)
{
    const size_t start = reader->position++;
    for (;;) {
        if (at_end(reader))
            return fail_at(reader, start, "the quote is never closed", err);
        const char c = reader->source->text[reader->position++];
        if (c == '"') {
            if (peek(reader) != '"')
                break;
            reader->position++;
        }
        strbuf_addch(values, c);
    }
    if (!at_line_end(reader) && peek(reader) != ',')
        return fail_at(reader, reader->position, "text after a closing quote", err);
    return 0;
}

// field = quoted | { any but '"', ',' and line ends }
static int read_field(struct csv_reader *reader, struct csv_record *record, struct err *err)
{
    struct csv_field field = {.start = reader->position, .text = record->values.len};
    if (peek(reader) == '"') {
        if (read_quoted(reader, &record->values, err))
            return -1;
    } else {
        while (!at_line_end(reader) && peek(reader) != ',') {
            if (peek(reader) == '"')
                return fail_at(reader, reader->position, "a quote within a field without quotes",
                               err);
            strbuf_addch(&record->values, reader->source->text[reader->position++]);
        }
        field.is_null = reader->position == field.start;
    }
    field.end = reader->position;
    strbuf_addch(&record->values, '\0');
    vec_push(&record->fields, field);
    return 0;
}

static void skip_line_end(struct csv_reader *reader)
{
    if (peek(reader) == '\r')
        reader->position++;
    if (peek(reader) == '\n')
        reader->position++;
}

// record = field { ',' field } line-end
static int read_record(struct csv_reader *reader, struct csv_record *record, struct err *err)
{
    record->fields.len = 0;
    strbuf_clear(&record->values);
    record->start = reader->position;
    for (;;) {
        if (read_field(reader, record, err))
            return -1;
        if (at_line_end(reader))
            break;
        reader->position++; // the comma
    }
    skip_line_end(reader);
    return 0;
}

static void release_record(struct csv_record *record)
{
    vec_release(&record->fields);
    strbuf_release(&record->values);
}

void csv_close(struct csv_reader *reader)
{
    release_record(&reader->header);
    release_record(&reader->record);
}

static int check_header(const struct csv_reader *reader, struct err *err)
{
    const struct csv_record *header = &reader->header;
    for (size_t i = 0; i < header->fields.len; i++) {
        const char *name = csv_value(header, i);
        if (!name || !*name)
            return fail_at(reader, header->fields.items[i].start, "a column without a name", err);
        for (size_t k = 0; k < i; k++)
            if (strcmp(csv_value(header, k), name) == 0)
                return fail_at(reader, header->fields.items[i].start, "a column named twice", err);
    }
    return 0;
}

int csv_open(const struct source *source, struct csv_reader *out, struct err *err)
{
    struct csv_reader reader = {
        .source = source, .header.values = STRBUF_INIT, .record.values = STRBUF_INIT};
    if (source->length >= 3 && memcmp(source->text, "\xEF\xBB\xBF", 3) == 0)
        reader.position = 3;
    int result = 0;
    if (at_end(&reader))
        result = fail_at(&reader, 0, "no header line", err);
    else if (read_record(&reader, &reader.header, err) || check_header(&reader, err))
        result = -1;
    if (result)
        csv_close(&reader);
    else
        *out = reader;
    return result;
}

int csv_next(struct csv_reader *reader, struct err *err)
{
    const size_t columns = reader->header.fields.len;
    // An empty line is nobody's record, but where one column makes it a NULL.
    while (columns > 1 && !at_end(reader) && at_line_end(reader))
        skip_line_end(reader);
    if (at_end(reader))
        return 0;
    if (read_record(reader, &reader->record, err))
        return -1;
    const size_t fields = reader->record.fields.len;
    if (fields == columns)
        return 1;
    AUTOFREE char *what =
        mem_printf("%zu field%s, the header has %zu", fields, fields == 1 ? "" : "s", columns);
    return fail_at(reader, reader->record.start, what, err);
}

bool csv_named_column(const struct csv_reader *reader, const char *message, struct csv_field *out)
{
    for (size_t i = 0; i < reader->header.fields.len; i++) {
        const char *name = csv_value(&reader->header, i);
        AUTOFREE char *quoted = mem_printf("\"%s\"", name);
        AUTOFREE char *named = mem_printf(" named %s", name);
        const char *last = strstr(message, named);
        if (!strstr(message, quoted) && !(last && last[strlen(named)] == '\0'))
            continue;
        *out = reader->header.fields.items[i];
        return true;
    }
    return false;
}
