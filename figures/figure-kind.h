/* SPDX-License-Identifier: MIT */
/*
 * The kinds in which each figure of a campaign is drawn, a file for each.
 */
#ifndef FIGURES_FIGURE_KIND_H
#define FIGURES_FIGURE_KIND_H

#include "figures/drawing.h"

struct figure_kind {
	const char *suffix; /* of its files' names: "", "-ccdf", ... */
	const char *title;  /* stands behind the figure's: ": rare latencies" */
	const char *words;  /* what is drawn and how, without a full stop */

	/* Is there something to draw of this measured cell? */
	bool (*shows)(const struct cell *cell);

	/* gnuplot's script, a talloc child of `ctx`. */
	char *(*script)(void *ctx, const struct drawing *drawing);

	/* Writes the cell's data into figures/, beside the script. */
	int (*write)(const struct cell *cell, int campaign, struct err *err);

	/* What the figure shows of the cell, in words for who cannot see it; likewise. */
	char *(*tell)(void *ctx, const struct cell *cell);
};

extern const struct figure_kind figure_cdf, figure_ccdf; /* figure-curves.c */
extern const struct figure_kind figure_boots;            /* figure-boots.c */
extern const struct figure_kind figure_time;             /* figure-time.c */

/* All of them, NULL-terminated. */
extern const struct figure_kind *const figure_kinds[];

/* Is the cell measured, one of the figure's, and drawn in this kind? */
bool figure_kind_shows(
	const struct figure_kind *kind, const struct figure *figure, const struct cell *cell);

/* The same of any cell of a NULL-terminated list. */
bool figure_kind_shows_any(
	const struct figure_kind *kind, const struct figure *figure, struct cell *const *cells);

/* "figure-1-ccdf": the name of its files in figures/; a talloc child of `ctx`. */
char *figure_kind_name(void *ctx, const struct figure_kind *kind, const struct figure *figure);

#endif
