/* SPDX-License-Identifier: MIT */
#include "tests/unit/plans.h"
#include "tests/unit/results.h"

#include <jansson.h>

#include "base/spawn.h"
#include "report/report.h"

static struct plan *five_runs(struct scratch *s)
{
	return make_plan(s, "five",
		"blocks = 5; setups = { kvm-rt = {}; };"
		"experiments = { rt = { interval = \"100ms\"; duration = \"1s\"; }; };"
		"output = { formats = [ \"svg\" ]; };");
}

/* One of each kind. */
static void report_all(struct scratch *s)
{
	make_result(s, "kvm-rt.rt.1", good, OUTCOME_PASS, "");
	make_result(s, "kvm-rt.rt.2", good, OUTCOME_FAIL, "too late");
	make_result(s, "kvm-rt.rt.3", NULL, OUTCOME_ERROR, "it said \"<oops>\", twice");
	make_result(s, "kvm-rt.rt.4", NULL, OUTCOME_MISS, "it never came up");
	scratch_file(s, "log", "2026-11-23T01:02:03Z info: campaign five is started\n");
	scratch_file(s, "campaign.cfg", "experiments = { };\n");
	assert_int_equal(report_write(five_runs(s), s->fd, NULL, NULL), 0);
}

static char *text_of(struct scratch *s, const char *path)
{
	char *text = NULL;

	assert_int_equal(file_read(s->ctx, s->fd, path, 1 << 24, &text, NULL, NULL), 0);
	return text;
}

static json_t *json_of(struct scratch *s, const char *path)
{
	json_t *json = json_loads(text_of(s, path), JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(json);
	return json;
}

static void expect(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("%s\nhas no\n%s", text, what);
}

static void a_line_of_csv_is_a_run(void **state)
{
	struct scratch *s = *state;

	report_all(s);
	const char *csv = text_of(s, "export/results.csv");
	assert_int_equal(strncmp(csv, "run,setup,experiment,place,visit,block,", 39), 0);
	/* 20 expected of two threads, 13 got; 8 in thread 0; two beyond 3 us, the largest 9. */
	expect(csv, "\nkvm-rt.rt.1,kvm-rt,rt,kvm,1,1,1,PASS,,,,,cyclictest,100000,1,99,1,20,13,7,2,"
		    "0,0,9,1,,,,,\n");
	expect(csv, "\nkvm-rt.rt.2,kvm-rt,rt,kvm,2,2,2,FAIL,too late,,");
	expect(csv,
		",ERROR,\"it said \"\"<oops>\"\", twice\",,,,cyclictest,100000,1,99,1,,,,,,,,,,,,"
		",\n");
	expect(csv, "\nkvm-rt.rt.5,kvm-rt,rt,kvm,5,5,5,,not measured,");
}

static void a_quantile_beyond_the_histogram_is_inf_in_csv(void **state)
{
	struct scratch *s = *state;

	/* 10 at 0 us, 30 beyond: p50 and p90 are. */
	make_result(s, "kvm-rt.rt.1",
		"# Histogram\n000000 000010\n# Total: 000000010\n# Min Latencies: 00000\n"
		"# Avg Latencies: 00005\n# Max Latencies: 00009\n# Histogram Overflows: 00030\n",
		OUTCOME_PASS, "");
	assert_int_equal(report_write(five_runs(s), s->fd, NULL, NULL), 0);
	expect(text_of(s, "export/results.csv"), ",10,40,0,30,0,5,9,inf,inf,,,,\n");
	expect(text_of(s, "export/openmetrics.txt"), "quantile=\"0.5\"} +Inf\n");
}

static void json_has_cells_and_boots(void **state)
{
	struct scratch *s = *state;

	report_all(s);
	json_t *json = json_of(s, "export/report.json");
	const json_t *outcomes = json_object_get(json, "outcomes");
	const json_t *cell = json_array_get(json_object_get(json, "cells"), 0);
	const json_t *p50 = json_array_get(json_object_get(cell, "quantiles"), 0);
	assert_int_equal(json_integer_value(json_object_get(outcomes, "PASS")), 1);
	assert_int_equal(json_integer_value(json_object_get(outcomes, "not measured")), 1);
	assert_string_equal(json_string_value(json_object_get(cell, "name")), "kvm-rt-rt");
	assert_int_equal(json_integer_value(json_object_get(cell, "wakeups")), 26);
	assert_int_equal(json_integer_value(json_object_get(cell, "largest")), 9);
	assert_true(json_is_true(json_object_get(cell, "do_not_rank")));
	assert_int_equal(json_array_size(json_object_get(cell, "boots")), 2);
	const json_t *pooled = json_object_get(p50, "pooled");
	assert_int_equal(json_integer_value(json_object_get(pooled, "us")), 1);
	assert_true(json_is_false(json_object_get(pooled, "beyond")));
	assert_true(json_real_value(json_object_get(p50, "median")) == 1.0);
	assert_true(json_is_null(json_object_get(p50, "interval")));
	assert_int_equal(json_array_size(json_object_get(json, "deviations")), 5);
	json_decref(json);
}

static void what_is_not_known_of_imported_runs_is_left_out(void **state)
{
	struct scratch *s = *state;

	assert_int_equal(report_write(make_imported(s), s->fd, NULL, NULL), 0);
	/* Neither place nor priority. */
	expect(text_of(s, "export/results.csv"), "\ntheir-setup.theirs.1,their-setup,theirs,,1,1,1,"
						 "PASS,,,,,cyclictest,100000,1,,2,20,13,7,2,");
	json_t *json = json_of(s, "export/report.json");
	assert_true(json_is_true(json_object_get(json, "imported")));
	const json_t *cell = json_array_get(json_object_get(json, "cells"), 0);
	assert_true(json_is_null(json_object_get(cell, "place")));
	json_decref(json);
	expect(text_of(s, "ro-crate-metadata.json"), "measured by others");
}

static void a_test_case_is_a_run(void **state)
{
	struct scratch *s = *state;

	report_all(s);
	const char *xml = text_of(s, "export/junit.xml");
	expect(xml,
		"<testsuite name=\"five\" tests=\"5\" failures=\"1\" errors=\"1\" skipped=\"2\"");
	expect(xml, "<testcase classname=\"five.kvm-rt.rt\" name=\"kvm-rt.rt.1\" time=\"0\">"
		    "</testcase>");
	expect(xml, "name=\"kvm-rt.rt.2\" time=\"0\"><failure message=\"FAIL: too late\">");
	expect(xml, "<error message=\"ERROR: it said &quot;&lt;oops&gt;&quot;, twice\">");
	expect(xml, "<skipped message=\"MISS: it never came up\">");
	expect(xml, "<skipped message=\"not measured\">");
}

static void metrics_are_openmetrics(void **state)
{
	struct scratch *s = *state;

	report_all(s);
	const char *text = text_of(s, "export/openmetrics.txt");
	const char *of = "{campaign=\"five\",setup=\"kvm-rt\",experiment=\"rt\"";
	expect(text, "latcampaign_runs{campaign=\"five\",outcome=\"MISS\"} 1\n");
	/* Of each run 1 at 0, 7 at 1, 3 at 2, 2 beyond. */
	expect(text, talloc_asprintf(s->ctx, "_bucket%s,le=\"1e-06\"} 2\n", of));
	expect(text, talloc_asprintf(s->ctx, "_bucket%s,le=\"2e-06\"} 16\n", of));
	expect(text, talloc_asprintf(s->ctx, "_bucket%s,le=\"+Inf\"} 26\n", of));
	expect(text, talloc_asprintf(s->ctx, "latcampaign_largest_seconds%s} 9e-06\n", of));
	expect(text, talloc_asprintf(s->ctx, "latcampaign_missed_wakeups%s} 14\n", of));
	assert_string_equal(text + strlen(text) - 6, "# EOF\n");
}

static int check_sums(const struct scratch *s)
{
	const char *const argv[] = {
		"env", "-C", s->path, "sha256sum", "--strict", "--quiet", "-c", "SHA256SUMS", NULL};

	return spawn_read(s->ctx, argv, 60, NULL, NULL);
}

static void a_reviewer_can_check_all_files(void **state)
{
	struct scratch *s = *state;

	scratch_file(s, "attempts/kvm-rt.rt.3.1/reason.txt", "oops\n");
	scratch_file(s, "record.json", "{}");
	scratch_file(s, "inputs/measure.sh", "exit 0\n");
	report_all(s);
	const char *sums = text_of(s, "SHA256SUMS");
	expect(sums, "  report.txt\n");
	expect(sums, "  report.html\n");
	expect(sums, "  campaign.cfg\n");
	expect(sums, "  inputs/measure.sh\n");
	expect(text_of(s, "report.html"),
		"; first copy inputs/ to where campaign.cfg names its files\n");
	expect(text_of(s, "ro-crate-metadata.json"), "\"name\": \"inputs/measure.sh\"");
	expect(sums, "  runs/kvm-rt.rt.1/histogram.txt\n");
	expect(sums, "  attempts/kvm-rt.rt.3.1/reason.txt\n");
	expect(sums, "  figures/figure-kvm.svg\n");
	expect(sums, "  export/log.txt\n");
	expect(sums, "  ro-crate-metadata.json\n");
	assert_null(strstr(sums, "record.json"));
	assert_null(strstr(sums, "  log\n"));
	assert_null(strstr(sums, "/."));
	assert_int_equal(check_sums(s), 0);
	scratch_file(s, "runs/kvm-rt.rt.1/console.txt", "another\n");
	assert_int_not_equal(check_sums(s), 0);
}

/* Everything but itself is described, and what is described is there. */
static void the_crate_lists_all_files(void **state)
{
	struct scratch *s = *state;

	report_all(s);
	scratch_file(s, "figures/my drawing.txt", "odd\n");
	assert_int_equal(report_write(five_runs(s), s->fd, NULL, NULL), 0);
	char *sums = text_of(s, "SHA256SUMS");
	json_t *crate = json_of(s, "ro-crate-metadata.json");
	const json_t *graph = json_object_get(crate, "@graph"), *root = json_array_get(graph, 1);
	json_t *entity;
	size_t i, files = 0, lines = 0;
	bool odd = false;
	json_array_foreach(graph, i, entity)
	{
		const char *sha256 = json_string_value(json_object_get(entity, "sha256"));
		const char *name = json_string_value(json_object_get(entity, "name"));
		if (!sha256)
			continue;
		expect(sums, talloc_asprintf(s->ctx, "%s  %s\n", sha256, name));
		odd = odd || strcmp(json_string_value(json_object_get(entity, "@id")),
				     "figures/my%20drawing.txt") == 0;
		files++;
	}
	for (const char *at = sums; *at; at++)
		lines += *at == '\n';
	assert_int_equal(files + 1, lines);
	assert_int_equal(json_array_size(json_object_get(root, "hasPart")), files);
	assert_true(odd);
	json_decref(crate);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(a_line_of_csv_is_a_run),
		scratch_test(a_quantile_beyond_the_histogram_is_inf_in_csv),
		scratch_test(json_has_cells_and_boots),
		scratch_test(what_is_not_known_of_imported_runs_is_left_out),
		scratch_test(a_test_case_is_a_run),
		scratch_test(metrics_are_openmetrics),
		scratch_test(a_reviewer_can_check_all_files),
		scratch_test(the_crate_lists_all_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
