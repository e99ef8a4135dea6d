/* SPDX-License-Identifier: MIT */
/*
 * Two cells, compared by a quantile of their boots.
 * docs/statistics.md explains each number.
 */
#ifndef STATISTICS_PAIRS_H
#define STATISTICS_PAIRS_H

#include "statistics/cell.h"

struct pair {
	const struct cell *a, *b; /* differences are b's less a's */
	unsigned quantile;        /* index into quantiles */
	const char *why_not;      /* why they are not compared: then nothing below holds; or NULL */
	bool has_difference;      /* false when a boot's quantile lies beyond the histogram */
	double difference;        /* of the medians; us */
	bool has_interval;
	struct interval interval; /* of the difference; us */
	double delta;             /* Cliff's */
	double p;        /* corrected for all pairs of pairs_compare(); NAN when it is no test */
	double distance; /* of the pooled distributions */
};

/* One of them, with a p that is not corrected. Both cells have a pool; `seed` is the bootstrap's.
 */
struct pair pair_state(const struct cell *a, const struct cell *b, unsigned quantile, int64_t seed);

/* Each two setups in the same experiment, a talloc child of `ctx`. `cells` as cells_load() gives
 * them. */
struct pair *pairs_compare(void *ctx, struct cell *const *cells, int64_t seed, unsigned *ret_count);

#endif
