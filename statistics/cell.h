/* SPDX-License-Identifier: MIT */
/*
 * A cell: all runs of one experiment under one setup, boot by boot and pooled.
 */
#ifndef STATISTICS_CELL_H
#define STATISTICS_CELL_H

#include "campaigns/plan.h"
#include "latencies/slices.h"
#include "results/disturbance.h"
#include "results/wakeups.h"
#include "statistics/statistics.h"

struct cell_run {
	const struct run *run;
	unsigned boot;                     /* index into the cell's boots */
	int64_t quantiles[QUANTILE_COUNT]; /* of its threads together, as quantile_of() tells */
	struct slices *slices;             /* latencies over its time; NULL where it told none */
	struct slices *whole;              /* all of it as one slice; NULL without a wake-up */
	struct wakeups *threads;           /* one for each */
	unsigned thread_count;
};

struct boot {
	char *id;               /* Linux's boot id, or the visit's number where none was kept */
	unsigned visit;         /* index into plan.visits */
	int64_t began;          /* of its first run here; seconds since the epoch */
	unsigned runs;          /* measured here */
	struct histogram *pool; /* of these runs */
	int64_t quantiles[QUANTILE_COUNT];
};

struct cell {
	const struct setup *setup;
	const struct experiment *experiment;
	enum place place;
	char *name;                  /* "SETUP-EXPERIMENT" */
	struct histogram *pool;      /* NULL while nothing was measured */
	struct histogram *corrected; /* for coordinated omission; NULL likewise */
	unsigned planned;            /* runs */
	struct cell_run *runs;       /* those with a histogram, in the order of the plan */
	unsigned run_count;
	struct boot *boots; /* those with such a run, likewise */
	unsigned boot_count;
	struct wakeups wakeups;         /* of all runs and threads */
	struct disturbance disturbance; /* of its runs */
};

/* All cells of a plan in the order of setups and experiments, filled from the results that stand;
 * a talloc child of `ctx`, NULL-terminated. */
struct cell **cells_load(void *ctx, const struct plan *plan, int campaign);

/* Are so many wake-ups missing that nothing may be ranked by this cell? */
bool cell_misses(const struct cell *cell);

/* May nothing be ranked by it, since wake-ups are missing or its runs were disturbed? */
bool cell_do_not_rank(const struct cell *cell);

/*
 * Writes cdf/cdf-NAME.txt for a cell with a pool: "latency_us probability", P(latency <= x). When
 * wake-ups are missing, also cdf/cdf-NAME-corrected.txt.
 */
int cell_write_cdf(const struct cell *cell, int campaign, struct err *err);

#endif
