/* SPDX-License-Identifier: MIT */
#include "output/histogram.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#define THREADS_LIMIT 4096u
#define BINS_LIMIT 10000000u

/* cyclictest's output as it is walked through, line by line. */
struct lines {
	char *rest;
	unsigned number; /* of the line that was returned last */
};

static char *next_line(struct lines *lines)
{
	char *line = lines->rest;

	if (!line || !*line)
		return NULL;
	char *newline = strchr(line, '\n');
	if (!newline)
		return NULL; /* torn: cyclictest ends every line */
	*newline = '\0';
	lines->rest = newline + 1;
	lines->number++;
	return line;
}

static int damaged(const struct lines *lines, struct err *err, const char *what)
{
	return err_set(err, -EBADMSG, "histogram.txt:%u: %s", lines->number, what);
}

/* Reads up to `count` numbers with blanks between them; tells how many there were, or 0 when
 * something else stands there. */
static unsigned read_numbers(const char *text, uint64_t *numbers, unsigned count)
{
	unsigned found = 0;

	for (;; found++) {
		text += strspn(text, " \t");
		if (!*text)
			return found;
		if (found == count || *text < '0' || *text > '9')
			return 0;
		char *end;
		errno = 0;
		numbers[found] = strtoull(text, &end, 10);
		if (errno != 0)
			return 0;
		text = end;
	}
}

static unsigned count_words(const char *text)
{
	unsigned words = 0;

	while (*(text += strspn(text, " \t"))) {
		words++;
		text += strcspn(text, " \t");
	}
	return words;
}

static bool is_bin(const char *line)
{
	return *line >= '0' && *line <= '9';
}

/* The number of threads is that of the columns behind the latency; bins are counted ahead. */
static int make_room(struct histogram *histogram, const char *first, const char *rest,
	const struct lines *lines, struct err *err)
{
	unsigned threads = count_words(first) - 1, bins = 1;

	for (const char *line = rest; is_bin(line); line = strchr(line, '\n') + 1) {
		bins++;
		if (!strchr(line, '\n'))
			break;
	}
	if (threads == 0 || threads > THREADS_LIMIT || bins > BINS_LIMIT)
		return damaged(lines, err, "the first bin has no columns, or too many");
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

	for (unsigned bin = 0; bin < histogram->bins; bin++, line = next_line(lines)) {
		if (!line || read_numbers(line, row, histogram->thread_count + 1) !=
				     histogram->thread_count + 1)
			return damaged(
				lines, err, "a bin is torn or has another number of columns");
		if (row[0] != bin)
			return damaged(lines, err, "a bin is missing or stands twice");
		for (unsigned t = 0; t < histogram->thread_count; t++)
			histogram->threads[t].counts[bin] = row[t + 1];
	}
	lines->rest = line ? line : lines->rest;
	if (line)
		line[strlen(line)] = '\n'; /* the first line of the trailer: to be read again */
	return 0;
}

static bool overflow_is_fine(const struct histogram_thread *thread)
{
	return thread->total > 0 || thread->overflows > 0;
}

struct trailer {
	const char *label;
	size_t offset;
};

/* In cyclictest's order; all of them have to be there. */
static const struct trailer trailers[] = {
	{"# Total:", offsetof(struct histogram_thread, total)},
	{"# Min Latencies:", offsetof(struct histogram_thread, min_us)},
	{"# Avg Latencies:", offsetof(struct histogram_thread, avg_us)},
	{"# Max Latencies:", offsetof(struct histogram_thread, max_us)},
	{"# Histogram Overflows:", offsetof(struct histogram_thread, overflows)},
};

static int read_trailer(
	struct histogram *histogram, struct lines *lines, uint64_t *row, struct err *err)
{
	for (size_t i = 0; i < sizeof(trailers) / sizeof(*trailers); i++) {
		const char *label = trailers[i].label, *line = next_line(lines);
		if (!line || strncmp(line, label, strlen(label)) != 0 ||
			read_numbers(line + strlen(label), row, histogram->thread_count) !=
				histogram->thread_count)
			return err_set(err, -EBADMSG,
				"histogram.txt:%u: cyclictest's line \"%s\" is missing or torn",
				lines->number, label);
		/* All five members are 64 bits wide. */
		for (unsigned t = 0; t < histogram->thread_count; t++)
			memcpy((char *)&histogram->threads[t] + trailers[i].offset, &row[t],
				sizeof(*row));
	}
	return 0;
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

	while ((line = next_line(lines)) && !is_bin(line))
		; /* "# /dev/cpu_dma_latency set to 0us", "# Histogram" */
	if (!line)
		return damaged(lines, err, "there is no histogram in it");
	int r = make_room(histogram, line, lines->rest, lines, err);
	if (r < 0)
		return r;
	uint64_t *row = talloc_zero_array(histogram, uint64_t, histogram->thread_count + 1);
	r = read_bins(histogram, line, lines, row, err);
	if (r == 0)
		r = read_trailer(histogram, lines, row, err);
	talloc_free(row);
	return r == 0 ? check_sums(histogram, err) : r;
}

int histogram_parse(
	void *ctx, const char *text, size_t size, struct histogram **ret, struct err *err)
{
	struct histogram *histogram = talloc_zero(ctx, struct histogram);
	char *copy = talloc_strndup(histogram, text, size);
	struct lines lines = {.rest = copy};
	int r = parse(histogram, &lines, err);

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
	pool->avg_us =
		(int64_t)(((uint64_t)pool->avg_us * before + (uint64_t)thread->avg_us * more) /
			  (before + more));
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

int64_t histogram_quantile(const struct histogram *pool, double q)
{
	uint64_t samples = histogram_samples(pool), seen = 0;

	if ((double)samples * (1 - q) < 1)
		return -1;
	for (unsigned bin = 0; bin < pool->bins; bin++) {
		seen += pool->threads->counts[bin];
		if ((double)seen >= q * (double)samples)
			return bin;
	}
	return -1;
}
