/* SPDX-License-Identifier: MIT */
/* Runs that were disturbed, from run.json to the report. */
#include "tests/unit/plans.h"
#include "tests/unit/results.h"

#include "report/report.h"
#include "results/disturbance.h"
#include "tables/contrast.h"

#define QUIET                                                                                      \
	"{\"core_throttle_count\": 0, \"core_power_limit_count\": 9}, \"steal_s\": 0.0, "          \
	"\"clocksource\": false"

/* run.json as far as it matters here. */
static json_t *run(const char *hypervisor, const char *throttle_steal_clock)
{
	char *text = talloc_asprintf(NULL,
		"{\"found\": {\"hypervisor\": \"%s\"}, \"environment\": {\"change\": "
		"{\"throttle_count\": %s}}}",
		hypervisor, throttle_steal_clock);
	json_t *json = json_loads(text, 0, NULL);

	assert_non_null(json);
	talloc_free(text);
	return json;
}

static struct disturbance sum_of(const char *hypervisor, const char *change)
{
	struct disturbance sum = {0};
	json_t *json = run(hypervisor, change);

	disturbance_add(&sum, json);
	json_decref(json);
	return sum;
}

static void a_quiet_run_is_not_disturbed(void **state)
{
	struct disturbance sum = sum_of("none", QUIET), other = {0};
	json_t *nothing = json_object();

	(void)state;
	assert_false(disturbance_any(&sum));
	sum = sum_of("none", "null, \"steal_s\": null, \"clocksource\": null");
	assert_false(disturbance_any(&sum));
	disturbance_add(&other, nothing);
	assert_false(disturbance_any(&other));
	json_decref(nothing);
}

static void throttling_steal_and_clock_disturb(void **state)
{
	struct disturbance sum = sum_of("none",
		"{\"core_throttle_count\": 2, \"package_throttle_count\": 3}, \"steal_s\": 0.0");

	(void)state;
	assert_true(disturbance_any(&sum));
	assert_int_equal(sum.throttled_runs, 1);
	assert_int_equal(sum.throttles, 5);
	sum = sum_of("none", "null, \"steal_s\": 0.25");
	assert_true(disturbance_any(&sum));
	assert_true(sum.steal_seconds == 0.25);
	sum = sum_of("none", "null, \"clocksource\": true");
	assert_true(disturbance_any(&sum));
	assert_int_equal(sum.clock_runs, 1);
}

/* There it waits for CPUs like any other domain. */
static void steal_in_dom0_is_part_of_what_is_measured(void **state)
{
	struct disturbance sum = sum_of("xen", "null, \"steal_s\": 0.25");

	(void)state;
	assert_false(disturbance_any(&sum));
	sum = sum_of("xen", "{\"core_throttle_count\": 2}, \"steal_s\": 0.25");
	assert_true(disturbance_any(&sum));
}

/* --- the report -------------------------------------------------------------------------- */

/* Ten wake-ups and none missing. */
static const char whole[] = "# Histogram\n000000 000010\n# Total: 000000010\n"
			    "# Min Latencies: 00000\n# Avg Latencies: 00000\n"
			    "# Max Latencies: 00000\n# Histogram Overflows: 00000\n";

static void make_run(struct scratch *s, const char *id, const char *change)
{
	json_t *json = run("none", change);
	int directory;

	assert_int_equal(result_begin(s->fd, id, &directory, NULL), 0);
	assert_int_equal(file_write(directory, "histogram.txt", whole, strlen(whole), NULL), 0);
	close(directory);
	assert_int_equal(result_finish(s->fd, id, OUTCOME_PASS, "", json, NULL), 0);
	json_decref(json);
}

static struct plan *two_cells(struct scratch *s)
{
	struct plan *plan = make_plan(s, "two",
		"setups = { kvm-rt = {}; kvm-nrt = {}; }; defaults = { repetitions = 2; };"
		"experiments = { rt = { place = \"host\"; interval = \"100ms\"; duration = \"1s\"; "
		"}; };"
		"output = { formats = [ \"svg\" ]; };");

	make_run(s, "kvm-rt.rt.1", QUIET);
	make_run(s, "kvm-rt.rt.2", QUIET);
	make_run(s, "kvm-nrt.rt.1", QUIET);
	return plan;
}

static const char *text_of(struct scratch *s, const char *path)
{
	char *text = NULL;

	assert_int_equal(file_read(s->ctx, s->fd, path, 1 << 20, &text, NULL, NULL), 0);
	return text;
}

static void a_disturbed_cell_is_named_and_marked(void **state)
{
	struct scratch *s = *state;
	struct plan *plan = two_cells(s);

	make_run(s, "kvm-nrt.rt.2",
		"{\"core_throttle_count\": 4}, \"steal_s\": 0.5, \"clocksource\": true");
	assert_int_equal(report_write(plan, s->fd, NULL, NULL), 0);
	const char *text = text_of(s, "report.txt");
	assert_non_null(strstr(text,
		"  cell kvm-nrt-rt: the processor throttled in 1 of 2 runs (its throttle counts rose "
		"by 4); do not rank by this cell\n"
		"  cell kvm-nrt-rt: a hypervisor below the host took 0.50 s in 1 of 2 runs (steal); "
		"do not rank by this cell\n"
		"  cell kvm-nrt-rt: Linux exchanged its clocksource in 1 of 2 runs; do not rank by "
		"this cell\n"));
	assert_null(strstr(text, "cell kvm-rt-rt: "));
	assert_non_null(strstr(
		text, "kvm-nrt-rt, 1 boots; disturbed, see DEVIATIONS: do not rank by it\n"));
	assert_non_null(strstr(text, "not compared: runs were disturbed, see DEVIATIONS"));
	assert_non_null(strstr(text_of(s, "report.html"),
		"<tr class=\"marked\"><th scope=\"row\">kvm-nrt-rt</th>"));
	assert_null(strstr(text_of(s, "report.html"),
		"<tr class=\"marked\"><th scope=\"row\">kvm-rt-rt</th>"));
	assert_non_null(strstr(text_of(s, "figures/figure-kvm.gp"),
		"set label 'the runs of a curve were disturbed (see the report): do not rank'"));
	json_t *json = json_loads(text_of(s, "export/report.json"), 0, NULL);
	const json_t *cells = json_object_get(json, "cells");
	assert_true(json_is_false(json_object_get(json_array_get(cells, 0), "do_not_rank")));
	assert_true(json_is_true(json_object_get(json_array_get(cells, 1), "do_not_rank")));
	json_decref(json);
}

static void nothing_is_said_of_quiet_cells(void **state)
{
	struct scratch *s = *state;
	struct plan *plan = two_cells(s);

	make_run(s, "kvm-nrt.rt.2", QUIET);
	assert_int_equal(report_write(plan, s->fd, NULL, NULL), 0);
	assert_non_null(strstr(text_of(s, "report.txt"), "\nDEVIATIONS\n  none\n"));
	assert_null(strstr(text_of(s, "report.txt"), "not compared: runs"));
	assert_null(strstr(text_of(s, "figures/figure-kvm.gp"), "disturbed"));
}

static void two_campaigns_are_not_ranked_by_it_either(void **state)
{
	struct scratch *s = *state;
	struct plan *plan = two_cells(s);
	const struct contrasted side = {"two", plan, s->fd};

	make_run(s, "kvm-nrt.rt.2", QUIET);
	assert_null(strstr(contrast(s->ctx, &side, &side), "not ranked"));
	assert_int_equal(directory_remove(s->fd, "runs/kvm-nrt.rt.2", NULL), 0);
	make_run(s, "kvm-nrt.rt.2", "{\"core_throttle_count\": 4}");
	assert_non_null(strstr(contrast(s->ctx, &side, &side),
		"not ranked: runs were disturbed, see DEVIATIONS of their report"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_quiet_run_is_not_disturbed),
		cmocka_unit_test(throttling_steal_and_clock_disturb),
		cmocka_unit_test(steal_in_dom0_is_part_of_what_is_measured),
		scratch_test(a_disturbed_cell_is_named_and_marked),
		scratch_test(nothing_is_said_of_quiet_cells),
		scratch_test(two_campaigns_are_not_ranked_by_it_either),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
