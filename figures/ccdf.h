/* SPDX-License-Identifier: MIT */
/*
 * The complementary distribution of a cell, for a figure with a logarithmic axis: it shows the rare
 * latencies that an eCDF hides.
 */
#ifndef FIGURES_CCDF_H
#define FIGURES_CCDF_H

#include "statistics/cell.h"

/*
 * Writes figures/ccdf-NAME.txt: "latency_us P(latency >= x)", from 1 to 1/N. Its blocks are, as
 * gnuplot counts them, 0 all boots together, 1 the largest latency, 2 and on a boot each.
 */
int ccdf_write(const struct cell *cell, int campaign, struct err *err);

#endif
