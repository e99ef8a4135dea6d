/* SPDX-License-Identifier: MIT */
/*
 * Known answers; tests/statistics compares with another implementation and simulates coverage.
 */
#include "tests/unit/plans.h"

#include <math.h>

#include "report/report.h"
#include "results/result.h"
#include "statistics/statistics.h"

#define assert_near(a, b) assert_true(fabs((a) - (b)) < 1e-9)

static struct histogram *pool_of(void *ctx, const uint64_t *counts, unsigned bins, uint64_t beyond)
{
	struct histogram *pool = histogram_new(ctx, bins);

	for (unsigned bin = 0; bin < bins; bin++) {
		pool->threads->counts[bin] = counts[bin];
		pool->threads->total += counts[bin];
	}
	pool->threads->overflows = beyond;
	return pool;
}

static void quantiles_need_wakeups(void **state)
{
	struct scratch *s = *state;
	const uint64_t counts[] = {1, 7, 4};
	struct histogram *pool = pool_of(s->ctx, counts, 3, 2);
	struct interval interval;

	assert_int_equal(quantile_of(pool, 0.5), 1);
	assert_int_equal(quantile_of(pool, 0.8), 2);  /* 14 are just enough */
	assert_int_equal(quantile_of(pool, 0.9), -1); /* needs 29 */
	/* P(X <= 2) < 2.5 % <= P(X <= 3) for X binomial with 14 and 1/2: ranks 3 and 12. */
	assert_true(quantile_interval(pool, 0.5, &interval));
	assert_near(interval.low, 1);
	assert_near(interval.high, 2);
	assert_false(quantile_interval(pool, 0.8, &interval));
}

static void a_quantile_may_lie_beyond_the_histogram(void **state)
{
	struct scratch *s = *state;
	const uint64_t counts[] = {4, 0};
	struct histogram *pool = pool_of(s->ctx, counts, 2, 6);

	assert_int_equal(quantile_of(pool, 0.4), 0);
	assert_int_equal(quantile_of(pool, 0.5), 2);
}

/* 7 us late at an interval of 2: 5 and 3 were swallowed, and 1, which is less than an interval and
 * therefore not put back. */
static void swallowed_wakeups_are_put_back(void **state)
{
	struct scratch *s = *state;
	const uint64_t counts[] = {0, 1, 0, 0, 0, 0, 0, 10};
	const uint64_t expected[] = {0, 1, 0, 10, 0, 10, 0, 10};
	struct histogram *pool = histogram_new(s->ctx, 8);

	correct_add(pool, pool_of(s->ctx, counts, 8, 0), 2);
	assert_memory_equal(pool->threads->counts, expected, sizeof(expected));
	assert_int_equal(pool->threads->total, 31);
}

static void a_median_boot_has_an_interval_from_six_on(void **state)
{
	const double values[] = {6, 1, 3, 2, 5, 4};
	struct interval interval;

	(void)state;
	assert_near(boots_median(values, 6), 3.5);
	assert_false(boots_interval(values, 5, &interval));
	assert_true(boots_interval(values, 6, &interval));
	/* Between 1 and 2, as far as 96.9 % and 78.1 % tell: weight 5 I / (1 + 4 I), I = 1/10. */
	assert_near(interval.low, 1 + 5 * 0.1 / 1.4);
	assert_near(interval.high, 6 - 5 * 0.1 / 1.4);
	/* Reaches 2.14 to each side where 0.35 is wished: 37.6 times as many. */
	assert_int_equal(boots_needed(values, 6, 0.1), 225 - 6);
	assert_int_equal(boots_needed(values, 5, 0.1), -1);
	assert_int_equal(boots_needed(values, 6, 1), 0);
}

static void setups_are_compared_by_boots(void **state)
{
	const double a[] = {1, 2, 3, 4}, b[] = {5, 6, 7, 8}, same[] = {1, 1, 1, 1};
	double p[] = {0.01, NAN, 0.04, 0.03};

	(void)state;
	assert_near(compare_delta(a, 4, b, 4), 1);
	assert_near(compare_delta(b, 4, a, 4), -1);
	assert_near(compare_test(a, 4, b, 4), 2.0 / 70);
	assert_near(compare_test(same, 4, same, 4), 1);
	assert_true(isnan(compare_test(a, 3, b, 4)));
	compare_correct(p, 4);
	assert_near(p[0], 0.03);
	assert_near(p[2], 0.06);
	assert_near(p[3], 0.06);
	assert_true(isnan(p[1]));
}

/* --- the report -------------------------------------------------------------------------- */

/* A run of 1000 wake-ups at `latency` us, in a boot of its own. */
static void measure(struct scratch *s, const struct run *run, unsigned latency, unsigned got)
{
	char *text = talloc_strdup(s->ctx, "# Histogram\n");
	json_t *json =
		json_pack("{s:s, s:i}", "boot_id", run->id, "began", (int)run->repetition * 1000);
	int directory;

	for (unsigned bin = 0; bin < 1000; bin++)
		text = talloc_asprintf_append(text, "%06u %06u\n", bin, bin == latency ? got : 0);
	text = talloc_asprintf_append(text,
		"# Total: %u\n# Min Latencies: %u\n# Avg Latencies: %u\n# Max Latencies: %u\n"
		"# Histogram Overflows: 0\n",
		got, latency, latency, latency);
	assert_int_equal(result_begin(s->fd, run->id, &directory, NULL), 0);
	assert_int_equal(file_write(directory, "histogram.txt", text, strlen(text), NULL), 0);
	close(directory);
	assert_int_equal(result_finish(s->fd, run->id, OUTCOME_PASS, "", json, NULL), 0);
	json_decref(json);
}

/* Six boots of each: one setup is late by 10 to 15 us, the second by 40 us more, the third by 80,
 * and in these two as many wake-ups as are said come of 1000. */
static char *report_of_six_boots(struct scratch *s, unsigned got)
{
	char *text;
	const struct plan *plan = make_plan(s, "six",
		"blocks = 6; setups = { kvm-rt = {}; xen-rt = {}; xen-nrt = {}; };"
		"experiments = { rt = { duration = \"1s\"; }; }; output = { formats = [ \"svg\" ]; };");
	for (unsigned i = 0; i < plan->run_count; i++)
		measure(s, &plan->runs[i], 9 + plan->runs[i].repetition + 40 * plan->runs[i].setup,
			plan->runs[i].setup ? got : 1000);
	assert_int_equal(report_write(plan, s->fd, NULL, NULL), 0);
	assert_int_equal(file_read(s->ctx, s->fd, "report.txt", 1 << 20, &text, NULL, NULL), 0);
	return text;
}

static void the_report_tells_how_sure_one_can_be(void **state)
{
	struct scratch *s = *state;
	const char *text = report_of_six_boots(s, 1000);

	assert_non_null(strstr(text, "kvm-rt-rt, 6 boots\n"));
	assert_non_null(strstr(text,
		"p50             12        12      12.5  [10.36, 14.64]         1.87        -"));
	assert_non_null(strstr(text, "p99.9           15        15         -  -"));
	assert_non_null(strstr(text, "p50 with time: rank correlation 1.00"));
	assert_non_null(strstr(text, "rt: xen-rt - kvm-rt"));
	assert_non_null(strstr(text, "+40 ["));
	/* 2 of 924 ways, three such tests; p99.9 has too few wake-ups to be one. */
	assert_non_null(strstr(text, "delta +1.00  p 0.0065   distance 1.000"));
	assert_non_null(strstr(text, "p99.9  not compared: a boot has too few wake-ups"));
	assert_non_null(strstr(text, "DEVIATIONS\n  none"));
	assert_false(file_exists(s->fd, "cdf/cdf-xen-rt-rt-corrected.txt"));
}

static void nothing_is_ranked_where_wakeups_are_missing(void **state)
{
	struct scratch *s = *state;
	const char *text = report_of_six_boots(s, 998);

	assert_non_null(strstr(text, "xen-rt-rt: 12 of 6000 wake-ups are missing (0.20 %)"));
	assert_non_null(strstr(text, "p50    not compared: wake-ups are missing"));
	assert_null(strstr(text, "delta +"));
	assert_true(file_exists(s->fd, "cdf/cdf-xen-rt-rt-corrected.txt"));
	assert_false(file_exists(s->fd, "cdf/cdf-kvm-rt-rt-corrected.txt"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(quantiles_need_wakeups),
		scratch_test(a_quantile_may_lie_beyond_the_histogram),
		scratch_test(swallowed_wakeups_are_put_back),
		cmocka_unit_test(a_median_boot_has_an_interval_from_six_on),
		cmocka_unit_test(setups_are_compared_by_boots),
		scratch_test(the_report_tells_how_sure_one_can_be),
		scratch_test(nothing_is_ranked_where_wakeups_are_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
