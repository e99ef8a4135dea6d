/* SPDX-License-Identifier: MIT */
#include "tables/table.h"

#include <stdarg.h>
#include <talloc.h>

struct table *table_new(void *ctx, const struct column *columns, unsigned column_count, bool headed)
{
	struct table *table = talloc_zero(ctx, struct table);

	table->columns = columns;
	table->column_count = column_count;
	table->headed = headed;
	return table;
}

static struct table_row *add_row(struct table *table, enum row_kind kind)
{
	table->rows = talloc_realloc(table, table->rows, struct table_row, table->row_count + 1);
	table->rows[table->row_count] = (struct table_row){.kind = kind};
	return &table->rows[table->row_count++];
}

static void add_cell(struct table *table, char *text)
{
	struct table_row *row = &table->rows[table->row_count - 1];

	row->cells = talloc_realloc(table, row->cells, char *, row->count + 1);
	row->cells[row->count++] = text;
}

void table_row(struct table *table)
{
	add_row(table, ROW_VALUES);
}

/* Begins a row with its only cell. */
static void add_whole(struct table *table, enum row_kind kind, char *text)
{
	add_row(table, kind);
	add_cell(table, text);
}

void table_cell(struct table *table, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_cell(table, talloc_vasprintf(table, format, args));
	va_end(args);
}

void table_mark(struct table *table, const char *mark)
{
	table->rows[table->row_count - 1].mark = mark;
}

void table_group(struct table *table, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_whole(table, ROW_GROUP, talloc_vasprintf(table, format, args));
	va_end(args);
}

void table_note(struct table *table, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_whole(table, ROW_NOTE, talloc_vasprintf(table, format, args));
	va_end(args);
}
