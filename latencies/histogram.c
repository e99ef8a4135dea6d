/* SPDX-License-Identifier: MIT */
#include "latencies/histogram.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "latencies/lines.h"
#include "latencies/timerlat.h"

#define THREADS_LIMIT 4096u
#define BINS_LIMIT 10000000u

static bool is_bin(const char *line)
{
	return *line >= '0' && *line <= '9';
}

/* The number of threads is that of the columns behind the latency; bins are counted ahead. */
static int make_room(struct histogram *histogram, const char *first, const char *rest,
	const struct lines *lines, struct err *err)
{
	unsigned threads = lines_words(first) - 1, bins = 1;

	for (const char *line = rest; is_bin(line); line = strchr(line, '\n') + 1) {
		bins++;
		if (!strchr(line, '\n'))
			break;
	}
	if (threads == 0 || threads > THREADS_LIMIT || bins > BINS_LIMIT)
		return lines_damaged(lines, err, "the first bin has no columns, or too many");
	histogram->threads = talloc_zero_array(histogram, struct histogram_thread, threads);
	histogram->thread_count = threads;
	histogram->bins = bins;
	for (unsigned t = 0; t < threads; t++)
		histogram->threads[t].counts = talloc_zero_array(histogram, uint64_t, bins);
	return 0;
}

static int read_bins(struct histogram *histogram, char *first, struct lines *lines, uint64_t *row,
	struct err *err)
{
	char *line = first;

	for (unsigned bin = 0; bin < histogram->bins; bin++, line = lines_next(lines)) {
		if (!line || lines_numbers(line, row, histogram->thread_count + 1) !=
				     histogram->thread_count + 1)
			return lines_damaged(
				lines, err, "a bin is torn or has another number of columns");
		if (row[0] != bin)
			return lines_damaged(lines, err, "a bin is missing or stands twice");
		for (unsigned t = 0; t < histogram->thread_count; t++)
			histogram->threads[t].counts[bin] = row[t + 1];
	}
	if (line) { /* the first line of the trailer: to be read again */
		line[strlen(line)] = '\n';
		lines->rest = line;
		lines->number--;
	}
	return 0;
}

struct trailer {
	const char *label;
	size_t offset;
	bool summed; /* -H prints one number more, for all threads together */
};

/* In cyclictest's order; all of them have to be there. */
static const struct trailer trailers[] = {
	{"# Total:", offsetof(struct histogram_thread, total), true},
	{"# Min Latencies:", offsetof(struct histogram_thread, min_us), false},
	{"# Avg Latencies:", offsetof(struct histogram_thread, avg_us), false},
	{"# Max Latencies:", offsetof(struct histogram_thread, max_us), true},
	{"# Histogram Overflows:", offsetof(struct histogram_thread, overflows), true},
};

/* Without -H each column is a thread. With -H, which first shows in the minima, the last is the
 * sum of at least two. */
static bool numbers_fit(struct histogram *histogram, unsigned columns,
	const struct trailer *trailer, unsigned numbers)
{
	if (columns > 2 && !trailer->summed && numbers == columns - 1)
		histogram->thread_count = numbers;
	return numbers == (trailer->summed ? columns : histogram->thread_count);
}

static int read_trailer(
	struct histogram *histogram, struct lines *lines, uint64_t *row, struct err *err)
{
	unsigned columns = histogram->thread_count;

	for (size_t i = 0; i < sizeof(trailers) / sizeof(*trailers); i++) {
		const char *label = trailers[i].label, *line = lines_next(lines);
		if (!line || strncmp(line, label, strlen(label)) != 0 ||
			!numbers_fit(histogram, columns, &trailers[i],
				lines_numbers(line + strlen(label), row, columns)))
			return err_set(err, -EBADMSG,
				"histogram.txt:%u: cyclictest's line \"%s\" is missing or torn",
				lines->number, label);
		/* All five members are 64 bits wide. */
		for (unsigned t = 0; t < columns; t++)
			memcpy((char *)&histogram->threads[t] + trailers[i].offset, &row[t],
				sizeof(*row));
	}
	return 0;
}

static uint64_t sum_of(const struct histogram *histogram, size_t offset)
{
	uint64_t sum = 0, number;

	for (unsigned t = 0; t < histogram->thread_count; t++) {
		memcpy(&number, (const char *)&histogram->threads[t] + offset, sizeof(number));
		sum += number;
	}
	return sum;
}

/* Of a column that stands behind those of the threads. */
static int check_summary(const struct histogram *histogram, unsigned columns, struct err *err)
{
	const struct histogram_thread *all = &histogram->threads[columns - 1];
	bool fine =
		all->overflows == sum_of(histogram, offsetof(struct histogram_thread, overflows));

	if (columns == histogram->thread_count)
		return 0;
	for (unsigned bin = 0; fine && bin < histogram->bins; bin++) {
		uint64_t sum = 0;
		for (unsigned t = 0; t < histogram->thread_count; t++)
			sum += histogram->threads[t].counts[bin];
		fine = sum == all->counts[bin];
	}
	return fine ? 0
		    : err_set(err, -EBADMSG,
			      "histogram.txt: its last column is not the sum of the others");
}

static bool overflow_is_fine(const struct histogram_thread *thread)
{
	return thread->total > 0 || thread->overflows > 0;
}

static int check_sums(const struct histogram *histogram, struct err *err)
{
	for (unsigned t = 0; t < histogram->thread_count; t++) {
		const struct histogram_thread *thread = &histogram->threads[t];
		uint64_t sum = 0;
		for (unsigned bin = 0; bin < histogram->bins; bin++)
			sum += thread->counts[bin];
		if (sum != thread->total)
			return err_set(err, -EBADMSG,
				"histogram.txt: the bins of thread %u hold %lu wake-ups and its "
				"total says %lu",
				t, sum, thread->total);
		if (!overflow_is_fine(thread))
			return err_set(err, -EBADMSG, "histogram.txt: thread %u never woke up", t);
	}
	return 0;
}

static int parse(struct histogram *histogram, struct lines *lines, struct err *err)
{
	char *line;

	while ((line = lines_next(lines)) && !is_bin(line))
		; /* "# /dev/cpu_dma_latency set to 0us", "# Histogram" */
	if (!line)
		return lines_damaged(lines, err, "there is no histogram in it");
	int r = make_room(histogram, line, lines->rest, lines, err);
	if (r < 0)
		return r;
	unsigned columns = histogram->thread_count;
	uint64_t *row = talloc_zero_array(histogram, uint64_t, columns + 1);
	r = read_bins(histogram, line, lines, row, err);
	if (r == 0)
		r = read_trailer(histogram, lines, row, err);
	talloc_free(row);
	if (r == 0)
		r = check_summary(histogram, columns, err);
	return r == 0 ? check_sums(histogram, err) : r;
}

int histogram_parse(
	void *ctx, const char *text, size_t size, struct histogram **ret, struct err *err)
{
	struct histogram *histogram = talloc_zero(ctx, struct histogram);
	char *copy = talloc_strndup(histogram, text, size);
	struct lines lines = {.rest = copy};
	bool timerlat = strncmp(copy, TIMERLAT_MARK, strlen(TIMERLAT_MARK)) == 0;
	int r = timerlat ? timerlat_parse(histogram, &lines, err) : parse(histogram, &lines, err);

	talloc_free(copy);
	if (r < 0)
		talloc_free(histogram);
	else
		*ret = histogram;
	return r;
}

static void add_thread(
	struct histogram_thread *pool, const struct histogram_thread *thread, unsigned bins)
{
	uint64_t before = pool->total + pool->overflows, more = thread->total + thread->overflows;

	for (unsigned bin = 0; bin < bins; bin++)
		pool->counts[bin] += thread->counts[bin];
	if (before == 0 || thread->min_us < pool->min_us)
		pool->min_us = thread->min_us;
	if (thread->max_us > pool->max_us)
		pool->max_us = thread->max_us;
	pool->sum_us += (uint64_t)thread->avg_us * more;
	pool->avg_us = (int64_t)(pool->sum_us / (before + more));
	pool->total += thread->total;
	pool->overflows += thread->overflows;
}

struct histogram *histogram_new(void *ctx, unsigned bins)
{
	struct histogram *histogram = talloc_zero(ctx, struct histogram);

	histogram->threads = talloc_zero(histogram, struct histogram_thread);
	histogram->threads->counts = talloc_zero_array(histogram, uint64_t, bins);
	histogram->thread_count = 1;
	histogram->bins = bins;
	return histogram;
}

void histogram_add(struct histogram *pool, const struct histogram *histogram)
{
	for (unsigned t = 0; t < histogram->thread_count; t++)
		add_thread(pool->threads, &histogram->threads[t], histogram->bins);
}

uint64_t histogram_samples(const struct histogram *pool)
{
	return pool->threads->total + pool->threads->overflows;
}
