/* SPDX-License-Identifier: MIT */
/*
 * statistics/statistics.h and latencies/quantile.h for tests/statistics/statistics.py: reads a list
 * of questions from stdin and prints a list of answers; null is "cannot be told".
 *
 *   {"ask": "quantile", "bins": [1, 5, 3], "beyond": 0, "largest": 2, "q": 0.5}
 *   {"ask": "boots", "values": [3, 1, 2], "times": [1, 2, 3], "precision": 0.1}
 */
#include <jansson.h>
#include <math.h>
#include <string.h>
#include <talloc.h>

#include "statistics/statistics.h"

static json_t *number(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

static json_t *pair(bool told, const struct interval *interval)
{
	return told ? json_pack("[f, f]", interval->low, interval->high) : json_null();
}

static double *values_of(void *ctx, const json_t *json, const char *name, unsigned *ret_count)
{
	const json_t *list = json_object_get(json, name);
	unsigned count = (unsigned)json_array_size(list);
	double *values = talloc_array(ctx, double, count);

	for (unsigned i = 0; i < count; i++)
		values[i] = json_number_value(json_array_get(list, i));
	*ret_count = count;
	return values;
}

static struct histogram *histogram_of(void *ctx, const json_t *json, const char *name)
{
	unsigned bins;
	const double *counts = values_of(ctx, json, name, &bins);
	struct histogram *histogram = histogram_new(ctx, bins);
	struct histogram_thread *thread = histogram->threads;

	for (unsigned bin = 0; bin < bins; bin++) {
		thread->counts[bin] = (uint64_t)counts[bin];
		thread->total += thread->counts[bin];
	}
	thread->overflows = (uint64_t)json_integer_value(json_object_get(json, "beyond"));
	thread->max_us = json_integer_value(json_object_get(json, "largest"));
	return histogram;
}

/* --- the questions ----------------------------------------------------------------------- */

static json_t *ask_quantile(void *ctx, const json_t *json)
{
	const struct histogram *histogram = histogram_of(ctx, json, "bins");
	double q = json_real_value(json_object_get(json, "q"));
	struct interval interval;
	bool told = quantile_interval(histogram, q, &interval);

	return json_pack("{s:I, s:o}", "quantile", (json_int_t)quantile_of(histogram, q),
		"interval", pair(told, &interval));
}

static json_t *ask_correct(void *ctx, const json_t *json)
{
	const struct histogram *run = histogram_of(ctx, json, "bins");
	struct histogram *pool = histogram_new(ctx, run->bins);
	json_t *bins = json_array();

	correct_add(pool, run, json_integer_value(json_object_get(json, "interval")));
	for (unsigned bin = 0; bin < pool->bins; bin++)
		json_array_append_new(bins, json_integer((json_int_t)pool->threads->counts[bin]));
	return json_pack("{s:o, s:I, s:I}", "bins", bins, "total", (json_int_t)pool->threads->total,
		"beyond", (json_int_t)pool->threads->overflows);
}

static json_t *ask_distance(void *ctx, const json_t *json)
{
	return json_real(quantile_distance(
		histogram_of(ctx, json, "bins"), histogram_of(ctx, json, "others")));
}

static json_t *ask_boots(void *ctx, const json_t *json)
{
	unsigned count, times_count;
	const double *values = values_of(ctx, json, "values", &count);
	const double *times = values_of(ctx, json, "times", &times_count);
	struct interval interval;
	bool told = boots_interval(values, count, &interval);

	return json_pack("{s:f, s:o, s:o, s:I, s:o}", "median", boots_median(values, count),
		"deviation", number(boots_deviation(values, count)), "interval",
		pair(told, &interval), "needed",
		(json_int_t)boots_needed(
			values, count, json_real_value(json_object_get(json, "precision"))),
		"drift",
		times_count == count ? number(boots_drift(values, times, count)) : json_null());
}

static json_t *ask_compare(void *ctx, const json_t *json)
{
	unsigned a_count, b_count;
	const double *a = values_of(ctx, json, "a", &a_count);
	const double *b = values_of(ctx, json, "b", &b_count);
	uint64_t seed = (uint64_t)json_integer_value(json_object_get(json, "seed"));
	struct interval interval;
	bool told = compare_difference(a, a_count, b, b_count, seed, &interval);

	return json_pack("{s:o, s:f, s:o}", "difference", pair(told, &interval), "delta",
		compare_delta(a, a_count, b, b_count), "p",
		number(compare_test(a, a_count, b, b_count)));
}

static json_t *ask_holm(void *ctx, const json_t *json)
{
	unsigned count;
	double *p = values_of(ctx, json, "p", &count);
	json_t *corrected = json_array();

	compare_correct(p, count);
	for (unsigned i = 0; i < count; i++)
		json_array_append_new(corrected, json_real(p[i]));
	return corrected;
}

static const struct {
	const char *name;
	json_t *(*answer)(void *ctx, const json_t *json);
} questions[] = {
	{"quantile", ask_quantile},
	{"correct", ask_correct},
	{"distance", ask_distance},
	{"boots", ask_boots},
	{"compare", ask_compare},
	{"holm", ask_holm},
};

static json_t *answer(const json_t *question)
{
	const char *ask = json_string_value(json_object_get(question, "ask"));
	json_t *reply = NULL;
	void *ctx = talloc_new(NULL);

	for (size_t i = 0; ask && i < sizeof(questions) / sizeof(*questions); i++)
		if (strcmp(questions[i].name, ask) == 0)
			reply = questions[i].answer(ctx, question);
	talloc_free(ctx);
	return reply;
}

int main(void)
{
	json_t *asked = json_loadf(stdin, 0, NULL), *replies = json_array(), *question;
	size_t i;

	json_array_foreach(asked, i, question)
	{
		if (json_array_append_new(replies, answer(question)) < 0)
			return 1;
	}
	json_dumpf(replies, stdout, JSON_COMPACT);
	json_decref(replies);
	json_decref(asked);
	return 0;
}
