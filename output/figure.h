/* SPDX-License-Identifier: MIT */
#ifndef OUTPUT_FIGURE_H
#define OUTPUT_FIGURE_H

#include "output/cell.h"

/*
 * Draws the figure of all cells whose setups have this hypervisor: figures/figure-NAME.gp ("kvm"
 * for none, "xen") with a copy of its data beside it, and the formats that the plan asks for.
 * Nothing is drawn when none of them was measured.
 */
int figure_draw(const struct plan *plan, struct cell *const *cells, enum hypervisor hypervisor,
	int campaign, struct err *err);

#endif
