/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <talloc.h>

#include "output/table.h"

/* What LaTeX would take for something else than the character, and how to write that. */
static const struct escape {
	const char *character, *written;
} escapes[] = {
	{"\\", "\\textbackslash{}"},
	{"{", "\\{"},
	{"}", "\\}"},
	{"$", "\\$"},
	{"&", "\\&"},
	{"#", "\\#"},
	{"%", "\\%"},
	{"_", "\\_"},
	{"^", "\\textasciicircum{}"},
	{"~", "\\textasciitilde{}"},
	{"<", "\\textless{}"},
	{">", "\\textgreater{}"},
	{"µ", "\\textmu{}"},
};
#define ESCAPE_COUNT (sizeof(escapes) / sizeof(*escapes))

static const struct escape *find_escape(const char *at)
{
	for (size_t i = 0; i < ESCAPE_COUNT; i++)
		if (strncmp(at, escapes[i].character, strlen(escapes[i].character)) == 0)
			return &escapes[i];
	return NULL;
}

/* A sign before a number is a minus, not a hyphen. */
static bool is_minus(const char *text, const char *at)
{
	return *at == '-' && at[1] >= '0' && at[1] <= '9' &&
	       (at == text || at[-1] == '[' || at[-1] == ' ');
}

static char *add_escaped(char *latex, const char *text)
{
	for (const char *at = text; *at;) {
		const struct escape *escape = find_escape(at);
		if (strncmp(at, ">=", 2) == 0)
			latex = talloc_strdup_append_buffer(latex, "$\\ge$");
		else if (is_minus(text, at))
			latex = talloc_strdup_append_buffer(latex, "$-$");
		else if (escape)
			latex = talloc_strdup_append_buffer(latex, escape->written);
		else
			latex = talloc_strndup_append_buffer(latex, at, 1);
		at += strncmp(at, ">=", 2) == 0 ? 2 : escape ? strlen(escape->character) : 1;
	}
	return latex;
}

/* A bracket at the beginning of a row would be an argument of the \\ before it. */
static char *add_cell(char *latex, const char *text)
{
	return add_escaped(*text == '[' ? talloc_strdup_append_buffer(latex, "{}") : latex, text);
}

static char *add_spanning(char *latex, unsigned columns, const char *style, const char *text)
{
	latex = talloc_asprintf_append_buffer(latex, "\\multicolumn{%u}{l}{%s", columns, style);
	return talloc_strdup_append_buffer(add_cell(latex, text), "}");
}

static char *add_row(char *latex, const struct table *table, const struct table_row *row)
{
	if (row->kind == ROW_GROUP)
		latex = talloc_strdup_append_buffer(latex, "\\addlinespace\n");
	for (unsigned i = 0; i < row->count; i++) {
		unsigned left = table->column_count - i;
		if (i > 0)
			latex = talloc_strdup_append_buffer(latex, " & ");
		if (i + 1 == row->count && left > 1)
			latex = add_spanning(latex, left,
				row->kind == ROW_GROUP ? "\\itshape " : "", row->cells[i]);
		else
			latex = add_cell(latex, row->cells[i]);
	}
	if (row->mark)
		latex = add_escaped(talloc_strdup_append_buffer(latex, "~"), row->mark);
	return talloc_strdup_append_buffer(latex, " \\\\\n");
}

static char *add_heads(char *latex, const struct table *table)
{
	latex = talloc_strdup_append_buffer(latex, "\\begin{tabular}{");
	for (unsigned i = 0; i < table->column_count; i++)
		latex = talloc_strdup_append_buffer(latex, table->columns[i].words ? "l" : "r");
	latex = talloc_strdup_append_buffer(latex, "}\n\\toprule\n");
	for (unsigned i = 0; i < table->column_count; i++) {
		if (i > 0)
			latex = talloc_strdup_append_buffer(latex, " & ");
		latex = add_escaped(latex, table->columns[i].head);
	}
	return talloc_strdup_append_buffer(latex, " \\\\\n\\midrule\n");
}

char *table_latex(void *ctx, const struct table *table, const char *caption, const char *label)
{
	char *latex = talloc_strdup(ctx, "\\begin{table*}\n\\centering\n\\caption{");

	latex = add_escaped(latex, caption);
	latex = talloc_asprintf_append_buffer(latex, "}\n\\label{tab:%s}\n", label);
	latex = add_heads(latex, table);
	for (unsigned i = 0; i < table->row_count; i++)
		latex = add_row(latex, table, &table->rows[i]);
	return talloc_strdup_append_buffer(latex, "\\bottomrule\n\\end{tabular}\n\\end{table*}\n");
}
