#include "migrator/schema/format_table.h"

void format_table_release(struct format_table *table)
{
    strbuf_release(&table->text);
    vec_release(&table->rows);
}

void format_table_begin_row(struct format_table *table)
{
    vec_push(&table->rows, (struct format_row){0});
}

static struct format_row *last_row(struct format_table *table)
{
    return &table->rows.items[table->rows.len - 1];
}

size_t format_table_mark(const struct format_table *table)
{
    return table->text.len;
}

void format_table_set_cell(struct format_table *table, size_t column, size_t mark)
{
    last_row(table)->cells[column] = mark;
    last_row(table)->lengths[column] = table->text.len - mark;
}

void format_table_add_suffix(struct format_table *table, const char *text, size_t length)
{
    last_row(table)->suffix = table->text.len;
    last_row(table)->suffix_length = length;
    strbuf_add(&table->text, text, length);
}

void format_table_add_raw(struct format_table *table, const char *text, size_t length)
{
    size_t mark = table->text.len;
    format_table_begin_row(table);
    strbuf_add(&table->text, text, length);
    format_table_set_cell(table, 0, mark);
    last_row(table)->is_raw = true;
}

static void add_spaces(struct strbuf *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        strbuf_addch(out, ' ');
}

static void render_row(const struct format_table *table, const struct format_row *row,
                       const size_t *widths, size_t indent, struct strbuf *out)
{
    size_t cells = FORMAT_COLUMNS;
    while (cells > 0 && row->lengths[cells - 1] == 0)
        cells--;
    if (cells > 0 || row->suffix_length > 0)
        add_spaces(out, indent);
    for (size_t i = 0; i < cells; i++) {
        strbuf_add(out, table->text.data + row->cells[i], row->lengths[i]);
        if (i + 1 < cells)
            add_spaces(out, widths[i] - row->lengths[i] + 1);
    }
    if (row->suffix_length > 0) {
        if (cells > 0)
            strbuf_addch(out, ' ');
        strbuf_add(out, table->text.data + row->suffix, row->suffix_length);
    }
    strbuf_addch(out, '\n');
}

void format_table_render(struct format_table *table, size_t indent, struct strbuf *out)
{
    size_t widths[FORMAT_COLUMNS] = {0};
    vec_each (row, &table->rows)
        for (size_t i = 0; i < FORMAT_COLUMNS && !row->is_raw; i++)
            if (row->lengths[i] > widths[i])
                widths[i] = row->lengths[i];
    vec_each (row, &table->rows)
        render_row(table, row, widths, indent, out);
    table->rows.len = 0;
    strbuf_clear(&table->text);
}
