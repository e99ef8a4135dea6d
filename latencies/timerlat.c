/* SPDX-License-Identifier: MIT */
#include "latencies/timerlat.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <talloc.h>

#define COLUMNS_LIMIT 16384u
#define BINS_LIMIT 10000000u
#define CELLS_LIMIT ((size_t)1 << 24) /* bins of all threads */

/* What stands between the first line and the last. */
struct table {
	struct histogram *histogram;
	struct lines *lines;
	bool *is_thread; /* for each column */
	unsigned columns;
	uint64_t *row;    /* one number for each column, or one more for the index */
	uint64_t *counts; /* of each thread, as rtla says */
};

/* --- the header -------------------------------------------------------------------------- */

/* "Index   IRQ-000   Thr-000": which columns are threads. */
static int read_columns(struct table *table, char *header, struct err *err)
{
	unsigned words = lines_words(header);
	char *rest;

	if (words < 2 || words > COLUMNS_LIMIT)
		return lines_damaged(table->lines, err, "it has no columns, or too many");
	table->columns = words - 1;
	table->is_thread = talloc_zero_array(table->histogram, bool, table->columns);
	table->row = talloc_zero_array(table->histogram, uint64_t, words);
	strtok_r(header, " \t", &rest);
	for (unsigned i = 0; i < table->columns; i++) {
		table->is_thread[i] = strncmp(strtok_r(NULL, " \t", &rest), "Thr-", 4) == 0;
		table->histogram->thread_count += table->is_thread[i];
	}
	if (table->histogram->thread_count == 0)
		return lines_damaged(table->lines, err, "it has no column of a thread");
	table->histogram->threads = talloc_zero_array(
		table->histogram, struct histogram_thread, table->histogram->thread_count);
	table->counts =
		talloc_zero_array(table->histogram, uint64_t, table->histogram->thread_count);
	return 0;
}

static int read_header(struct table *table, struct err *err)
{
	char *line;

	while ((line = lines_next(table->lines)) && *line == '#')
		if (strncmp(line, "# Time unit is ", 15) == 0 && !strstr(line, "(us)"))
			return lines_damaged(table->lines, err, "its unit is not the microsecond");
	if (!line || strncmp(line, "Index", 5) != 0)
		return lines_damaged(table->lines, err, "rtla's line \"Index\" is missing");
	return read_columns(table, line, err);
}

/* --- the rows ---------------------------------------------------------------------------- */

/* Room for the bin and all below it: rows of zeros are left out. */
static int make_room(struct table *table, uint64_t bin, struct err *err)
{
	struct histogram *histogram = table->histogram;

	if (bin >= BINS_LIMIT || (bin + 1) * histogram->thread_count > CELLS_LIMIT)
		return lines_damaged(table->lines, err, "it has more bins than fit");
	for (unsigned t = 0; t < histogram->thread_count; t++) {
		struct histogram_thread *thread = &histogram->threads[t];
		thread->counts =
			talloc_realloc(histogram, thread->counts, uint64_t, (unsigned)bin + 1);
		memset(thread->counts + histogram->bins, 0,
			(bin + 1 - histogram->bins) * sizeof(*thread->counts));
	}
	histogram->bins = (unsigned)bin + 1;
	return 0;
}

static int take_row(struct table *table, const char *line, struct err *err)
{
	if (lines_numbers(line, table->row, table->columns + 1) != table->columns + 1)
		return lines_damaged(
			table->lines, err, "a row is torn or has another number of columns");
	if (table->row[0] < table->histogram->bins)
		return lines_damaged(table->lines, err, "a row stands twice or out of order");
	int r = make_room(table, table->row[0], err);
	for (unsigned i = 0, t = 0; r == 0 && i < table->columns; i++)
		if (table->is_thread[i])
			table->histogram->threads[t++].counts[table->row[0]] = table->row[i + 1];
	return r;
}

/* --- the trailer -------------------------------------------------------------------------- */

/* The numbers of a line "LABEL N N ..." that belong to threads, each at `offset` of its `size`
 * bytes wide element. */
static int take_trailer(struct table *table, const char *line, const char *label, void *first,
	size_t size, struct err *err)
{
	if (!line || strncmp(line, label, strlen(label)) != 0 ||
		lines_numbers(line + strlen(label), table->row, table->columns) != table->columns) {
		err_set(err, -EBADMSG, "histogram.txt:%u: rtla's line \"%s\" is missing or torn",
			table->lines->number, label);
		return -EBADMSG;
	}
	for (unsigned i = 0, t = 0; i < table->columns; i++)
		if (table->is_thread[i])
			memcpy((char *)first + size * t++, &table->row[i], sizeof(table->row[i]));
	return 0;
}

/* All of them have to be there; the line of "over:" has been read. */
static int read_trailer(struct table *table, char *line, struct err *err)
{
	struct histogram_thread *threads = table->histogram->threads;
	size_t size = sizeof(*threads);
	int r = take_trailer(table, line, "over:", &threads->overflows, size, err);

	if (r == 0)
		r = take_trailer(table, lines_next(table->lines), "count:", table->counts,
			sizeof(*table->counts), err);
	if (r == 0)
		r = take_trailer(
			table, lines_next(table->lines), "min:", &threads->min_us, size, err);
	if (r == 0)
		r = take_trailer(
			table, lines_next(table->lines), "avg:", &threads->avg_us, size, err);
	return r == 0 ? take_trailer(table, lines_next(table->lines), "max:", &threads->max_us,
				size, err)
		      : r;
}

static int check_sums(const struct table *table, struct err *err)
{
	for (unsigned t = 0; t < table->histogram->thread_count; t++) {
		struct histogram_thread *thread = &table->histogram->threads[t];
		for (unsigned bin = 0; bin < table->histogram->bins; bin++)
			thread->total += thread->counts[bin];
		if (thread->total + thread->overflows != table->counts[t])
			return err_set(err, -EBADMSG,
				"histogram.txt: the bins of thread %u hold %lu wake-ups, %lu are "
				"beyond them, and its count says %lu",
				t, thread->total, thread->overflows, table->counts[t]);
		if (table->counts[t] == 0)
			return err_set(err, -EBADMSG, "histogram.txt: thread %u never woke up", t);
	}
	return 0;
}

/* Newer versions sum up all CPUs, and say when the tracer's buffer ran over. */
static int read_rest(struct table *table, struct err *err)
{
	char *line;

	while ((line = lines_next(table->lines)))
		if (strstr(line, "events missed"))
			return lines_damaged(table->lines, err, "rtla missed events");
	return 0;
}

int timerlat_parse(struct histogram *histogram, struct lines *lines, struct err *err)
{
	struct table table = {.histogram = histogram, .lines = lines};
	char *line = NULL;
	int r = read_header(&table, err);

	while (r == 0 && (line = lines_next(lines)) && *line >= '0' && *line <= '9')
		r = take_row(&table, line, err);
	if (r == 0)
		r = read_trailer(&table, line, err);
	if (r == 0 && histogram->bins == 0)
		r = make_room(&table, 0, err);
	if (r == 0)
		r = check_sums(&table, err);
	return r == 0 ? read_rest(&table, err) : r;
}
