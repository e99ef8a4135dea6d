/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <talloc.h>

#include "tables/table.h"

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
/* A table that does not fit on a page is none: a longer one goes on in another, at a heading of its
 * rows where it has any. */
#define PAGE_ROWS 40

#define ESCAPE_COUNT (sizeof(escapes) / sizeof(*escapes))

static const struct escape *find_escape(const char *at)
{
	for (size_t i = 0; i < ESCAPE_COUNT; i++)
		if (strncmp(at, escapes[i].character, strlen(escapes[i].character)) == 0)
			return &escapes[i];
	return NULL;
}

static bool begins_word(const char *text, const char *at)
{
	return at == text || strchr(" \n([", at[-1]);
}

/* What stands for the character at `at`; NULL when it stands for itself. */
static const char *written_for(const char *text, const char *at, size_t *ret_length)
{
	const struct escape *escape = find_escape(at);

	*ret_length = escape ? strlen(escape->character) : 1;
	if (strncmp(at, ">=", 2) == 0) {
		*ret_length = 2;
		return "$\\ge$";
	}
	if (*at == '"')
		return begins_word(text, at) ? "``" : "''";
	/* A sign before a number is a minus, not a hyphen. */
	if (*at == '-' && at[1] >= '0' && at[1] <= '9' && begins_word(text, at))
		return "$-$";
	return escape ? escape->written : NULL;
}

static char *add_escaped(char *latex, const char *text)
{
	size_t length;

	for (const char *at = text; *at; at += length) {
		const char *written = written_for(text, at, &length);
		latex = written ? talloc_strdup_append_buffer(latex, written)
				: talloc_strndup_append_buffer(latex, at, length);
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

static char *begin_table(
	char *latex, const struct table *table, const char *caption, const char *label)
{
	latex = talloc_strdup_append_buffer(
		latex, "\\begin{table*}\n\\centering\n\\footnotesize\n\\caption{");
	latex = add_escaped(latex, caption);
	latex = talloc_strdup_append_buffer(latex, "}\n");
	if (label)
		latex = talloc_asprintf_append_buffer(latex, "\\label{tab:%s}\n", label);
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

static char *end_table(char *latex)
{
	return talloc_strdup_append_buffer(latex, "\\bottomrule\n\\end{tabular}\n\\end{table*}\n");
}

static bool goes_on_at(const struct table *table, unsigned row)
{
	if (table->rows[row].kind == ROW_GROUP)
		return true;
	for (unsigned i = 0; i < table->row_count; i++)
		if (table->rows[i].kind == ROW_GROUP)
			return false;
	return true;
}

char *table_latex(void *ctx, const struct table *table, const char *title, const char *explanation,
	const char *label)
{
	char *caption = talloc_asprintf(ctx, "%s. %s", title, explanation);
	char *latex = begin_table(talloc_strdup(ctx, ""), table, caption, label);

	for (unsigned i = 0, rows = 0; i < table->row_count; i++, rows++) {
		if (rows >= PAGE_ROWS && goes_on_at(table, i)) {
			char *continued = talloc_asprintf(caption, "%s (continued)", title);
			latex = begin_table(end_table(latex), table, continued, NULL);
			rows = 0;
		}
		latex = add_row(latex, table, &table->rows[i]);
	}
	talloc_free(caption);
	return end_table(latex);
}
