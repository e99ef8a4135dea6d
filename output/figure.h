/* SPDX-License-Identifier: MIT */
#ifndef OUTPUT_FIGURE_H
#define OUTPUT_FIGURE_H

#include "output/cell.h"

/*
 * Draws one of the plan's figures from the cells of its experiments and setups: figures/NAME.gp
 * and, with a logarithmic axis, figures/NAME-ccdf.gp with their data beside them, and the formats
 * that the plan asks for. Nothing is drawn when none of them was measured. A script that a person
 * has edited is drawn as it is.
 */
#define FIGURE_CCDF "-ccdf"

int figure_draw(const struct plan *plan, struct cell *const *cells, const struct figure *figure,
	int campaign, struct err *err);

#endif
