/* SPDX-License-Identifier: MIT */
#include "tests/unit/plans.h"
#include "tests/unit/results.h"

#include "report/report.h"

static struct plan *two_cells(struct scratch *s)
{
	return make_plan(s, "two",
		"setups = { kvm-rt = {}; xen-rt = {}; };"
		"experiments = { rt = { interval = \"100ms\"; duration = \"1s\"; }; };");
}

static void expect_magic(struct scratch *s, const char *path, const char *magic)
{
	char *bytes = NULL;

	assert_int_equal(file_read(s->ctx, s->fd, path, 1 << 24, &bytes, NULL, NULL), 0);
	assert_memory_equal(bytes, magic, strlen(magic));
}

static void the_report_tells_all_and_draws_with_gnuplot(void **state)
{
	static const char *const notes[] = {"a boot failed", NULL};
	struct scratch *s = *state;
	struct plan *plan = two_cells(s);
	char *text;
	struct err err = {""};

	make_result(s, "kvm-rt.rt.1", good, OUTCOME_PASS, "");
	make_result(s, "xen-rt.rt.1", NULL, OUTCOME_MISS, "it never came up");
	assert_int_equal(report_write(plan, s->fd, notes, &err), 0);
	assert_int_equal(file_read(s->ctx, s->fd, "report.txt", 1 << 20, &text, NULL, NULL), 0);
	assert_non_null(strstr(text, "2 runs: 1 PASS 1 MISS"));
	assert_non_null(strstr(text, "run xen-rt.rt.1: MISS, it never came up"));
	assert_non_null(strstr(text, "a boot failed"));
	/* 2 threads * 1 s / 100 ms = 20 expected, 13 got. */
	assert_non_null(strstr(text, "7 of 20 wake-ups are missing (35.00 %)"));
	assert_non_null(strstr(text, "BOOTS: "));
	assert_non_null(strstr(strstr(text, "BOOTS: "),
		"\n  kvm-rt-rt; wake-ups are missing, see DEVIATIONS: do not rank by it\n"));
	assert_non_null(strstr(text, "thread 1: 10 expected, 5 got, 5 missed (50.000 %)"));
	assert_true(file_exists(s->fd, "cdf/cdf-kvm-rt-rt-corrected.txt"));
	expect_magic(s, "figures/figure-kvm.eps", "%!PS-Adobe");
	expect_magic(s, "figures/figure-kvm.pdf", "%PDF");
	expect_magic(s, "figures/figure-kvm.svg", "<?xml");
	expect_magic(s, "figures/figure-kvm.png", "\x89PNG");
	assert_false(file_exists(s->fd, "figures/figure-xen.gp"));
}

static void count_in(struct scratch *s, const char *path, const char *what, unsigned expected)
{
	char *script;
	unsigned count = 0;

	assert_int_equal(file_read(s->ctx, s->fd, path, 1 << 20, &script, NULL, NULL), 0);
	while ((script = strstr(script, what))) {
		script += strlen(what);
		count++;
	}
	assert_int_equal(count, expected);
}

static void count_in_script(struct scratch *s, const char *what, unsigned expected)
{
	count_in(s, "figures/figure-kvm-ccdf.gp", what, expected);
}

/* What was not asked for has its place, too. */
static void every_experiment_stands_in_every_setup(void **state)
{
	struct scratch *s = *state;
	struct plan *plan = make_plan(s, "matrix",
		"setups = { kvm-rt = {}; kvm-nrt = {}; };\n"
		"experiments = { all = { place = \"host\"; repetitions = 3; };\n"
		"  some = { place = \"host\"; setups = [ \"kvm-nrt\" ]; }; };\n");
	char *text;

	make_result(s, "kvm-rt.all.1", good, OUTCOME_PASS, "");
	make_result(s, "kvm-rt.all.2", NULL, OUTCOME_ERROR, "it broke");
	assert_int_equal(report_write(plan, s->fd, NULL, NULL), 0);
	assert_int_equal(file_read(s->ctx, s->fd, "report.txt", 1 << 20, &text, NULL, NULL), 0);
	assert_non_null(strstr(
		text, "\n  all                      1 PASS 1 ERROR 1 not measured 3 not measured"));
	assert_non_null(strstr(text, "\n  some                     SKIP                   1 not"));
}

/* Later and later in one boot: each run is all at one latency. */
static void a_drift_within_a_visit_is_told(void **state)
{
	struct scratch *s = *state;
	struct plan *plan = make_plan(s, "drift",
		"setups = { kvm-rt = {}; };\n"
		"defaults = { duration = \"1s\"; interval = \"100ms\"; histogram = \"10us\"; };\n"
		"experiments = { a = { place = \"host\"; repetitions = 4; }; };\n");
	char *text;

	for (int run = 1; run <= 4; run++) {
		char *id = talloc_asprintf(s->ctx, "kvm-rt.a.%d", run);
		char *late = talloc_strdup(s->ctx, "# Histogram\n");
		for (int bin = 0; bin < 10; bin++)
			late = talloc_asprintf_append(
				late, "%06d %06d\n", bin, bin == run ? 10 : 0);
		late = talloc_asprintf_append(late,
			"# Total: 000000010\n# Min Latencies: %05d\n# Avg Latencies: %05d\n"
			"# Max Latencies: %05d\n# Histogram Overflows: 00000\n"
			"# Histogram Overflow at cycle number:\n# Thread 0:\n\n",
			run, run, run);
		make_result(s, id, late, OUTCOME_PASS, "");
	}
	assert_int_equal(report_write(plan, s->fd, NULL, NULL), 0);
	assert_int_equal(file_read(s->ctx, s->fd, "report.txt", 1 << 20, &text, NULL, NULL), 0);
	assert_non_null(
		strstr(text, "p50 within a visit: rank correlation 1.00 (mean of 1 boots)"));
	assert_null(strstr(text, "p99 within a visit"));
}

/* To 1/N, each boot by itself, the largest marked, a warning where wake-ups are missing. */
static void rare_latencies_have_a_figure(void **state)
{
	struct scratch *s = *state;
	struct plan *plan = two_cells(s);
	char *data;

	make_result(s, "kvm-rt.rt.1", good, OUTCOME_PASS, "");
	assert_int_equal(report_write(plan, s->fd, NULL, NULL), 0);
	expect_magic(s, "figures/figure-kvm-ccdf.svg", "<?xml");
	count_in_script(s, "set logscale y", 1);
	count_in_script(s, "set yrange [0.0384615385:1]", 1); /* half of one in 13 */
	count_in_script(s,
		"for [boot=1:1] 'ccdf-kvm-rt-rt.txt' index boot+1 using 1:2 with lines "
		"lw 0.5 lc rgb '#0072b2'",
		1);
	count_in_script(s, "index 1 using 1:2 with points", 1);
	count_in_script(s, "set label 'up to 35.00 % of the wake-ups of a curve are missing", 1);
	assert_int_equal(
		file_read(s->ctx, s->fd, "figures/ccdf-kvm-rt-rt.txt", 1 << 20, &data, NULL, NULL),
		0);
	/* 13 wake-ups: 1 at 0, 7 at 1, 3 at 2, 2 beyond 3, the last of them at 9. */
	assert_non_null(strstr(data, "\n0 1\n1 0.923076923\n2 0.384615385\n3 0.153846154\n"
				     "9 0.0769230769\n\n\n9 0.0769230769\n\n\n0 1\n"));
}

static void make_boot(
	struct scratch *s, const char *id, const char *boot, const char *from, const char *to)
{
	const char *at = strstr(good, from);
	char *text =
		talloc_asprintf(s->ctx, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
	json_t *json = json_pack("{s:s}", "boot_id", boot);
	int directory;

	assert_int_equal(result_begin(s->fd, id, &directory, NULL), 0);
	assert_int_equal(file_write(directory, "histogram.txt", text, strlen(text), NULL), 0);
	close(directory);
	assert_int_equal(result_finish(s->fd, id, OUTCOME_PASS, "", json, NULL), 0);
	json_decref(json);
}

/* Thin lines lie under every bold one, and all figures of a campaign have the same axes. */
static void figures_of_a_campaign_can_be_held_side_by_side(void **state)
{
	struct scratch *s = *state;
	char *script;
	const struct plan *plan = make_plan(s, "boots",
		"blocks = 2; setups = { kvm-rt = {}; xen-rt = {}; };"
		"experiments = { rt = { interval = \"100ms\"; duration = \"1s\"; }; };"
		"figures = { both = {}; xen = { setups = [ \"xen-rt\" ]; }; };");
	make_boot(s, "kvm-rt.rt.1", "a", "00009\n", "00009\n");
	make_boot(s, "kvm-rt.rt.2", "b", "00009\n", "01234\n");
	make_boot(s, "xen-rt.rt.1", "c", "00009\n", "00077\n");
	assert_int_equal(report_write(plan, s->fd, NULL, NULL), 0);
	assert_int_equal(
		file_read(s->ctx, s->fd, "figures/both-ccdf.gp", 1 << 20, &script, NULL, NULL), 0);
	const char *thin = strstr(script, "for [boot=1:1] 'ccdf-xen-rt-rt.txt'");
	const char *bold = strstr(script, "'ccdf-kvm-rt-rt.txt' index 0");
	assert_non_null(strstr(script, "for [boot=1:2] 'ccdf-kvm-rt-rt.txt' index boot+1"));
	assert_true(thin && bold && thin < bold);
	count_in(s, "figures/both-ccdf.gp", "set yrange [0.0192307692:1]", 1);
	count_in(s, "figures/xen-ccdf.gp", "set yrange [0.0192307692:1]", 1);
	count_in(s, "figures/both-boots.gp", "set yrange [0.8:12000]", 1);
	count_in(s, "figures/xen-boots.gp", "set yrange [0.8:12000]", 1);
}

/* A name stands behind a label that two cells share, or in its place where both are too long. */
static void names_find_room_in_a_figure(void **state)
{
	struct scratch *s = *state;
	const struct plan *plan = make_plan(s, "names",
		"setups = { kvm-rt = {}; xen-rt = {}; };"
		"experiments = { a = { place = \"host\"; }; b = { place = \"host\"; };"
		" a-name-that-a-key-has-no-room-for = { place = \"host\"; }; };"
		"figures = { all = {}; few = { experiments = [ \"a\", \"b\" ];"
		" setups = [ \"kvm-rt\" ]; }; };");

	make_result(s, "kvm-rt.a.1", good, OUTCOME_PASS, "");
	make_result(s, "kvm-rt.b.1", good, OUTCOME_PASS, "");
	make_result(s, "kvm-rt.a-name-that-a-key-has-no-room-for.1", good, OUTCOME_PASS, "");
	assert_int_equal(report_write(plan, s->fd, NULL, NULL), 0);
	count_in(s, "figures/all.gp", "title \"rt host, kvm-rt-a (N = 13", 1);
	count_in(
		s, "figures/all.gp", "title \"kvm-rt-a-name-that-a-key-has-no-room-for (N = 13", 1);
	count_in(s, "figures/all-boots.gp", "set xtics noenhanced scale 0 rotate by 90 right (", 1);
	count_in(s, "figures/few-boots.gp", "set xtics noenhanced scale 0 (", 1);
}

/* Each boot's p50, p99, p99.9 and largest; what so few wake-ups cannot tell is no point. */
static void boots_have_a_figure(void **state)
{
	struct scratch *s = *state;
	const struct plan *plan = make_plan(s, "boots",
		"blocks = 2; setups = { kvm-rt = {}; };"
		"experiments = { rt = { interval = \"100ms\"; duration = \"1s\"; }; };");

	make_boot(s, "kvm-rt.rt.1", "a", "00009\n", "00009\n");
	make_boot(s, "kvm-rt.rt.2", "b", "00009\n", "01234\n");
	assert_int_equal(report_write(plan, s->fd, NULL, NULL), 0);
	expect_magic(s, "figures/figure-kvm-boots.svg", "<?xml");
	count_in(s, "figures/boots-kvm-rt-rt.txt", "\n1 1 13 1 nan nan 9\n2 2 13 1 nan nan 1234\n",
		1);
	/* 0 is p50 and 3 the largest: of the other two nothing is known. */
	count_in(s, "figures/boots-kvm-rt-rt.txt", "latency_us\n0 1\n3 621.5\n", 1);
	count_in(s, "figures/figure-kvm-boots.gp", "\"kvm-rt-rt\\nN = 26\\n2 boots\" 1", 1);
	count_in(s, "figures/figure-kvm-boots.gp", "beyond the histogram\"", 0);
	count_in(s, "report.html",
		"2 boots: p50 from 1 to 1 us, p99 that not every boot can tell, p99.9 that not "
		"every boot can tell, the largest from 9 to 1234 us",
		2);
}

/* Of a quantile beyond the histogram nothing is known but that it lies there. */
static void a_quantile_beyond_the_histogram_is_drawn_apart(void **state)
{
	struct scratch *s = *state;

	make_boot(s, "kvm-rt.rt.1", "a", "00000 00002\n", "00000 00099\n");
	assert_int_equal(report_write(two_cells(s), s->fd, NULL, NULL), 0);
	count_in(s, "figures/boots-kvm-rt-rt.txt", "\n1 1 110 3 nan nan 9\n", 1);
	count_in(s, "figures/boots-kvm-rt-rt.txt", "latency_us\n3 9\n", 1);
	count_in(s, "figures/figure-kvm-boots.gp", "(beyond(column(i + 4), i, 3))", 1);
	count_in(s, "figures/figure-kvm-boots.gp", "title \"beyond the histogram\"", 1);
}

static void a_script_that_a_person_edited_stays(void **state)
{
	static const char edited[] = "set output 'mine.svg'\nset terminal svg\nplot sin(x)\n";
	struct scratch *s = *state;
	struct plan *plan = two_cells(s);
	char *text;

	make_result(s, "kvm-rt.rt.1", good, OUTCOME_PASS, "");
	assert_int_equal(report_write(plan, s->fd, NULL, NULL), 0);
	scratch_file(s, "figures/figure-kvm-ccdf.gp", edited);
	scratch_file(s, "figures/figure-kvm-boots.gp", edited);
	assert_int_equal(report_write(plan, s->fd, NULL, NULL), 0);
	expect_magic(s, "figures/figure-kvm-ccdf.gp", edited);
	expect_magic(s, "figures/mine.svg", "<?xml");
	assert_int_equal(file_read(s->ctx, s->fd, "report.txt", 1 << 20, &text, NULL, NULL), 0);
	assert_non_null(strstr(text, "figures/figure-kvm-ccdf.gp was edited"));
	expect_magic(s, "figures/figure-kvm-boots.gp", edited);
	assert_non_null(strstr(text, "figures/figure-kvm-boots.gp was edited"));
	assert_null(strstr(text, "figures/figure-kvm.gp was edited"));
	/* What was not edited follows the plan. */
	plan->output.x_max_us = 77;
	assert_int_equal(report_write(plan, s->fd, NULL, NULL), 0);
	assert_int_equal(
		file_read(s->ctx, s->fd, "figures/figure-kvm.gp", 1 << 20, &text, NULL, NULL), 0);
	assert_non_null(strstr(text, "set xrange [0:77]"));
}

/* Which cells a figure shows is the campaign's to say, and a person can redraw it. */
static void a_campaign_has_its_own_figures(void **state)
{
	struct scratch *s = *state;
	char *script;
	const struct plan *plan = make_plan(s, "own",
		"setups = { kvm-rt = {}; xen-rt = {}; };"
		"experiments = { idle = { place = \"host\"; };"
		" busy = { place = \"host\"; load = [ \"disk\", \"network\" ]; }; other = { }; };"
		"figures = { figure-3 = { title = \"Host's and dom0's\";"
		" experiments = [ \"idle\", \"busy\" ]; }; };"
		"output = { formats = [ \"svg\" ]; };");
	make_result(s, "kvm-rt.idle.1", good, OUTCOME_PASS, "");
	make_result(s, "kvm-rt.other.1", good, OUTCOME_PASS, "");
	make_result(s, "xen-rt.busy.1", good, OUTCOME_PASS, "");
	assert_int_equal(report_write(plan, s->fd, NULL, NULL), 0);
	expect_magic(s, "figures/figure-3.svg", "<?xml");
	assert_int_equal(
		file_read(s->ctx, s->fd, "figures/figure-3.gp", 1 << 20, &script, NULL, NULL), 0);
	assert_non_null(strstr(script, "heading = 'Host s and dom0 s (campaign own)'\n"));
	assert_non_null(strstr(script, "title \"rt host (N = 13, 1 boot), 2 beyond, up to 9 µs\""));
	assert_non_null(strstr(script, "title \"rt dom0, load: disk+network (N = 13, 1 boot)"));
	assert_null(strstr(script, "cdf-kvm-rt-other"));
	assert_false(file_exists(s->fd, "figures/figure-kvm.gp"));
}

/* A program of ours in the place of gnuplot: it does what is said, then what gnuplot does. */
static void fake_gnuplot(struct scratch *s, const char *what)
{
	const char *path = getenv("PATH");

	scratch_file(s, "bin/gnuplot",
		talloc_asprintf(
			s->ctx, "#!/bin/sh\n%s\nexec env PATH='%s' gnuplot \"$@\"\n", what, path));
	assert_int_equal(fchmodat(s->fd, "bin/gnuplot", 0755, 0), 0);
	setenv("PATH", talloc_asprintf(s->ctx, "%s/bin:%s", s->path, path), 1);
}

/* The others are drawn, the report stands and says so, and no older picture is taken for it. */
static void a_figure_that_fails_is_a_deviation(void **state)
{
	struct scratch *s = *state;
	struct plan *plan = two_cells(s);
	char *path = talloc_strdup(s->ctx, getenv("PATH"));

	make_result(s, "kvm-rt.rt.1", good, OUTCOME_PASS, "");
	assert_int_equal(report_write(plan, s->fd, NULL, NULL), 0);
	assert_true(file_exists(s->fd, "figures/figure-kvm-ccdf.eps"));
	fake_gnuplot(s, "case $1 in *-ccdf.gp) echo '<no memory>' >&2; exit 3 ;; esac");
	assert_int_equal(file_remove(s->fd, "figures/figure-kvm-boots.svg", NULL), 0);
	assert_int_equal(report_write(plan, s->fd, NULL, NULL), 1);
	setenv("PATH", path, 1);
	count_in(s, "report.txt",
		"\n  figure figure-kvm-ccdf could not be drawn: gnuplot figure-kvm-ccdf.gp: exited "
		"with status 3: <no memory>\n",
		1);
	count_in(s, "report.html", "<li>figure figure-kvm-ccdf could not be drawn: gnuplot", 1);
	count_in(s, "report.html", "There is no SVG of this figure to show here.", 1);
	assert_false(file_exists(s->fd, "figures/figure-kvm-ccdf.svg"));
	assert_false(file_exists(s->fd, "figures/figure-kvm-ccdf.eps"));
	assert_true(file_exists(s->fd, "figures/figure-kvm-boots.svg"));
	assert_true(file_exists(s->fd, "SHA256SUMS"));
}

/* A curve for each boot makes large files. */
static void a_figure_may_be_large(void **state)
{
	struct scratch *s = *state;
	char *path = talloc_strdup(s->ctx, getenv("PATH"));
	struct stat st;

	make_result(s, "kvm-rt.rt.1", good, OUTCOME_PASS, "");
	fake_gnuplot(s, "head -c 3000000 /dev/zero >large.eps || exit 9");
	assert_int_equal(report_write(two_cells(s), s->fd, NULL, NULL), 0);
	setenv("PATH", path, 1);
	assert_int_equal(fstatat(s->fd, "figures/large.eps", &st, 0), 0);
	assert_int_equal(st.st_size, 3000000);
}

static void the_distribution_counts_what_lies_beyond(void **state)
{
	struct scratch *s = *state;
	struct plan *plan = two_cells(s);
	char *text;

	make_result(s, "kvm-rt.rt.1", good, OUTCOME_PASS, "");
	assert_int_equal(report_write(plan, s->fd, NULL, NULL), 0);
	assert_int_equal(
		file_read(s->ctx, s->fd, "cdf/cdf-kvm-rt-rt.txt", 1 << 20, &text, NULL, NULL), 0);
	assert_non_null(strstr(text, "\n0 0.076923077\n1 0.615384615\n2 0.846153846\n"));
	assert_non_null(strstr(text, "13 wake-ups, 7 missed of 20 expected"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(the_report_tells_all_and_draws_with_gnuplot),
		scratch_test(every_experiment_stands_in_every_setup),
		scratch_test(a_drift_within_a_visit_is_told),
		scratch_test(rare_latencies_have_a_figure),
		scratch_test(figures_of_a_campaign_can_be_held_side_by_side),
		scratch_test(names_find_room_in_a_figure),
		scratch_test(boots_have_a_figure),
		scratch_test(a_quantile_beyond_the_histogram_is_drawn_apart),
		scratch_test(a_script_that_a_person_edited_stays),
		scratch_test(a_campaign_has_its_own_figures),
		scratch_test(a_figure_that_fails_is_a_deviation),
		scratch_test(a_figure_may_be_large),
		scratch_test(the_distribution_counts_what_lies_beyond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
