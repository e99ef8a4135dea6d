/* SPDX-License-Identifier: MIT */
#include <talloc.h>

#include "report/page-parts.h"

static void add_cell(
	struct markup *markup, const struct table *table, const struct table_row *row, unsigned i)
{
	bool spans = i + 1 == row->count && row->count < table->column_count;
	char *span = talloc_asprintf(markup, "%u", spans ? table->column_count - i : 1);

	markup_open(markup, i == 0 ? "th" : "td", i == 0 ? "scope" : "class",
		i == 0                               ? "row"
		: !spans && !table->columns[i].words ? "number"
						     : "words",
		NULL);
	if (spans)
		markup_attribute(markup, "colspan", span);
	markup_text(markup, "%s", row->cells[i]);
	if (row->mark && i + 1 == row->count) {
		markup_text(markup, " ");
		markup_element(markup, "strong", row->mark);
	}
	markup_close(markup);
	talloc_free(span);
}

/* A heading of rows, or a sentence about them. */
static void add_whole_row(
	struct markup *markup, const struct table *table, const struct table_row *row)
{
	char *span = talloc_asprintf(markup, "%u", table->column_count);
	bool group = row->kind == ROW_GROUP;

	markup_open(markup, "tr", "class", group ? "group" : "note", NULL);
	markup_open(markup, group ? "th" : "td", "colspan", span, NULL);
	if (group)
		markup_attribute(markup, "scope", "rowgroup");
	markup_text(markup, "%s", row->cells[0]);
	markup_close(markup);
	markup_close(markup);
	talloc_free(span);
}

static void add_row(struct markup *markup, const struct table *table, const struct table_row *row)
{
	if (row->kind != ROW_VALUES) {
		add_whole_row(markup, table, row);
		return;
	}
	markup_open(markup, "tr", NULL);
	if (row->mark)
		markup_attribute(markup, "class", "marked");
	for (unsigned i = 0; i < row->count; i++)
		add_cell(markup, table, row, i);
	markup_close(markup);
	markup_raw(markup, "\n");
}

static void add_heads(struct markup *markup, const struct table *table)
{
	markup_open(markup, "thead", NULL);
	markup_open(markup, "tr", NULL);
	for (unsigned i = 0; i < table->column_count; i++) {
		markup_open(markup, "th", "scope", "col", NULL);
		if (!table->columns[i].words)
			markup_attribute(markup, "class", "number");
		markup_text(markup, "%s", table->columns[i].head);
		markup_close(markup);
	}
	markup_close(markup);
	markup_close(markup);
}

void page_table(struct markup *markup, const struct table *table, const char *caption)
{
	markup_open(markup, "div", "class", "scroll", "tabindex", "0", "role", "region",
		"aria-label", caption, NULL);
	markup_open(markup, "table", NULL);
	markup_element(markup, "caption", caption);
	add_heads(markup, table);
	markup_open(markup, "tbody", NULL);
	for (unsigned i = 0; i < table->row_count; i++) {
		/* The heading of a group is the first row of a body of its own. */
		if (i > 0 && table->rows[i].kind == ROW_GROUP) {
			markup_close(markup);
			markup_open(markup, "tbody", NULL);
		}
		add_row(markup, table, &table->rows[i]);
	}
	markup_close(markup);
	markup_close(markup);
	markup_close(markup);
}
