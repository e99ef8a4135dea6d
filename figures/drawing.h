/* SPDX-License-Identifier: MIT */
/*
 * What the kinds of figures have in common: the parts of gnuplot's scripts. Colour tells the setup;
 * how it is drawn tells the experiment.
 */
#ifndef FIGURES_DRAWING_H
#define FIGURES_DRAWING_H

#include "statistics/cell.h"

/* One of the plan's figures, drawn in one of the kinds. */
struct drawing {
	const struct plan *plan;
	const struct figure *figure;
	struct cell *const *cells; /* all of the campaign, NULL-terminated */
	int campaign;              /* descriptor of its directory */
	const char *name;          /* of its files in figures/ */
};

/* Everything returned is a talloc child of `ctx`. */

/* The setup's colour, "#0072b2": Okabe and Ito's, which colour-blind people can tell apart. */
const char *drawing_colour(const struct drawing *drawing, const struct cell *cell);

/* The experiment's number in the figure, from 0. */
unsigned drawing_experiment(const struct drawing *drawing, const struct cell *cell);

/* What the key calls a cell; with its name, or by that alone, where two of the figure would be
 * called alike. */
char *drawing_label(void *ctx, const struct drawing *drawing, const struct cell *cell);

/* "0.25 million", "1500": a number that a key has room for. */
char *drawing_count(void *ctx, uint64_t count);

/* "N = 60 million, 10 boots" */
char *drawing_size(void *ctx, const struct cell *cell);

/* A text for gnuplot in its single quotes. */
char *drawing_quoted(void *ctx, const char *text);

/* The lines that every script begins with: title (also as the variable `heading`) and grid. */
char *drawing_head(void *ctx, const struct drawing *drawing);

/* A line that puts into the figure what a reader must know before comparing cells: that wake-ups
 * are missing. "" where that is not so. */
char *drawing_warning(void *ctx, const struct drawing *drawing);

/* The lines that write the formats of the plan, each by `again`: a command that draws. The SVG is
 * always one of them: the page shows it. The picture is so many lines of a key higher than the
 * usual one. */
char *drawing_outputs(void *ctx, const struct drawing *drawing, unsigned lines, const char *again);

#endif
