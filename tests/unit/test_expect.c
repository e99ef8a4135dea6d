/* SPDX-License-Identifier: MIT */
/* What a campaign expects of its runs, from its file to the report. */
#include "tests/unit/plans.h"

#include "base/spawn.h"
#include "evidence/binaries.h"
#include "report/report.h"
#include "results/judge.h"
#include "statemachine/measure.h"

static const char campaign[] =
	"setups = { kvm-rt = { }; kvm-nrt = { }; };"
	"experiments = { one = { place = \"host\"; interval = \"1ms\"; duration = \"1s\"; "
	"  histogram = \"100us\"; }; other = { place = \"host\"; }; };"
	"expect = { strict = { setups = [ \"kvm-rt\" ]; experiments = [ \"one\" ];"
	"  p50 = \"10us\"; p99 = \"40us\"; p99_99 = \"50us\"; max = \"90us\"; };"
	" all = { max = \"1s\"; }; };"
	"output = { formats = [ \"svg\" ]; };";

static struct plan *read_plan(struct scratch *s)
{
	return make_plan(s, "test", campaign);
}

/* cyclictest's histogram of 100 bins of one thread: `fast` wake-ups at 5 us, `late` at 60 us,
 * `beyond` the last bin, the largest as given. */
static char *histogram_text(void *ctx, unsigned fast, unsigned late, unsigned beyond, unsigned max)
{
	char *text = talloc_strdup(ctx, "# Histogram\n");

	for (unsigned bin = 0; bin < 100; bin++)
		text = talloc_asprintf_append(text, "%06u %06u\n", bin,
			bin == 5    ? fast
			: bin == 60 ? late
				    : 0);
	return talloc_asprintf_append(text,
		"# Total: %09u\n# Min Latencies: 00005\n# Avg Latencies: 00005\n"
		"# Max Latencies: %05u\n# Histogram Overflows: %05u\n",
		fast + late, max, beyond);
}

static struct judgement *judge(
	struct scratch *s, const struct plan *plan, unsigned run, const char *text)
{
	struct histogram *histogram;

	assert_int_equal(histogram_parse(s->ctx, text, strlen(text), &histogram, NULL), 0);
	return judge_run(s->ctx, plan, &plan->runs[run], histogram);
}

static const char *verdict(const struct judgement *judgement, unsigned i)
{
	return json_string_value(json_object_get(json_array_get(judgement->json, i), "verdict"));
}

static void a_campaign_says_what_it_expects(void **state)
{
	const struct plan *plan = read_plan(*state);
	const struct threshold *strict = &plan->thresholds[0], *all = &plan->thresholds[1];

	assert_int_equal(plan->threshold_count, 2);
	assert_string_equal(strict->name, "strict");
	assert_int_equal(strict->at_most_us[THRESHOLD_P50], 10);
	assert_int_equal(strict->at_most_us[THRESHOLD_P99_9], 0);
	assert_int_equal(strict->at_most_us[THRESHOLD_P99_99], 50);
	assert_int_equal(strict->at_most_us[THRESHOLD_MAX], 90);
	assert_true(threshold_is_about(strict, &plan->setups[0], &plan->experiments[0]));
	assert_false(threshold_is_about(strict, &plan->setups[1], &plan->experiments[0]));
	assert_false(threshold_is_about(strict, &plan->setups[0], &plan->experiments[1]));
	assert_true(threshold_is_about(all, &plan->setups[1], &plan->experiments[1]));
}

static void what_is_kept_passes(void **state)
{
	struct scratch *s = *state;
	struct judgement *judgement =
		judge(s, read_plan(s), 0, histogram_text(s->ctx, 995, 5, 0, 60));

	assert_int_equal(judgement->outcome, OUTCOME_PASS);
	assert_string_equal(judgement->reason, "");
	assert_int_equal(json_array_size(judgement->json), 5);
	assert_string_equal(verdict(judgement, 0), "kept");
	assert_string_equal(verdict(judgement, 1), "kept");
	assert_string_equal(verdict(judgement, 3), "kept");
	/* 1000 wake-ups tell no p99.99. */
	assert_string_equal(verdict(judgement, 2), "not judged");
	const json_t *quantile = json_array_get(judgement->json, 2);
	assert_string_equal(json_string_value(json_object_get(quantile, "of")), "p99.99");
	assert_string_equal(json_string_value(json_object_get(quantile, "why")),
		"1000 wake-ups are too few, it takes 29956");
	assert_true(json_is_null(json_object_get(quantile, "seen_us")));
}

static void what_is_exceeded_is_named_with_what_was_seen(void **state)
{
	struct scratch *s = *state;
	struct judgement *judgement =
		judge(s, read_plan(s), 0, histogram_text(s->ctx, 980, 20, 0, 91));

	assert_int_equal(judgement->outcome, OUTCOME_FAIL);
	assert_string_equal(judgement->reason,
		"threshold strict: p99 is 60us, expected was at most 40us; "
		"threshold strict: max is 91us, expected was at most 90us");
	assert_string_equal(verdict(judgement, 0), "kept");
	assert_string_equal(verdict(judgement, 1), "exceeded");
}

/* At most means at most. */
static void the_threshold_itself_is_kept(void **state)
{
	struct scratch *s = *state;
	struct plan *plan = read_plan(s);
	char *text = histogram_text(s->ctx, 980, 20, 0, 90);

	plan->thresholds[0].at_most_us[THRESHOLD_P99] = 60;
	assert_int_equal(judge(s, plan, 0, text)->outcome, OUTCOME_PASS);
	plan->thresholds[0].at_most_us[THRESHOLD_P99] = 59;
	assert_int_equal(judge(s, plan, 0, text)->outcome, OUTCOME_FAIL);
}

/* Also where a measuring script of one's own made it narrower than was asked. */
static void what_lies_beyond_the_histogram_exceeds(void **state)
{
	struct scratch *s = *state;
	struct plan *plan = read_plan(s);

	plan->thresholds[0].at_most_us[THRESHOLD_P99] = 500;
	plan->thresholds[0].at_most_us[THRESHOLD_MAX] = 0;
	struct judgement *judgement = judge(s, plan, 0, histogram_text(s->ctx, 980, 0, 20, 5000));
	assert_int_equal(judgement->outcome, OUTCOME_FAIL);
	assert_string_equal(judgement->reason,
		"threshold strict: p99 is 100us or later, expected was at most 500us");
}

/* Wake-ups that late ones swallowed: what was seen is too early, the largest is not. */
static void missing_wakeups_keep_no_quantile(void **state)
{
	struct scratch *s = *state;
	struct plan *plan = read_plan(s);
	struct judgement *judgement = judge(s, plan, 0, histogram_text(s->ctx, 998, 0, 0, 60));

	assert_int_equal(judgement->outcome, OUTCOME_PASS);
	assert_string_equal(verdict(judgement, 1), "not judged");
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(judgement->json, 1), "why")),
		"0.20 % of the wake-ups are missing and may have been later");
	assert_string_equal(verdict(judgement, 3), "kept");
	judgement = judge(s, plan, 0, histogram_text(s->ctx, 970, 20, 0, 60));
	assert_string_equal(verdict(judgement, 1), "exceeded");
}

/* Of all its threads: one may miss what the last one has. */
static void missing_wakeups_of_each_thread_count(void **state)
{
	struct scratch *s = *state;
	struct plan *plan = read_plan(s);

	plan->thresholds[0].at_most_us[THRESHOLD_P99] = 5;
	const struct judgement *judgement = judge(s, plan, 0,
		"# Histogram\n000000 000900\t001000\n# Total: 000000900 000001000\n"
		"# Min Latencies: 00000 00000\n# Avg Latencies: 00005 00005\n"
		"# Max Latencies: 00000 00000\n# Histogram Overflows: 00000 00000\n");
	assert_string_equal(verdict(judgement, 1), "not judged");
}

static void others_are_not_judged_by_it(void **state)
{
	struct scratch *s = *state;
	const struct plan *plan = read_plan(s);
	struct judgement *judgement =
		judge(s, plan, plan->run_count - 1, histogram_text(s->ctx, 0, 1000, 0, 999));

	assert_string_equal(plan->runs[plan->run_count - 1].id, "kvm-nrt.other.1");
	assert_int_equal(judgement->outcome, OUTCOME_PASS);
	assert_int_equal(json_array_size(judgement->json), 1);
}

/* --- a run ------------------------------------------------------------------------------- */

static const char *played; /* what cyclictest prints */

int __wrap_spawn_run(
	const struct spawn_options *options, struct spawn_result *ret, struct err *err);
int __wrap_spawn_run(const struct spawn_options *options, struct spawn_result *ret, struct err *err)
{
	(void)err;
	assert_string_equal(options->argv[0], "cyclictest");
	dprintf(options->output_fd, "%s", played);
	*ret = (struct spawn_result){SPAWN_EXITED, 0};
	return 0;
}

static void resolve(struct plan *plan)
{
	for (unsigned i = 0; i < plan->setup_count; i++) {
		plan->setups[i].kernel.release = talloc_strdup(plan, "6.1");
		plan->setups[i].base_cmdline = talloc_strdup(plan, "ro");
	}
}

/* Measures the first run on a machine that is a directory; its result, or NULL. */
static struct result *measure(struct scratch *s, struct plan *plan, const char *prints)
{
	struct step_plan *step_plan = record_step_plan(s->ctx, plan);
	struct record *record = talloc_zero(s->ctx, struct record);
	struct opened opened = {.root = s->path,
		.name = "test",
		.root_fd = s->fd,
		.campaign = s->fd,
		.plan = plan,
		.record = record};
	struct digests *digests = digests_new(s->ctx);
	struct runner runner = {.opened = &opened,
		.step_plan = step_plan,
		.digests = digests,
		.binaries = binaries_new(s->ctx, digests),
		.cancel_fd = -1,
		.quiet = true};
	struct result *result = NULL;
	struct err err = {""};

	scratch_file(s, "proc/sys/kernel/osrelease", "6.1\n");
	scratch_file(s, "proc/cmdline", "ro\n");
	scratch_file(s, "proc/sys/kernel/random/boot_id", "b\n");
	scratch_file(s, "sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
	assert_int_equal(identity_found(s->ctx, s->fd, &runner.found, &err), 0);
	record->state.run_attempts = talloc_zero_array(record, unsigned, plan->run_count);
	record->state.run_attempts[0] = 1;
	played = prints;
	assert_int_equal(measure_run(&runner, &plan->runs[0], &err), 0);
	result_load(s->ctx, s->fd, plan->runs[0].id, &result, NULL);
	return result;
}

static void a_run_that_exceeds_is_a_result_and_stays(void **state)
{
	struct scratch *s = *state;
	struct plan *plan = read_plan(s);
	struct err err = {""};
	char *text;

	resolve(plan);
	const struct result *result = measure(s, plan, histogram_text(s->ctx, 980, 20, 0, 60));
	assert_non_null(result);
	assert_int_equal(result->outcome, OUTCOME_FAIL);
	assert_string_equal(
		result->reason, "threshold strict: p99 is 60us, expected was at most 40us");
	assert_non_null(result->histogram);
	assert_true(result_is_done(s->fd, plan->runs[0].id, &err));
	assert_int_equal(file_read(s->ctx, s->fd, "log", 1 << 16, &text, NULL, NULL), 0);
	assert_non_null(strstr(text, "run kvm-rt.one.1 ends as FAIL: threshold strict: p99"));
}

static void a_run_that_keeps_them_passes(void **state)
{
	struct scratch *s = *state;
	struct plan *plan = read_plan(s);

	resolve(plan);
	const struct result *result = measure(s, plan, histogram_text(s->ctx, 1000, 0, 0, 5));
	assert_non_null(result);
	assert_int_equal(result->outcome, OUTCOME_PASS);
}

/* It would stand as a result that nobody can read. */
static void a_torn_histogram_is_no_result(void **state)
{
	struct scratch *s = *state;
	struct plan *plan = read_plan(s);
	char *reason, *text = histogram_text(s->ctx, 1000, 0, 0, 5);

	resolve(plan);
	*strstr(text, "# Max") = '\0';
	assert_null(measure(s, plan, text));
	assert_int_equal(
		file_read_line(s->ctx, s->fd, "attempts/kvm-rt.one.1.1/reason.txt", &reason, NULL),
		0);
	assert_non_null(strstr(reason, "\"# Max Latencies:\" is missing"));
}

/* --- the report -------------------------------------------------------------------------- */

static struct plan *report_a_late_run(struct scratch *s)
{
	struct plan *plan = read_plan(s);

	resolve(plan);
	plan->figure_count = 0; /* gnuplot is not here */
	measure(s, plan, histogram_text(s->ctx, 980, 0, 20, 6000));
	assert_int_equal(report_write(plan, s->fd, NULL, NULL), 0);
	return plan;
}

static const char *text_of(struct scratch *s, const char *path)
{
	char *text = NULL;

	assert_int_equal(file_read(s->ctx, s->fd, path, 1 << 20, &text, NULL, NULL), 0);
	return text;
}

static void the_report_names_them_all(void **state)
{
	struct scratch *s = *state;

	report_a_late_run(s);
	const char *text = text_of(s, "report.txt");
	assert_non_null(strstr(text, "4 runs: 1 FAIL 3 not measured"));
	assert_non_null(strstr(text, "run kvm-rt.one.1: FAIL, threshold strict: p99 is 100us or "
				     "later, expected was at most 40us; threshold strict: max is "
				     "6000us, expected was at most 90us"));
	assert_non_null(strstr(text, "  1 thresholds were not judged, see EXPECTATIONS\n"));
	assert_non_null(strstr(text,
		"  kvm-rt.one.1                 strict           p99            40    >=100  "
		"exceeded  !\n"));
	assert_non_null(strstr(text,
		"  kvm-rt.one.1                 strict           p99.99         50        -  "
		"not judged: 1000 wake-ups are too few, it takes 29956\n"));
	/* It counts in the distribution like any other. */
	assert_true(file_exists(s->fd, "cdf/cdf-kvm-rt-one.txt"));
}

static void the_page_the_paper_and_programs_have_them(void **state)
{
	struct scratch *s = *state;
	const struct plan *plan = report_a_late_run(s);
	const char *page = text_of(s, "report.html");

	assert_non_null(strstr(page, "<a href=\"#expectations\">Expectations in µs</a>"));
	assert_non_null(strstr(page,
		"<tr class=\"marked\"><th scope=\"row\">kvm-rt.one.1</th>"
		"<td class=\"words\">strict</td><td class=\"words\">p99</td><td class=\"number\">40"
		"</td><td class=\"number\">&gt;=100</td><td class=\"words\">exceeded <strong>!"));
	assert_non_null(strstr(page, "<li>1 thresholds were not judged, see EXPECTATIONS</li>"));
	const char *latex = report_latex(s->ctx, plan, s->fd);
	assert_non_null(strstr(latex, "\\label{tab:expectations}"));
	assert_non_null(strstr(latex, "kvm-rt.one.1 & strict & p99 & 40 & $\\ge$100 & exceeded~!"));
	assert_non_null(strstr(text_of(s, "export/junit.xml"),
		"<failure message=\"FAIL: threshold strict: p99 is 100us or later"));
	json_t *json = json_loads(text_of(s, "export/report.json"), 0, NULL);
	const json_t *list = json_object_get(json, "expectations");
	assert_int_equal(json_array_size(list), 5);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(list, 1), "run")), "kvm-rt.one.1");
	assert_true(json_is_true(json_object_get(json_array_get(list, 1), "beyond")));
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(json, "outcomes"), "FAIL")), 1);
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(a_campaign_says_what_it_expects),
		scratch_test(what_is_kept_passes),
		scratch_test(what_is_exceeded_is_named_with_what_was_seen),
		scratch_test(the_threshold_itself_is_kept),
		scratch_test(what_lies_beyond_the_histogram_exceeds),
		scratch_test(missing_wakeups_keep_no_quantile),
		scratch_test(missing_wakeups_of_each_thread_count),
		scratch_test(others_are_not_judged_by_it),
		scratch_test(a_run_that_exceeds_is_a_result_and_stays),
		scratch_test(a_run_that_keeps_them_passes),
		scratch_test(a_torn_histogram_is_no_result),
		scratch_test(the_report_names_them_all),
		scratch_test(the_page_the_paper_and_programs_have_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
