/* SPDX-License-Identifier: MIT */
#ifndef FIGURES_FIGURE_H
#define FIGURES_FIGURE_H

#include "figures/figure-kind.h"

/* Is the cell measured, and one of the figure's? */
bool figure_shows(const struct figure *figure, const struct cell *cell);

/* What the figure's key calls it, as in "NRT host, RT guest, load: hackbench"; a talloc child of
 * `ctx`. */
char *figure_label(void *ctx, const struct cell *cell);

/*
 * Draws one of the plan's figures in one of the kinds, from the cells of its experiments and
 * setups: figures/NAME.gp, NAME-ccdf.gp, ... with their data beside them, and the formats that the
 * plan asks for. Nothing is drawn when none of them was measured. A script that a person has edited
 * is drawn as it is. When gnuplot fails, `ret_why` says why (else its text is ""), and no picture
 * stands; an error (a negative errno) is that a file could not be written.
 */
int figure_draw(const struct figure_kind *kind, const struct plan *plan, struct cell *const *cells,
	const struct figure *figure, int campaign, struct err *ret_why, struct err *err);

#endif
