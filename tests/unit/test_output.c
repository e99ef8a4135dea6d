/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include <errno.h>

#include "base/spawn.h"
#include "campaigns/campaign.h"
#include "output/cell.h"
#include "output/report.h"
#include "output/result.h"

/* Two threads, three bins, as cyclictest 2.4 prints it. */
static const char good[] = "# /dev/cpu_dma_latency set to 0us\n"
			   "# Histogram\n"
			   "000000 000000\t000001\n"
			   "000001 000005\t000002\n"
			   "000002 000003\t000000\n"
			   "# Total: 000000008 000000003\n"
			   "# Min Latencies: 00001 00000\n"
			   "# Avg Latencies: 00001 00000\n"
			   "# Max Latencies: 00002 00009\n"
			   "# Histogram Overflows: 00000 00002\n"
			   "# Histogram Overflow at cycle number:\n"
			   "# Thread 0:\n"
			   "# Thread 1: 00003 00004\n\n";

static int parse(void *ctx, const char *text, struct histogram **ret, struct err *err)
{
	return histogram_parse(ctx, text, strlen(text), ret, err);
}

static void reads_cyclictests_histogram(void **state)
{
	struct scratch *s = *state;
	struct histogram *histogram;

	assert_int_equal(parse(s->ctx, good, &histogram, NULL), 0);
	assert_int_equal(histogram->thread_count, 2);
	assert_int_equal(histogram->bins, 3);
	assert_int_equal(histogram->threads[0].counts[1], 5);
	assert_int_equal(histogram->threads[1].total, 3);
	assert_int_equal(histogram->threads[1].overflows, 2);
	assert_int_equal(histogram->threads[1].max_us, 9);
}

static void reads_what_the_real_cyclictest_prints(void **state)
{
	struct scratch *s = *state;
	const char *const argv[] = {
		"cyclictest", "-q", "-h", "20", "-i", "1000", "-D", "1", "-t", "2", NULL};
	struct histogram *histogram;
	struct err err = {""};
	char *output;

	assert_int_equal(spawn_read(s->ctx, argv, 30, &output, &err), 0);
	assert_int_equal(parse(s->ctx, output, &histogram, &err), 0);
	assert_int_equal(histogram->thread_count, 2);
	assert_int_equal(histogram->bins, 20);
	assert_true(histogram->threads[0].total + histogram->threads[0].overflows > 0);
}

static void refuses_every_torn_histogram(void **state)
{
	struct scratch *s = *state;
	size_t needed = (size_t)(strstr(good, "# Histogram Overflow at") - good);

	/* Cut anywhere before the end of the last line that counts: never accepted. */
	for (size_t size = 0; size < needed; size++) {
		struct histogram *histogram = NULL;
		assert_int_equal(histogram_parse(s->ctx, good, size, &histogram, NULL), -EBADMSG);
		assert_null(histogram);
	}
}

static void refuses_bins_that_do_not_add_up(void **state)
{
	struct scratch *s = *state;
	static const struct {
		const char *from, *to;
	} damages[] = {
		{"000001 000005", "000001 000004"},
		{"# Total: 000000008", "# Total: 000000009"},
		{"000001 000005\t000002", "000001 000005"},
		{"000002 000003", "000003 000003"},
		{"000001 000005", "000001 00x005"},
		{"000001 000005", "000001 -00005"},
		{"# Min", "# Mix"},
		{"# Histogram Overflows: 00000 00002", "# Histogram Overflows: 0"},
	};

	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		struct histogram *histogram = NULL;
		const char *at = strstr(good, damages[i].from);
		char *text = talloc_asprintf(s->ctx, "%.*s%s%s", (int)(at - good), good,
			damages[i].to, at + strlen(damages[i].from));
		assert_int_equal(parse(s->ctx, text, &histogram, NULL), -EBADMSG);
	}
}

static void pools_threads_and_finds_quantiles(void **state)
{
	struct scratch *s = *state;
	struct histogram *histogram, *pool = histogram_new(s->ctx, 3);

	assert_int_equal(parse(s->ctx, good, &histogram, NULL), 0);
	histogram_add(pool, histogram);
	assert_int_equal(histogram_samples(pool), 8 + 3 + 2);
	assert_int_equal(pool->threads->min_us, 0);
	assert_int_equal(pool->threads->max_us, 9);
	/* 13 samples: 1 at 0, 7 at 1, 3 at 2, 2 beyond. */
	assert_int_equal(histogram_quantile(pool, 0.5), 1);
	assert_int_equal(histogram_quantile(pool, 0.8), 2);
	assert_int_equal(histogram_quantile(pool, 0.9), -1);  /* among the overflows */
	assert_int_equal(histogram_quantile(pool, 0.99), -1); /* needs 100 samples */
}

/* --- results ----------------------------------------------------------------------------- */

static void make_result(struct scratch *s, const char *id, const char *histogram,
	enum outcome outcome, const char *reason)
{
	json_t *json = json_pack(
		"{s:{s:s}, s:{s:s}}", "asked", "release", "6.1", "found", "release", "6.1");
	int directory;

	assert_int_equal(result_begin(s->fd, id, &directory, NULL), 0);
	if (histogram)
		assert_int_equal(
			file_write(directory, "histogram.txt", histogram, strlen(histogram), NULL),
			0);
	assert_int_equal(file_write(directory, "console.txt", "hello\n", 6, NULL), 0);
	close(directory);
	assert_int_equal(result_finish(s->fd, id, outcome, reason, json, NULL), 0);
	json_decref(json);
}

static void a_result_stands_whole_or_not_at_all(void **state)
{
	struct scratch *s = *state;
	struct result *result;
	struct err err = {""};
	int directory;

	assert_int_equal(result_begin(s->fd, "a.b.1", &directory, NULL), 0);
	close(directory);
	assert_false(result_is_done(s->fd, "a.b.1", &err));
	assert_string_equal(err.text, "");
	make_result(s, "a.b.1", good, OUTCOME_PASS, "");
	assert_true(result_is_done(s->fd, "a.b.1", &err));
	assert_int_equal(result_load(s->ctx, s->fd, "a.b.1", &result, NULL), 0);
	assert_int_equal(result->outcome, OUTCOME_PASS);
	assert_int_equal(result->histogram->bins, 3);
	assert_false(file_exists(s->fd, "runs/.a.b.1.new"));
	talloc_free(result);
}

static void sha256sum_agrees(void **state)
{
	struct scratch *s = *state;
	const char *command =
		talloc_asprintf(s->ctx, "cd %s/runs/a && sha256sum -c SHA256SUMS", s->path);
	const char *const argv[] = {"sh", "-c", command, NULL};

	make_result(s, "a", good, OUTCOME_PASS, "");
	assert_int_equal(spawn_read(s->ctx, argv, 10, NULL, NULL), 0);
}

static void a_damaged_result_is_put_aside(void **state)
{
	struct scratch *s = *state;
	struct err err = {""};

	make_result(s, "a", good, OUTCOME_PASS, "");
	scratch_file(s, "runs/a/console.txt", "tampered\n");
	assert_false(result_is_done(s->fd, "a", &err));
	assert_non_null(strstr(err.text, "attempts/a.damaged-1"));
	assert_false(file_exists(s->fd, "runs/a"));
	make_result(s, "a", good, OUTCOME_PASS, "");
	scratch_file(s, "runs/a/more.txt", "not listed\n");
	assert_false(result_is_done(s->fd, "a", &err));
	make_result(s, "a", good, OUTCOME_PASS, "");
	assert_int_equal(unlinkat(s->fd, "runs/a/console.txt", 0), 0);
	assert_false(result_is_done(s->fd, "a", &err));
	make_result(s, "a", good, OUTCOME_PASS, "");
	assert_int_equal(unlinkat(s->fd, "runs/a/SHA256SUMS", 0), 0);
	assert_false(result_is_done(s->fd, "a", &err));
	assert_true(file_exists(s->fd, "attempts/a.damaged-4/histogram.txt"));
}

static void a_standing_result_is_never_replaced(void **state)
{
	struct scratch *s = *state;
	struct result *result;

	make_result(s, "a", good, OUTCOME_PASS, "");
	make_result(s, "a", NULL, OUTCOME_ERROR, "too late");
	assert_int_equal(result_load(s->ctx, s->fd, "a", &result, NULL), 0);
	assert_int_equal(result->outcome, OUTCOME_PASS);
	assert_false(file_exists(s->fd, "runs/.a.new"));
	talloc_free(result);
}

static void a_failed_attempt_keeps_its_evidence(void **state)
{
	struct scratch *s = *state;
	char *reason;
	int directory;

	assert_int_equal(result_begin(s->fd, "a", &directory, NULL), 0);
	close(directory);
	assert_int_equal(result_put_aside(s->fd, "a", 2, "it panicked", NULL), 0);
	assert_int_equal(
		file_read_line(s->ctx, s->fd, "attempts/a.2/reason.txt", &reason, NULL), 0);
	assert_string_equal(reason, "it panicked");
}

/* --- the report -------------------------------------------------------------------------- */

static struct plan *two_cells(struct scratch *s)
{
	struct complaints complaints = {0};
	struct plan *plan;
	char *path = talloc_asprintf(s->ctx, "%s/two.cfg", s->path);

	scratch_file(s, "two.cfg",
		"setups = { kvm-rt = {}; xen-rt = {}; };"
		"experiments = { rt = { interval = \"100ms\"; duration = \"1s\"; }; };");
	assert_int_equal(campaign_read(s->ctx, path, NULL, &plan, &complaints), 0);
	return plan;
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
	expect_magic(s, "figures/figure-kvm.eps", "%!PS-Adobe");
	expect_magic(s, "figures/figure-kvm.pdf", "%PDF");
	expect_magic(s, "figures/figure-kvm.svg", "<?xml");
	expect_magic(s, "figures/figure-kvm.png", "\x89PNG");
	assert_false(file_exists(s->fd, "figures/figure-xen.gp"));
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
		scratch_test(reads_cyclictests_histogram),
		scratch_test(reads_what_the_real_cyclictest_prints),
		scratch_test(refuses_every_torn_histogram),
		scratch_test(refuses_bins_that_do_not_add_up),
		scratch_test(pools_threads_and_finds_quantiles),
		scratch_test(a_result_stands_whole_or_not_at_all),
		scratch_test(sha256sum_agrees),
		scratch_test(a_damaged_result_is_put_aside),
		scratch_test(a_standing_result_is_never_replaced),
		scratch_test(a_failed_attempt_keeps_its_evidence),
		scratch_test(the_report_tells_all_and_draws_with_gnuplot),
		scratch_test(the_distribution_counts_what_lies_beyond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
