/* SPDX-License-Identifier: MIT */
#include "latencies/histogram-text.h"

#include <talloc.h>

static char *add_bin(char *text, const struct histogram *histogram, unsigned bin)
{
	text = talloc_asprintf_append_buffer(text, "%06u", bin);
	for (unsigned t = 0; t < histogram->thread_count; t++)
		text = talloc_asprintf_append_buffer(
			text, " %06lu", histogram->threads[t].counts[bin]);
	return talloc_strdup_append_buffer(text, "\n");
}

static uint64_t total_of(const struct histogram_thread *thread)
{
	return thread->total;
}

static uint64_t min_of(const struct histogram_thread *thread)
{
	return (uint64_t)thread->min_us;
}

static uint64_t avg_of(const struct histogram_thread *thread)
{
	return (uint64_t)thread->avg_us;
}

static uint64_t max_of(const struct histogram_thread *thread)
{
	return (uint64_t)thread->max_us;
}

static uint64_t overflows_of(const struct histogram_thread *thread)
{
	return thread->overflows;
}

/* In cyclictest's order. */
static const struct trailer {
	const char *label;
	uint64_t (*number)(const struct histogram_thread *thread);
} trailers[] = {
	{"# Total:", total_of},
	{"# Min Latencies:", min_of},
	{"# Avg Latencies:", avg_of},
	{"# Max Latencies:", max_of},
	{"# Histogram Overflows:", overflows_of},
};

char *histogram_text(void *ctx, const struct histogram *histogram)
{
	char *text = talloc_strdup(ctx, "# Histogram\n");

	for (unsigned bin = 0; bin < histogram->bins; bin++)
		text = add_bin(text, histogram, bin);
	for (size_t i = 0; i < sizeof(trailers) / sizeof(*trailers); i++) {
		text = talloc_strdup_append_buffer(text, trailers[i].label);
		for (unsigned t = 0; t < histogram->thread_count; t++)
			text = talloc_asprintf_append_buffer(
				text, " %06lu", trailers[i].number(&histogram->threads[t]));
		text = talloc_strdup_append_buffer(text, "\n");
	}
	return text;
}
