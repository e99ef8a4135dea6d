/* SPDX-License-Identifier: MIT */
/*
 * What is said of a cell's quantile by its boots. docs/statistics.md explains each number.
 */
#ifndef STATISTICS_OVER_BOOTS_H
#define STATISTICS_OVER_BOOTS_H

#include "statistics/cell.h"

struct over_boots {
	int64_t pooled, corrected; /* us, as quantile_of() tells */
	bool told;                 /* every boot has its quantile; else nothing below holds */
	double median;             /* us, of the boots' quantiles */
	double known;              /* the largest latency that is not beyond the bins, or -1 */
	bool has_interval;
	struct interval interval; /* us; a bound above `known` is one from below only */
	double between, within;   /* us, standard deviations; NAN where they are not told */
	int64_t more;             /* boots; -1 where that is not told */
};

/* Quantile number `i` of a cell with a pool. `precision` is a fraction of the median. */
struct over_boots over_boots_state(const struct cell *cell, unsigned i, double precision);

/* The cell's boots' quantile number `i`, a talloc child of `ctx`; NULL when a boot has too few
 * wake-ups for it. `ret_known` is the largest that is not beyond the bins, or -1. */
double *over_boots_values(void *ctx, const struct cell *cell, unsigned i, double *ret_known);

/* Spearman's rank correlation of the runs' quantile number `i` with their order, within each boot
 * that has enough runs (boots_drift()); the mean of these `ret_boots` boots. NAN with none. */
double over_boots_drift_within(const struct cell *cell, unsigned i, unsigned *ret_boots);

#endif
