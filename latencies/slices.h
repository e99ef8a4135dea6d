/* SPDX-License-Identifier: MIT */
/*
 * Latencies over the time of a run, where a log of samples tells in which order they came: the run
 * cut into slices of as many wake-ups each.
 */
#ifndef LATENCIES_SLICES_H
#define LATENCIES_SLICES_H

#include <jansson.h>

#include "latencies/quantile.h"

/* A run of the expected length has so many. */
#define SLICES 100

/* Of no latency that is read; about 2 h 46 min. */
#define SLICES_LATENCY_LIMIT UINT64_C(10000000000)

/* --- what is kept -------------------------------------------------------------------------- */

/* Which quantiles: p50 p99 p99.9. */
#define SLICE_QUANTILE_COUNT 3
extern const unsigned slice_quantiles[SLICE_QUANTILE_COUNT]; /* indices of `quantiles` */

struct slice {
	uint64_t wakeups;
	int64_t quantiles[SLICE_QUANTILE_COUNT]; /* us, as quantile_of() tells; of latencies from
						    2048 us on down to 0.1 % too low */
	int64_t max_us;                          /* -1 without a wake-up */
	uint64_t *counts;                        /* [slices.bin_count] */
};

struct slices {
	uint64_t wakeups; /* of each thread in a slice; the last one may have fewer */
	struct slice *list;
	unsigned count;
	uint64_t *edges_us; /* [bin_count + 1]: bin b has edges_us[b] <= latency < edges_us[b+1] */
	unsigned bin_count; /* they grow by an eighth each, but by 1 us at least */
};

/* As it stands in a result's time.json; a new reference. */
json_t *slices_to_json(const struct slices *slices);

/* The other way; a talloc child of `ctx`. -EBADMSG with a sentence for what is none. */
int slices_from_json(void *ctx, const json_t *json, struct slices **ret, struct err *err);

/* --- counting ------------------------------------------------------------------------------ */

/* Latencies below are counted exactly; of later ones there are 1024 bins to each power of two, as
 * HdrHistogram's with eleven significant bits. */
#define SLICES_EXACT 2048

/* Counts, slice by slice; a talloc context. */
struct slices_counter;

/* For slices of so many wake-ups (at least 1) of each thread. */
struct slices_counter *slices_count(void *ctx, uint64_t wakeups);

/* The number of the slice that a thread's wake-up, from 0, falls into; those behind the last of
 * SLICES are its own. */
unsigned slices_number(const struct slices_counter *counter, uint64_t wakeup);

/* counts[us] of a slice, for latencies below SLICES_EXACT to be counted in; until the next
 * slices_add(). */
uint64_t *slices_counts(struct slices_counter *counter, unsigned slice);

/* Counts any latency below SLICES_LATENCY_LIMIT. */
void slices_add(struct slices_counter *counter, unsigned slice, uint64_t latency_us);

/* What was counted, up to the last slice with a wake-up, as a talloc child of `ctx`. */
struct slices *slices_end(void *ctx, const struct slices_counter *counter);

/* A run that told no order, `wakeups` of each thread, as one slice; `pool` has its threads
 * together. Of wake-ups beyond the histogram the largest is known, the others count as no later
 * than its end. A talloc child of `ctx`; NULL without a wake-up. */
struct slices *slices_of_run(void *ctx, const struct histogram *pool, uint64_t wakeups);

#endif
