/* SPDX-License-Identifier: MIT */
#ifndef OUTPUT_FIGURE_H
#define OUTPUT_FIGURE_H

#include "output/cell.h"

/* Is the cell measured, and one of the figure's? */
bool figure_shows(const struct figure *figure, const struct cell *cell);

/* What the figure's key calls it, as in "NRT host, RT guest, load: hackbench"; a talloc child of
 * `ctx`. */
char *figure_label(void *ctx, const struct cell *cell);

/*
 * Draws one of the plan's figures from the cells of its experiments and setups, in each of the
 * kinds (figure-kind.h): figures/NAME.gp, NAME-ccdf.gp, ... with their data beside them, and the
 * formats that the plan asks for. Nothing is drawn when none of them was measured. A script that a
 * person has edited is drawn as it is.
 */
int figure_draw(const struct plan *plan, struct cell *const *cells, const struct figure *figure,
	int campaign, struct err *err);

#endif
