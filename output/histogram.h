/* SPDX-License-Identifier: MIT */
/*
 * cyclictest's text histogram (`cyclictest -q -h N`), rt-tests 1.x and 2.x.
 *
 * Its trailer: "# Total:" counts the bins only, without overflows; then Min, Avg, Max Latencies,
 * Histogram Overflows, and the cycle numbers of overflows (cyclictest.c, print_hist).
 */
#ifndef OUTPUT_HISTOGRAM_H
#define OUTPUT_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct histogram_thread {
	uint64_t *counts; /* counts[b]: wake-ups with b us <= latency < b + 1 us; bins of them */
	uint64_t total;	  /* wake-ups in the bins */
	uint64_t overflows; /* wake-ups later than the last bin */
	int64_t min_us, avg_us, max_us;
};

struct histogram {
	struct histogram_thread *threads;
	unsigned thread_count; /* >= 1 */
	unsigned bins;	       /* >= 1 */
};

/*
 * Parses cyclictest's output. Returns 0 and a talloc child of `ctx`, or -EBADMSG with a sentence
 * (line number, what was found, what was expected). Never accepts a histogram whose trailer is
 * missing or does not agree with its bins.
 */
int histogram_parse(void *ctx, const char *text, size_t size, struct histogram **ret,
	struct err *err);

/* All threads in one: counts, totals and overflows added; min, max over all; avg weighted by
 * samples. A talloc child of `ctx`, with one thread. */
struct histogram *histogram_pool(void *ctx, const struct histogram *histogram);

#endif
