/* SPDX-License-Identifier: MIT */
/*
 * How many wake-ups a measurement asked for, and how many it got. Expected are duration/interval; a
 * wake-up later than the interval swallows those inside it (coordinated omission), so that fewer
 * are got.
 */
#ifndef RESULTS_WAKEUPS_H
#define RESULTS_WAKEUPS_H

#include <stdbool.h>

#include "campaigns/plan.h"
#include "latencies/histogram.h"

/* The share of missing wake-ups above which nothing may be ranked by what is left. */
#define WAKEUPS_MISSED_LIMIT 0.001

struct wakeups {
	uint64_t expected, got, missed; /* missed is 0 when more were got than expected */
};

/* So many of each thread. */
uint64_t wakeups_expected(const struct cyclictest *asked);

/* What was asked of a thread, and what its histogram has. */
struct wakeups wakeups_of(const struct cyclictest *asked, const struct histogram_thread *histogram);

/* Adds those of another thread to `sum`. */
void wakeups_add(struct wakeups *sum, const struct wakeups *thread);

/* Are more than WAKEUPS_MISSED_LIMIT of them missing? */
bool wakeups_miss(const struct wakeups *wakeups);

#endif
