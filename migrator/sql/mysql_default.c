// Defaults of columns. MySQL and MariaDB do not take the same ones: where it is known which of the
// two they are for, they are what that one takes, else what the format's own tool writes.
#include "migrator/sql/mysql.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "migrator/model/types_mysql.h"

static bool is_for(const struct sql_writer *writer, enum mysql_server server)
{
    return writer->steps->from->mysql_server == server || writer->steps->to->mysql_server == server;
}

// now() has the precision of the column. MySQL takes it for no other type, but as an expression.
static void put_now(struct sql_writer *writer, const struct column_type *type)
{
    const bool has_precision = type->argument_count > 0;
    const bool is_strict = is_for(writer, MYSQL_ITSELF);
    const unsigned code = type->native->code;
    const bool is_moment = code == MY_DATETIME || code == MY_TIMESTAMP;
    const int precision = has_precision ? (int)type->arguments[0] : is_strict && is_moment ? 0 : 3;
    strbuf_addf(writer->out,
                is_strict && !is_moment ? "(CURRENT_TIMESTAMP(%d))" : "CURRENT_TIMESTAMP(%d)",
                precision);
}

// Seconds east of Greenwich of "+02:00"; 0 of anything else.
static long offset_of(const char *text)
{
    if (*text != '+' && *text != '-')
        return 0;
    char *end = NULL;
    const long hours = strtol(text + 1, &end, 10);
    const long minutes = *end == ':' ? strtol(end + 1, NULL, 10) : 0;
    return (*text == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

// 2031-12-24 18:30:15.123, in UTC: MariaDB knows no offsets.
static void put_utc(struct sql_writer *writer, const struct value *value)
{
    struct tm tm = {0};
    const char *fraction = strptime(value->text, "%Y-%m-%dT%H:%M:%S", &tm);
    char text[sizeof "-2147481748-12-31 23:59:59"] = "";
    if (!fraction) {
        sql_string(writer, value->text, value->length); // not a date: checked before
        return;
    }
    const size_t length = strspn(fraction, ".0123456789");
    const time_t moment = timegm(&tm) - offset_of(fraction + length);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", gmtime_r(&moment, &tm));
    strbuf_addf(writer->out, "'%s%.*s'", text, (int)length, fraction);
}

static bool is_code(const struct column_type *type, enum mysql_type first, enum mysql_type last)
{
    return type->family == COLUMN_SCALAR && type->native->code >= first &&
           type->native->code <= last;
}

// A text or bytes of any length have no default but an expression, which a literal in parentheses
// is.
static void put_value(struct sql_writer *writer, const struct column *column)
{
    const struct value *value = &column->value.values[0];
    const bool is_long = is_code(&column->type, MY_TINYTEXT, MY_LONGTEXT) ||
                         is_code(&column->type, MY_TINYBLOB, MY_LONGBLOB);
    sql_put(writer, is_long ? "(" : "");
    if (value->kind == VALUE_DATETIME && is_for(writer, MYSQL_MARIADB))
        put_utc(writer, value);
    else
        sql_value(writer, value, "X'", true);
    sql_put(writer, is_long ? ")" : "");
}

void mysql_default(struct sql_writer *writer, const struct column *column)
{
    const struct column_default *value = &column->value;
    const bool is_json = is_code(&column->type, MY_JSON, MY_JSON);
    if (value->kind == DEFAULT_NONE || value->kind == DEFAULT_SEQUENCE ||
        value->kind == DEFAULT_LIST || (is_json && value->kind == DEFAULT_VALUE))
        return;
    sql_put(writer, " DEFAULT ");
    if (value->kind == DEFAULT_NOW)
        put_now(writer, &column->type);
    else if (value->kind == DEFAULT_EXPRESSION)
        sql_put(writer, value->expression);
    else
        put_value(writer, column);
}
