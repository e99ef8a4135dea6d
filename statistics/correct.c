/* SPDX-License-Identifier: MIT */
#include <talloc.h>

#include "statistics/statistics.h"

/* What `count` wake-ups of this latency beyond the bins swallowed, and themselves. */
static void add_beyond(struct histogram_thread *pool, unsigned bins, int64_t latency,
	uint64_t count, int64_t interval)
{
	pool->overflows += count;
	for (int64_t less = latency - interval; less >= interval; less -= interval)
		if (less < (int64_t)bins) {
			pool->counts[less] += count;
			pool->total += count;
		} else {
			pool->overflows += count;
		}
}

/* swallowed[b]: what wake-ups 1, 2, ... intervals later than b swallowed there. */
static void add_bins(struct histogram_thread *pool, const struct histogram_thread *thread,
	unsigned bins, int64_t interval)
{
	uint64_t *swallowed = talloc_zero_array(NULL, uint64_t, bins);

	for (int64_t bin = (int64_t)bins - 1; bin >= 0; bin--) {
		if (bin >= interval && bin + interval < (int64_t)bins)
			swallowed[bin] = thread->counts[bin + interval] + swallowed[bin + interval];
		pool->counts[bin] += thread->counts[bin] + swallowed[bin];
		pool->total += thread->counts[bin] + swallowed[bin];
	}
	talloc_free(swallowed);
}

void correct_add(struct histogram *pool, const struct histogram *run, int64_t interval_us)
{
	for (unsigned t = 0; t < run->thread_count; t++) {
		const struct histogram_thread *thread = &run->threads[t];
		add_bins(pool->threads, thread, run->bins, interval_us);
		if (thread->overflows == 0)
			continue;
		add_beyond(pool->threads, run->bins, thread->max_us, 1, interval_us);
		add_beyond(pool->threads, run->bins, run->bins, thread->overflows - 1, interval_us);
	}
}
