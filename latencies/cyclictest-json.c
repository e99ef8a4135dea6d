/* SPDX-License-Identifier: MIT */
#include "latencies/cyclictest-json.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <talloc.h>

#include "latencies/histogram-text.h"

#define THREADS_LIMIT 4096u
#define CELLS_LIMIT ((uint64_t)1 << 24) /* bins of all threads */

static int damaged(struct err *err, unsigned thread, const char *what)
{
	return err_set(err, -EBADMSG, "thread %u of cyclictest's JSON %s", thread, what);
}

/* "12": the number of a bin; false for anything else. */
static bool read_bin(const char *key, uint64_t *ret)
{
	char *end;

	errno = 0;
	*ret = strtoull(key, &end, 10);
	return *key >= '0' && *key <= '9' && !*end && errno == 0;
}

static int take_bins(struct histogram *table, unsigned t, json_t *histogram, struct err *err)
{
	struct histogram_thread *thread = &table->threads[t];
	const char *key;
	json_t *count;
	uint64_t bin;

	json_object_foreach(histogram, key, count)
	{
		if (!read_bin(key, &bin) || !json_is_integer(count) ||
			json_integer_value(count) < 0)
			return damaged(err, t, "has a bin that is none");
		if (bin >= table->bins)
			return err_set(err, -EBADMSG,
				"thread %u of cyclictest's JSON has wake-ups at %luus, beyond the "
				"histogram's %uus; say --histogram as cyclictest's -h was",
				t, bin, table->bins);
		thread->counts[bin] = (uint64_t)json_integer_value(count);
		thread->total += (uint64_t)json_integer_value(count);
	}
	return 0;
}

/* A number that is no less than 0, rounded down as cyclictest's text does. */
static bool take_number(const json_t *thread, const char *name, int64_t *ret)
{
	double value = json_number_value(json_object_get(thread, name));

	if (!json_is_number(json_object_get(thread, name)) || !(value >= 0) || value > 1e15)
		return false;
	*ret = (int64_t)value;
	return true;
}

static int take_thread(struct histogram *table, unsigned t, const json_t *thread, struct err *err)
{
	json_t *histogram = json_object_get(thread, "histogram");
	struct histogram_thread *told = &table->threads[t];
	int64_t cycles;

	if (!json_is_object(histogram))
		return damaged(err, t, "has no histogram; cyclictest writes it with -h alone");
	if (!take_number(thread, "cycles", &cycles) || !take_number(thread, "min", &told->min_us) ||
		!take_number(thread, "avg", &told->avg_us) ||
		!take_number(thread, "max", &told->max_us))
		return damaged(err, t, "lacks cycles, min, avg or max");
	int r = take_bins(table, t, histogram, err);
	if (r < 0)
		return r;
	if (told->total > (uint64_t)cycles)
		return damaged(err, t, "has more wake-ups in its bins than cycles");
	told->overflows = (uint64_t)cycles - told->total;
	return 0;
}

static int make_table(
	const json_t *threads, unsigned bins, struct histogram *table, struct err *err)
{
	size_t count = json_object_size(threads);

	if (count == 0 || count > THREADS_LIMIT || bins == 0 || count * bins > CELLS_LIMIT)
		return err_set(err, -EBADMSG,
			"it is no cyclictest's JSON: its \"thread\" is missing, empty or too large");
	table->thread_count = (unsigned)count;
	table->bins = bins;
	table->threads = talloc_zero_array(table, struct histogram_thread, table->thread_count);
	for (unsigned t = 0; t < table->thread_count; t++)
		table->threads[t].counts = talloc_zero_array(table, uint64_t, bins);
	return 0;
}

int cyclictest_json_text(
	void *ctx, const json_t *json, unsigned bins, char **ret_text, struct err *err)
{
	const json_t *threads = json_object_get(json, "thread");
	struct histogram *table = talloc_zero(NULL, struct histogram);
	int r = json_integer_value(json_object_get(json, "resolution_in_ns")) == 0
			? make_table(threads, bins, table, err)
			: err_set(err, -EBADMSG,
				  "its latencies are nanoseconds (cyclictest -N), and a histogram "
				  "here has microseconds");

	for (unsigned t = 0; r == 0 && t < table->thread_count; t++) {
		char name[16];
		snprintf(name, sizeof(name), "%u", t);
		r = take_thread(table, t, json_object_get(threads, name), err);
	}
	if (r == 0)
		*ret_text = histogram_text(ctx, table);
	talloc_free(table);
	return r;
}

json_t *cyclictest_json_kernel(const json_t *json)
{
	const json_t *system = json_object_get(json, "sysinfo");
	const char *release = json_string_value(json_object_get(system, "release"));
	const json_t *realtime = json_object_get(system, "realtime");

	if (!release || !json_is_integer(realtime))
		return json_null();
	return json_pack("{s:s, s:b}", "release", release, "preempt_rt",
		(int)(json_integer_value(realtime) != 0));
}
