/* SPDX-License-Identifier: MIT */
#include <talloc.h>

#include "tables/table.h"

static char *add_value(char *line, const struct column *column, const char *value)
{
	return talloc_asprintf_append_buffer(line, "%s%*s%s", column->before, column->width, value,
		column->after ? column->after : "");
}

static char *add_row(char *text, const struct table *table, const struct table_row *row)
{
	for (unsigned i = 0; i < row->count; i++)
		if (i + 1 == row->count && row->count < table->column_count)
			text = talloc_asprintf_append_buffer(text, "%s%s",
				i == 0 ? table->columns[0].before : " ", row->cells[i]);
		else
			text = add_value(text, &table->columns[i], row->cells[i]);
	return talloc_asprintf_append_buffer(
		text, "%s%s\n", row->mark ? "  " : "", row->mark ? row->mark : "");
}

static char *add_heads(char *text, const struct table *table)
{
	for (unsigned i = 0; i < table->column_count; i++)
		text = add_value(text, &table->columns[i], table->columns[i].head);
	return talloc_strdup_append_buffer(text, "\n");
}

char *table_text(void *ctx, const struct table *table)
{
	char *text = talloc_strdup(ctx, "");

	if (table->headed)
		text = add_heads(text, table);
	for (unsigned i = 0; i < table->row_count; i++) {
		const struct table_row *row = &table->rows[i];
		if (row->kind == ROW_VALUES)
			text = add_row(text, table, row);
		else
			text = talloc_asprintf_append_buffer(text, "%s%s\n",
				row->kind == ROW_GROUP ? "  " : "    ", row->cells[0]);
	}
	return text;
}
