/* SPDX-License-Identifier: MIT */
/* The slices of time of a log of samples, and the figure of these. */
#include "tests/unit/logs.h"

#include <errno.h>

#include "report/report.h"

/* --- slices of time ----------------------------------------------------------------------- */

/* 1000 wake-ups of 10 us, then 500 of 3000 us with one of 70001. */
static struct slices *two_slices(struct scratch *s)
{
	char *log = talloc_strdup(s->ctx, "");

	for (unsigned i = 0; i < 1500; i++)
		log = talloc_asprintf_append_buffer(log, "%u\n",
			i < 1000    ? 10
			: i == 1200 ? 70001
				    : 3000);
	return read_log(s, log, 100, 1000)->slices;
}

static void slices_tell_when(void **state)
{
	const struct slices *slices = two_slices(*state);
	const struct slice *slice = slices->list;
	uint64_t sum = 0;

	assert_int_equal(slices->count, 2);
	assert_int_equal(slices->wakeups, 1000);
	assert_int_equal(slice[0].wakeups, 1000);
	assert_int_equal(slice[0].quantiles[0], 10);
	assert_int_equal(slice[0].quantiles[1], 10);
	assert_int_equal(slice[0].quantiles[2], -1); /* it takes 2995 wake-ups */
	assert_int_equal(slice[0].max_us, 10);
	assert_int_equal(slice[0].counts[10], 1000);
	assert_int_equal(slice[1].wakeups, 500);
	assert_int_equal(slice[1].quantiles[0], 3000);
	assert_int_equal(slice[1].max_us, 70001);
	assert_int_equal(slices->edges_us[10], 10);
	assert_true(slices->edges_us[slices->bin_count] > 70001);
	assert_true(slices->edges_us[slices->bin_count - 1] <= 70001);
	assert_int_equal(slice[1].counts[slices->bin_count - 1], 1);
	for (unsigned b = 0; b < slices->bin_count; b++) {
		sum += slice[1].counts[b];
		if (slices->edges_us[b] <= 3000 && slices->edges_us[b + 1] > 3000)
			assert_int_equal(slice[1].counts[b], 499);
	}
	assert_int_equal(sum, 500);
}

/* A longer run than was said, and threads that are not at the same cycle. */
static void the_last_slice_takes_the_rest(void **state)
{
	struct scratch *s = *state;
	char *log = talloc_strdup(s->ctx, "");

	for (unsigned i = 0; i < SLICES * 3 + 30; i++)
		log = talloc_asprintf_append_buffer(log, "0:%u:1\n1:%u:2\n", i, 1000 + i);
	const struct slices *slices = read_log(s, log, 100, 3)->slices;
	assert_int_equal(slices->count, SLICES);
	assert_int_equal(slices->list[0].wakeups, 6);
	assert_int_equal(slices->list[SLICES - 1].wakeups, 66);
}

/* Up to the largest that is read, latencies are known to 0.1 %. */
static void late_latencies_are_known_well_enough(void **state)
{
	for (uint64_t us = 2047; us < SLICES_LATENCY_LIMIT; us = us * 5 / 3) {
		char *log = talloc_asprintf(((struct scratch *)*state)->ctx,
			"%lu\n%lu\n%lu\n%lu\n%lu\n", us, us, us, us, us);
		const struct slice *slice = read_log(*state, log, 100, 10)->slices->list;
		assert_int_equal(slice->max_us, us);
		assert_true(slice->quantiles[0] <= (int64_t)us);
		assert_true((double)slice->quantiles[0] > 0.999 * (double)us);
	}
}

static void slices_are_kept_as_json(void **state)
{
	struct scratch *s = *state;
	const struct slices *slices = two_slices(s);
	json_t *json = slices_to_json(slices), *again;
	struct slices *back;
	struct err err = {""};

	assert_int_equal(slices_from_json(s->ctx, json, &back, &err), 0);
	assert_int_equal(back->count, 2);
	assert_int_equal(back->list[0].quantiles[2], -1);
	assert_int_equal(back->list[1].max_us, 70001);
	again = slices_to_json(back);
	assert_true(json_equal(json, again));
	json_decref(again);
	json_decref(json);
}

static void damaged_json_is_no_slices(void **state)
{
	static const char *const damages[][2] = {
		{"\"wakeups\": 1000, \"edges\"", "\"wakeups\": 0, \"edges\""},
		{"\"edges\": [0, 1, 2", "\"edges\": [0, 2, 2"},
		{"\"edges\": [0, 1, 2", "\"edges\": [0, 1, \"2\""},
		{"\"slices\"", "\"slice\""},
		{"\"largest\": 10,", "\"largest\": null,"},
		{"\"p50\": 10", "\"p50\": -10"},
		{"\"p99\": 10", "\"p98\": 10"},
		{"[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1000]", "[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1]"},
		{"[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1000]", "{}"},
	};
	struct scratch *s = *state;
	json_t *json = slices_to_json(two_slices(s));
	char *text = json_dumps(json, 0);

	json_decref(json);
	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		const char *at = strstr(text, damages[i][0]);
		struct slices *slices = NULL;
		assert_non_null(at);
		char *damaged = talloc_asprintf(s->ctx, "%.*s%s%s", (int)(at - text), text,
			damages[i][1], at + strlen(damages[i][0]));
		json = json_loads(damaged, 0, NULL);
		assert_non_null(json);
		assert_int_equal(slices_from_json(s->ctx, json, &slices, NULL), -EBADMSG);
		assert_null(slices);
		json_decref(json);
	}
	free(text);
}

/* --- the figure --------------------------------------------------------------------------- */

static void keep_slices(struct scratch *s, const char *id, const struct slices *slices)
{
	json_t *json = json_pack("{s:s}", "boot_id", "a");
	int directory;

	assert_int_equal(result_begin(s->fd, id, &directory, NULL), 0);
	assert_int_equal(file_write(directory, "histogram.txt", good, strlen(good), NULL), 0);
	assert_int_equal(result_write_slices(directory, slices, NULL), 0);
	close(directory);
	assert_int_equal(result_finish(s->fd, id, OUTCOME_PASS, "", json, NULL), 0);
	json_decref(json);
}

static char *text_of(struct scratch *s, const char *path)
{
	char *text = NULL;

	assert_int_equal(file_read(s->ctx, s->fd, path, 1 << 24, &text, NULL, NULL), 0);
	return text;
}

/* Two runs, one after the other; slices of 1000 wake-ups every 100 ms last 100 s. */
static void time_has_a_figure(void **state)
{
	struct scratch *s = *state;
	const struct slices *slices = two_slices(s);
	struct plan *plan = make_imported(s);
	const struct imported_cell more = {"their-setup", "theirs",
		{.interval_us = 100000, .duration_s = 1, .threads = 2, .histogram_us = 3}};

	assert_int_equal(imported_add(plan, &more, 2, NULL), 0);
	keep_slices(s, "their-setup.theirs.2", slices);
	keep_slices(s, "their-setup.theirs.3", slices);
	assert_int_equal(report_write(plan, s->fd, NULL, NULL), 0);
	assert_memory_equal(text_of(s, "figures/figure-imported-time.svg"), "<?xml", 5);
	const char *data = text_of(s, "figures/time-their-setup-theirs.txt");
	assert_non_null(strstr(data, "\n50 1000 10 10 nan 10\n150 500 3000 3000 nan 70001\n\n"
				     "250 1000 10 10 nan 10\n350 500 3000 3000 nan 70001\n\n"
				     "\n# the ends of runs: time_s\n200\n400\n"));
	/* 10 us is the pixel just above 10^1. */
	assert_non_null(strstr(data, "\n50 0.97917 nan\n50 1.02083 1000\n50 1.06250 nan\n"));
	const char *script = text_of(s, "figures/figure-imported-time.gp");
	assert_non_null(strstr(script, "set xrange [0:400]\n"));
	assert_non_null(strstr(script, "set cbrange [1:1000]\n"));
	assert_non_null(strstr(script, "['time-their-setup-theirs.txt']"));
	const char *page = text_of(s, "report.html");
	assert_non_null(strstr(page, "Imported results: over time</title>"));
	assert_non_null(strstr(page, "4 slices of time, each with a p99.9 that so few wake-ups "
				     "cannot tell; the largest latency, 70001 us, came about "
				     "150 s after the beginning"));
	assert_non_null(strstr(page, "data:image/png;base64,"));
}

/* Histograms of two threads in three bins: the 13 wake-ups of each run in one column. */
static void runs_are_slices_where_there_is_no_log(void **state)
{
	struct scratch *s = *state;
	struct plan *plan = make_imported(s);
	const struct imported_cell more = {"their-setup", "theirs",
		{.interval_us = 100000, .duration_s = 1, .threads = 2, .histogram_us = 3}};

	assert_int_equal(imported_add(plan, &more, 1, NULL), 0);
	make_result(s, "their-setup.theirs.2", good, OUTCOME_PASS, "");
	assert_int_equal(report_write(plan, s->fd, NULL, NULL), 0);
	const char *data = text_of(s, "figures/time-their-setup-theirs.txt");
	assert_non_null(strstr(data, "\n0.5 13 1 nan nan 9\n\n1.5 13 1 nan nan 9\n"));
	/* 1 us: 7 wake-ups; 3 us, the histogram's end: one that was later, and 9 us: the latest. */
	assert_non_null(strstr(data, "\n0.5 0.02083 7\n"));
	assert_non_null(strstr(data, "\n1.5 0.47917 1\n"));
	assert_non_null(strstr(data, "\n1.5 0.97917 1\n"));
}

static void a_histogram_has_no_figure_of_time(void **state)
{
	struct scratch *s = *state;

	assert_int_equal(report_write(make_imported(s), s->fd, NULL, NULL), 0);
	assert_true(file_exists(s->fd, "figures/figure-imported-boots.gp"));
	assert_false(file_exists(s->fd, "figures/figure-imported-time.gp"));
	assert_null(strstr(text_of(s, "report.html"), "over time"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(slices_tell_when),
		scratch_test(the_last_slice_takes_the_rest),
		scratch_test(late_latencies_are_known_well_enough),
		scratch_test(slices_are_kept_as_json),
		scratch_test(damaged_json_is_no_slices),
		scratch_test(time_has_a_figure),
		scratch_test(runs_are_slices_where_there_is_no_log),
		scratch_test(a_histogram_has_no_figure_of_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
