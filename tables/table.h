/* SPDX-License-Identifier: MIT */
/*
 * The tables of a report: rows are made once, and rendered as text, HTML or LaTeX.
 */
#ifndef TABLES_TABLE_H
#define TABLES_TABLE_H

#include <stdbool.h>

struct column {
	const char *head;   /* what the column is called */
	const char *before; /* text: stands between the column before and this one */
	const char *after;  /* text: follows the value; NULL is "" */
	int width;          /* text: at least so many characters; negative: at the left of them */
	bool words;         /* no numbers: at the left in HTML and LaTeX too */
};

enum row_kind {
	ROW_VALUES, /* one cell a column; with fewer, the last one spans what is left */
	ROW_GROUP,  /* a heading of the rows below it */
	ROW_NOTE,   /* a sentence about the rows above it */
};

struct table_row {
	enum row_kind kind;
	char **cells; /* talloc array */
	unsigned count;
	const char *mark; /* behind the last cell, as in "!"; NULL when there is none */
};

struct table {
	const struct column *columns; /* not copied */
	unsigned column_count;
	bool headed; /* text: the heads stand in a line above the rows */
	struct table_row *rows;
	unsigned row_count;
};

/* An empty table, a talloc child of `ctx`. */
struct table *table_new(
	void *ctx, const struct column *columns, unsigned column_count, bool headed);

/* Begins a row of values; table_cell() adds to it, no more than there are columns. */
void table_row(struct table *table);
void table_cell(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
void table_mark(struct table *table, const char *mark); /* not copied */

void table_group(struct table *table, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void table_note(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The rows as lines with blanks between the columns; a talloc child of `ctx`. */
char *table_text(void *ctx, const struct table *table);

/* A table* of LaTeX (\usepackage{booktabs}), its caption made of title and explanation, with the
 * label tab:LABEL; a long one goes on in a second table*. All but the label is escaped. A talloc
 * child of `ctx`. */
char *table_latex(void *ctx, const struct table *table, const char *title, const char *explanation,
	const char *label);

#endif
