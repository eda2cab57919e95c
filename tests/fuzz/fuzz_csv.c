// The CSV reader of seeds.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "migrator/seeds/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_record(const struct csv_reader *reader, const struct csv_record *record)
{
    for (size_t i = 0; i < record->fields.len; i++) {
        const struct csv_field *field = &record->fields.items[i];
        const char *value = csv_value(record, i);
        if (field->end < field->start || field->end > reader->source->length ||
            (value && strlen(value) > field->end - field->start))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const struct source source = {"fuzz.csv", (const char *)bytes, length};
    struct csv_reader reader;
    struct csv_field column;
    struct err err;
    if (csv_open(&source, &reader, &err))
        return 0;
    check_record(&reader, &reader.header);
    while (csv_next(&reader, &err) > 0) {
        if (reader.record.fields.len != reader.header.fields.len)
            abort();
        check_record(&reader, &reader.record);
    }
    (void)csv_named_column(&reader, err.message, &column);
    csv_close(&reader);
    return 0;
}
