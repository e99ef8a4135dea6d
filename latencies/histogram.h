/* SPDX-License-Identifier: MIT */
/*
 * Histograms that tools print: cyclictest's (`cyclictest -q -h N`, or -H), rt-tests 1.x and 2.x,
 * and that of rtla (see timerlat.h).
 *
 * cyclictest's trailer: "# Total:" counts the bins only, without overflows; then Min, Avg, Max
 * Latencies, Histogram Overflows, and the cycle numbers of overflows (cyclictest.c, print_hist).
 */
#ifndef LATENCIES_HISTOGRAM_H
#define LATENCIES_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct histogram_thread {
	uint64_t *counts;   /* counts[b]: wake-ups with b us <= latency < b + 1 us; bins of them */
	uint64_t total;     /* wake-ups in the bins */
	uint64_t overflows; /* wake-ups later than the last bin */
	int64_t min_us, avg_us, max_us;
	uint64_t sum_us; /* of a pool: what its average is made of */
};

struct histogram {
	struct histogram_thread *threads;
	unsigned thread_count; /* >= 1 */
	unsigned bins;         /* >= 1 */
};

/*
 * Parses a tool's output, told apart by its first line. Returns 0 and a talloc child of `ctx`, or
 * -EBADMSG with a sentence (line number, what was found, what was expected). Never accepts a
 * histogram whose trailer is missing or does not agree with its bins.
 */
int histogram_parse(
	void *ctx, const char *text, size_t size, struct histogram **ret, struct err *err);

/* An empty pool: a histogram of one thread with `bins` bins; a talloc child of `ctx`. */
struct histogram *histogram_new(void *ctx, unsigned bins);

/* Adds all threads of `histogram` to a pool with at least as many bins: counts, totals and
 * overflows added; min and max over all; avg weighted by samples. */
void histogram_add(struct histogram *pool, const struct histogram *histogram);

/* Wake-ups of a pool, those beyond its last bin included. */
uint64_t histogram_samples(const struct histogram *pool);

#endif
