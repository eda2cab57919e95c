// What engines write alike.
#include <string.h>

#include "migrator/sql/dialect_sql.h"

// Appends a text between quotes, the closing one doubled inside.
static void put_quoted(struct strbuf *out, char open, const char *text, size_t length, char close)
{
    strbuf_reserve(out, 2 * length + 2);
    char *at = out->data + out->len;
    *at++ = open;
    for (size_t i = 0; i < length; i++) {
        *at++ = text[i];
        if (text[i] == close)
            *at++ = close;
    }
    *at++ = close;
    *at = '\0';
    out->len = (size_t)(at - out->data);
}

void sql_name(struct sql_writer *writer, const char *name)
{
    put_quoted(writer->out, writer->dialect->quote_open, name, strlen(name),
               writer->dialect->quote_close);
}

void sql_qualified(struct sql_writer *writer, const char *schema, const char *name)
{
    if (schema) {
        sql_name(writer, schema);
        strbuf_addch(writer->out, '.');
    }
    sql_name(writer, name);
}

void sql_table(struct sql_writer *writer, const struct table *table)
{
    sql_qualified(writer, table->schema, table->name);
}

void sql_string(struct sql_writer *writer, const char *text, size_t length)
{
    put_quoted(writer->out, '\'', text, length, '\'');
}

void sql_column_names(struct sql_writer *writer, const struct column *const *columns, size_t count,
                      const char *separator)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            sql_put(writer, separator);
        sql_name(writer, columns[i]->name);
    }
}

void sql_index_parts(struct sql_writer *writer, const struct index *index, const char *separator)
{
    for (size_t i = 0; i < index->part_count; i++) {
        const struct index_part *part = &index->parts[i];
        if (i > 0)
            sql_put(writer, separator);
        sql_name(writer, part->column->name);
        if (part->length > 0)
            strbuf_addf(writer->out, "(%lld)", (long long)part->length);
        if (part->operator_class)
            strbuf_addf(writer->out, " %s", part->operator_class);
        if (part->sort != DM_SORT_ABSENT)
            sql_put(writer, part->sort == DM_SORT_DESC ? " DESC" : " ASC");
    }
}

static const char *action_text(enum dm_action action)
{
    switch (action) {
    case DM_CASCADE: return "CASCADE";
    case DM_RESTRICT: return "RESTRICT";
    case DM_SET_NULL: return "SET NULL";
    case DM_SET_DEFAULT: return "SET DEFAULT";
    case DM_NO_ACTION:
    case DM_ACTION_ABSENT: break;
    }
    return "NO ACTION";
}

void sql_actions(struct sql_writer *writer, const struct foreign_key *key)
{
    sql_put(writer, " ON DELETE ");
    sql_put(writer, action_text(key->on_delete));
    sql_put(writer, " ON UPDATE ");
    sql_put(writer, action_text(key->on_update));
}

void sql_add_foreign_key(struct sql_writer *writer, const struct step *step)
{
    const struct foreign_key *key = step->next_foreign_key;
    sql_put(writer, "ALTER TABLE ");
    sql_table(writer, step->next_table);
    sql_put(writer, " ADD CONSTRAINT ");
    sql_name(writer, key->name);
    sql_put(writer, " FOREIGN KEY (");
    sql_column_names(writer, key->columns, key->column_count, ", ");
    sql_put(writer, ") REFERENCES ");
    sql_table(writer, key->target);
    sql_put(writer, "(");
    sql_column_names(writer, key->target_columns, key->column_count, ", ");
    sql_put(writer, ")");
    sql_actions(writer, key);
    sql_put(writer, ";\n");
}

// Types have numbers in every third column: printf would be a twentieth of the whole work.
static void put_number(struct sql_writer *writer, uint32_t number)
{
    char digits[10];
    size_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    strbuf_add(writer->out, digits + first, sizeof digits - first);
}

void sql_native_type(struct sql_writer *writer, const struct column_type *type)
{
    sql_put(writer, type->native->sql);
    for (size_t i = 0; i < type->argument_count; i++) {
        sql_put(writer, i == 0 ? "(" : writer->steps->to->dialect->type_argument_separator);
        if (type->arguments[i] == TYPE_ARGUMENT_MAX)
            sql_put(writer, "max");
        else
            put_number(writer, (uint32_t)type->arguments[i]);
    }
    if (type->argument_count > 0)
        sql_put(writer, ")");
}

// Three, six or nine digits, as many as are needed; none for a whole second.
static const char *put_fraction(struct sql_writer *writer, const char *at)
{
    char digits[] = "000000000";
    size_t count = 0;
    size_t needed = 0;
    for (; *at >= '0' && *at <= '9'; at++, count++) {
        if (count < 9)
            digits[count] = *at;
        if (count < 9 && *at != '0')
            needed = count + 1;
    }
    if (needed > 0) {
        strbuf_addch(writer->out, '.');
        strbuf_add(writer->out, digits, (needed + 2) / 3 * 3);
    }
    return at;
}

void sql_datetime(struct sql_writer *writer, const struct value *value, bool is_rfc3339)
{
    const char *at = value->text;
    if (value->length < strlen("0000-00-00T00:00:00")) {
        strbuf_add(writer->out, value->text, value->length); // not a date: checked before
        return;
    }
    strbuf_add(writer->out, at, 10);
    strbuf_addch(writer->out, is_rfc3339 ? 'T' : ' ');
    strbuf_add(writer->out, at + 11, 8);
    at += 19;
    if (*at == '.')
        at = put_fraction(writer, at + 1);
    if (!is_rfc3339)
        strbuf_addch(writer->out, ' ');
    sql_put(writer, *at == 'Z' || *at == 'z' || !*at ? "+00:00" : at);
}

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

void sql_hexadecimal(struct sql_writer *writer, const struct value *value)
{
    unsigned bits = 0;
    unsigned bit_count = 0;
    for (size_t i = 0; i < value->length; i++) {
        int digit = base64_digit(value->text[i]);
        if (digit < 0)
            continue;
        bits = (bits << 6 | (unsigned)digit) & 0xFFFF;
        bit_count += 6;
        if (bit_count < 8)
            continue;
        bit_count -= 8;
        strbuf_addf(writer->out, "%02x", bits >> bit_count & 0xFF);
    }
}

void sql_value(struct sql_writer *writer, const struct value *value, const char *bytes_open,
               bool is_rfc3339)
{
    switch (value->kind) {
    case VALUE_NUMBER:
    case VALUE_BOOLEAN: strbuf_add(writer->out, value->text, value->length); break;
    case VALUE_DATETIME:
        sql_put(writer, "'");
        sql_datetime(writer, value, is_rfc3339);
        sql_put(writer, "'");
        break;
    case VALUE_BYTES:
        sql_put(writer, bytes_open);
        sql_hexadecimal(writer, value);
        sql_put(writer, "'");
        break;
    case VALUE_STRING:
    case VALUE_ENUM:
    case VALUE_JSON: sql_string(writer, value->text, value->length); break;
    }
}
