/* SPDX-License-Identifier: MIT */
/*
 * A cell: all repetitions of one experiment under one setup, pooled.
 */
#ifndef OUTPUT_CELL_H
#define OUTPUT_CELL_H

#include "campaigns/plan.h"
#include "output/histogram.h"

struct cell {
	const struct setup *setup;
	const struct experiment *experiment;
	enum place place;
	char *name;              /* "SETUP-EXPERIMENT" */
	struct histogram *pool;  /* NULL while nothing was measured */
	unsigned runs, measured; /* planned runs, and those with a histogram */
	/* Wake-ups that cyclictest would have made had none been late: threads * duration/interval
	 * for each run that was measured. A wake-up later than the interval swallows those inside
	 * it (coordinated omission), so fewer were got. */
	uint64_t expected;
};

/* All cells of a plan in the order of setups and experiments, filled from the results that stand;
 * a talloc child of `ctx`, NULL-terminated. */
struct cell **cells_load(void *ctx, const struct plan *plan, int campaign);

/* Wake-ups that are missing, 0 when more came than were expected. */
uint64_t cell_missed(const struct cell *cell);

/* Writes cdf/cdf-NAME.txt for a cell with a pool: "latency_us probability", P(latency <= x). */
int cell_write_cdf(const struct cell *cell, int campaign, struct err *err);

#endif
