/* SPDX-License-Identifier: MIT */
#include "latencies/slices.h"

#include <string.h>
#include <talloc.h>

const unsigned slice_quantiles[SLICE_QUANTILE_COUNT] = {0, 2, 3};

/* The bin of SLICES_LATENCY_LIMIT - 1 is the last of them. */
#define FINE_BINS 25600u

struct slices_counter {
	uint64_t wakeups;
	/* By fine bins; NULL while nothing is in it, SLICES_EXACT of them while nothing was late.
	 */
	struct histogram *slices[SLICES];
	int64_t late_us[SLICES]; /* the largest of those that are not counted exactly */
};

/* --- the fine bins ------------------------------------------------------------------------- */

static unsigned fine_bin(uint64_t latency_us)
{
	if (latency_us < SLICES_EXACT)
		return (unsigned)latency_us;
	unsigned shift = 53 - (unsigned)__builtin_clzll(latency_us);
	return SLICES_EXACT / 2 * shift + (unsigned)(latency_us >> shift);
}

/* The least latency of a bin. */
static uint64_t fine_edge(unsigned bin)
{
	if (bin < SLICES_EXACT)
		return bin;
	unsigned shift = bin / (SLICES_EXACT / 2) - 1;
	return (uint64_t)(bin - SLICES_EXACT / 2 * shift) << shift;
}

/* --- counting ------------------------------------------------------------------------------ */

struct slices_counter *slices_count(void *ctx, uint64_t wakeups)
{
	struct slices_counter *counter = talloc_zero(ctx, struct slices_counter);

	counter->wakeups = wakeups;
	return counter;
}

unsigned slices_number(const struct slices_counter *counter, uint64_t wakeup)
{
	uint64_t number = wakeup / counter->wakeups;

	return number < SLICES ? (unsigned)number : SLICES - 1;
}

uint64_t *slices_counts(struct slices_counter *counter, unsigned slice)
{
	if (!counter->slices[slice])
		counter->slices[slice] = histogram_new(counter, SLICES_EXACT);
	return counter->slices[slice]->threads->counts;
}

/* Most slices have no late wake-up, and need no bins for them. */
static void make_room(struct histogram *fine)
{
	struct histogram_thread *thread = fine->threads;

	if (fine->bins == FINE_BINS)
		return;
	thread->counts = talloc_realloc(fine, thread->counts, uint64_t, FINE_BINS);
	memset(thread->counts + fine->bins, 0, (FINE_BINS - fine->bins) * sizeof(uint64_t));
	fine->bins = FINE_BINS;
}

void slices_add(struct slices_counter *counter, unsigned slice, uint64_t latency_us)
{
	uint64_t *counts = slices_counts(counter, slice);

	if (latency_us >= SLICES_EXACT) {
		make_room(counter->slices[slice]);
		counts = slices_counts(counter, slice);
		if ((int64_t)latency_us > counter->late_us[slice])
			counter->late_us[slice] = (int64_t)latency_us;
	}
	counts[fine_bin(latency_us)]++;
}

/* --- the coarse bins ----------------------------------------------------------------------- */

static uint64_t next_edge(uint64_t edge)
{
	return edge < 8 ? edge + 1 : edge + edge / 8;
}

/* Bins up to that of `max_us`. */
static void make_edges(struct slices *slices, uint64_t max_us)
{
	uint64_t edge = 0;

	slices->edges_us = talloc_zero_array(slices, uint64_t, 1);
	while (edge <= max_us) {
		edge = next_edge(edge);
		slices->bin_count++;
		slices->edges_us =
			talloc_realloc(slices, slices->edges_us, uint64_t, slices->bin_count + 1);
		slices->edges_us[slices->bin_count] = edge;
	}
}

/* --- the end ------------------------------------------------------------------------------- */

static int64_t largest(const struct slices_counter *counter, unsigned number)
{
	const struct histogram *fine = counter->slices[number];
	int64_t bin = SLICES_EXACT - 1;

	if (!fine || counter->late_us[number] > 0)
		return fine ? counter->late_us[number] : -1;
	while (bin >= 0 && fine->threads->counts[bin] == 0)
		bin--;
	return bin;
}

static void state_quantiles(const struct histogram *fine, struct slice *slice)
{
	for (unsigned i = 0; i < SLICE_QUANTILE_COUNT; i++) {
		int64_t bin = quantile_of(fine, quantiles[slice_quantiles[i]].q);
		slice->quantiles[i] = bin < 0 ? -1 : (int64_t)fine_edge((unsigned)bin);
	}
}

static void end_slice(const struct slices *slices, struct histogram *fine, struct slice *slice)
{
	unsigned coarse = 0;

	slice->counts = talloc_zero_array(slices, uint64_t, slices->bin_count);
	for (unsigned i = 0; i < SLICE_QUANTILE_COUNT; i++)
		slice->quantiles[i] = -1;
	for (unsigned bin = 0; fine && bin < fine->bins; bin++) {
		uint64_t count = fine->threads->counts[bin];
		if (count == 0)
			continue;
		while (fine_edge(bin) >= slices->edges_us[coarse + 1])
			coarse++;
		slice->counts[coarse] += count;
		slice->wakeups += count;
	}
	if (!fine)
		return;
	fine->threads->total = slice->wakeups;
	state_quantiles(fine, slice);
}

struct slices *slices_end(void *ctx, const struct slices_counter *counter)
{
	struct slices *slices = talloc_zero(ctx, struct slices);
	int64_t max_us = 0;

	slices->wakeups = counter->wakeups;
	slices->list = talloc_zero_array(slices, struct slice, SLICES);
	for (unsigned i = 0; i < SLICES; i++) {
		slices->list[i].max_us = largest(counter, i);
		if (slices->list[i].max_us > max_us)
			max_us = slices->list[i].max_us;
		if (counter->slices[i])
			slices->count = i + 1;
	}
	make_edges(slices, (uint64_t)max_us);
	for (unsigned i = 0; i < slices->count; i++)
		end_slice(slices, counter->slices[i], &slices->list[i]);
	return slices;
}

/* --- a run without an order ------------------------------------------------------------------ */

static void add_often(struct slices_counter *counter, uint64_t latency_us, uint64_t times)
{
	if (latency_us < SLICES_EXACT)
		slices_counts(counter, 0)[latency_us] += times;
	else
		for (; times > 0; times--)
			slices_add(counter, 0, latency_us);
}

struct slices *slices_of_run(void *ctx, const struct histogram *pool, uint64_t wakeups)
{
	const struct histogram_thread *thread = pool->threads;
	uint64_t beyond = thread->overflows;

	if (histogram_samples(pool) == 0)
		return NULL;
	struct slices_counter *counter = slices_count(NULL, wakeups);
	for (unsigned bin = 0; bin < pool->bins; bin++)
		add_often(counter, bin, thread->counts[bin]);
	if (beyond > 0) {
		add_often(counter, pool->bins, beyond - 1);
		add_often(counter, (uint64_t)thread->max_us, 1);
	}
	struct slices *slices = slices_end(ctx, counter);
	talloc_free(counter);
	return slices;
}
