/* SPDX-License-Identifier: MIT */
#include "tests/unit/results.h"

#include <errno.h>
#include <sys/resource.h>

#include "base/spawn.h"

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
		const char *from, *to, *sentence;
	} damages[] = {
		{"000001 000005", "000001 000004", "thread 0 hold 7 wake-ups and its total says 8"},
		{"# Total: 000000008", "# Total: 000000009", "total says 9"},
		{"000001 000005\t000002", "000001 000005", ".txt:4: a bin is torn"},
		{"000001 000005", "000001 000005 000005", ".txt:4: a bin is torn"},
		{"000002 000003", "000003 000003", ".txt:5: a bin is missing"},
		{"000001 000005", "000001 00x005", ".txt:4: a bin is torn"},
		{"000001 000005", "000001 -00005", ".txt:4: a bin is torn"},
		{"000001 000005", "000001 99999999999999999999", ".txt:4: a bin is torn"},
		{"# Min", "# Mix", ".txt:7: cyclictest's line \"# Min Latencies:\""},
		{"# Histogram Overflows: 00000 00002", "# Histogram Overflows: 0", ".txt:10: "},
		{"000000 000000\t000001", "0", "no columns"},
	};
	struct err err;

	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		struct histogram *histogram = NULL;
		const char *at = strstr(good, damages[i].from);
		char *text = talloc_asprintf(s->ctx, "%.*s%s%s", (int)(at - good), good,
			damages[i].to, at + strlen(damages[i].from));
		assert_int_equal(parse(s->ctx, text, &histogram, &err), -EBADMSG);
		if (!strstr(err.text, damages[i].sentence))
			fail_msg("\"%s\" does not say \"%s\"", err.text, damages[i].sentence);
	}
}

/* -H: one column more, of all threads, but for minima and averages. */
static const char with_sums[] = "# Histogram\n"
				"000000 000000\t000001\t000001\n"
				"000001 000005\t000002\t000007\n"
				"# Total: 000000005 000000003 000000008\n"
				"# Min Latencies: 00001 00000\n"
				"# Avg Latencies: 00001 00000\n"
				"# Max Latencies: 00002 00009 00009\n"
				"# Histogram Overflows: 00001 00002 00003\n";

static void leaves_the_column_of_sums_out(void **state)
{
	struct scratch *s = *state;
	struct histogram *histogram, *pool = histogram_new(s->ctx, 2);

	assert_int_equal(parse(s->ctx, with_sums, &histogram, NULL), 0);
	assert_int_equal(histogram->thread_count, 2);
	assert_int_equal(histogram->threads[1].overflows, 2);
	assert_int_equal(histogram->threads[1].max_us, 9);
	histogram_add(pool, histogram);
	assert_int_equal(histogram_samples(pool), 5 + 3 + 1 + 2);
}

static void refuses_sums_that_are_none(void **state)
{
	struct scratch *s = *state;
	static const char *const damages[][2] = {{"\t000007", "\t000008"},
		{"00002 00003\n", "00002 00004\n"}, {"00009 00009", "00009"},
		{"# Min Latencies: 00001 00000", "# Min Latencies: 00001"}};

	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		struct histogram *histogram = NULL;
		const char *at = strstr(with_sums, damages[i][0]);
		char *text = talloc_asprintf(s->ctx, "%.*s%s%s", (int)(at - with_sums), with_sums,
			damages[i][1], at + strlen(damages[i][0]));
		assert_int_equal(parse(s->ctx, text, &histogram, NULL), -EBADMSG);
	}
}

static void reads_what_the_real_cyclictest_sums_up(void **state)
{
	struct scratch *s = *state;
	const char *const argv[] = {
		"cyclictest", "-q", "-H", "20", "-i", "1000", "-D", "1", "-t", "2", NULL};
	struct histogram *histogram;
	char *output;

	assert_int_equal(spawn_read(s->ctx, argv, 30, &output, NULL), 0);
	assert_int_equal(parse(s->ctx, output, &histogram, NULL), 0);
	assert_int_equal(histogram->thread_count, 2);
}

static void pools_threads(void **state)
{
	struct scratch *s = *state;
	struct histogram *histogram, *pool = histogram_new(s->ctx, 3);

	assert_int_equal(parse(s->ctx, good, &histogram, NULL), 0);
	histogram_add(pool, histogram);
	assert_int_equal(histogram_samples(pool), 8 + 3 + 2);
	assert_int_equal(pool->threads->min_us, 0);
	assert_int_equal(pool->threads->max_us, 9);
}

/* Two CPUs, as rtla 6.1 prints it; the header's text and that of the trailer are its own. */
static const char timerlat[] = "# RTLA timerlat histogram\n"
			       "# Time unit is microseconds (us)\n"
			       "# Duration:   0 00:00:10\n"
			       "Index   IRQ-000   Thr-000   IRQ-001   Thr-001\n"
			       "0             7         0         9         0 \n"
			       "3             2         6         0         9 \n"
			       "5             0         2         0         0 \n"
			       "over:         0         1         0         0 \n"
			       "count:        9         9         9         9 \n"
			       "min:          0         3         0         3 \n"
			       "avg:          0       135         0         3 \n"
			       "max:          3      1204         0         3 \n";

static void reads_the_threads_of_timerlats_histogram(void **state)
{
	struct scratch *s = *state;
	struct histogram *histogram, *pool = histogram_new(s->ctx, 6);

	assert_int_equal(parse(s->ctx, timerlat, &histogram, NULL), 0);
	assert_int_equal(histogram->thread_count, 2);
	assert_int_equal(histogram->bins, 6);
	assert_int_equal(histogram->threads[0].counts[0], 0);
	assert_int_equal(histogram->threads[0].counts[3], 6);
	assert_int_equal(histogram->threads[0].counts[4], 0);
	assert_int_equal(histogram->threads[0].total, 8);
	assert_int_equal(histogram->threads[0].overflows, 1);
	assert_int_equal(histogram->threads[0].avg_us, 135);
	assert_int_equal(histogram->threads[1].counts[3], 9);
	histogram_add(pool, histogram);
	assert_int_equal(histogram_samples(pool), 18);
	assert_int_equal(pool->threads->max_us, 1204);
}

static void refuses_every_torn_timerlat(void **state)
{
	struct scratch *s = *state;

	for (size_t size = 0; size < sizeof(timerlat) - 1; size++) {
		struct histogram *histogram = NULL;
		assert_int_equal(
			histogram_parse(s->ctx, timerlat, size, &histogram, NULL), -EBADMSG);
		assert_null(histogram);
	}
}

static void refuses_a_timerlat_that_does_not_add_up(void **state)
{
	struct scratch *s = *state;
	static const struct {
		const char *from, *to, *sentence;
	} damages[] = {
		{"3             2         6", "3             2         5",
			"thread 0 hold 7 wake-ups, 1 are beyond them, and its count says 9"},
		{"over:         0         1", "over:         0         0", "its count says 9"},
		{"(us)", "(ns)", "unit is not the microsecond"},
		{"Index   IRQ-000   Thr-000   IRQ-001   Thr-001", "Index   IRQ-000   IRQ-001",
			"no column of a thread"},
		{"5             0", "3             0", "stands twice or out of order"},
		{"5             0         2         0         0", "5             0         2",
			"another number of columns"},
		{"5             0", "99999999      0", "more bins than fit"},
		{"avg:", "arg:", "rtla's line \"avg:\""},
		{"3 \n", "3 \n12 (0.1%) events missed, results might not be accurate\n",
			"missed events"},
	};
	struct err err;

	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		struct histogram *histogram = NULL;
		const char *at = i + 1 < sizeof(damages) / sizeof(*damages)
					 ? strstr(timerlat, damages[i].from)
					 : strchr(timerlat, '\0') - strlen(damages[i].from);
		char *text = talloc_asprintf(s->ctx, "%.*s%s%s", (int)(at - timerlat), timerlat,
			damages[i].to, at + strlen(damages[i].from));
		assert_int_equal(parse(s->ctx, text, &histogram, &err), -EBADMSG);
		if (!strstr(err.text, damages[i].sentence))
			fail_msg("\"%s\" does not say \"%s\"", err.text, damages[i].sentence);
	}
}

/* --- results ----------------------------------------------------------------------------- */

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

/* With no descriptor left nothing can be read, which says nothing about the result. */
static void a_result_that_cannot_be_read_now_is_left_alone(void **state)
{
	struct scratch *s = *state;
	struct err err = {""};
	struct rlimit before, few;

	make_result(s, "a", good, OUTCOME_PASS, "");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	int next = dup(s->fd);
	close(next);
	few = (struct rlimit){(rlim_t)next + 1, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_true(result_is_done(s->fd, "a", &err));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_non_null(strstr(err.text, "cannot be read now and is left alone"));
	assert_true(file_exists(s->fd, "runs/a"));
	err.text[0] = '\0';
	assert_true(result_is_done(s->fd, "a", &err));
	assert_string_equal(err.text, "");
	assert_false(result_is_done(s->fd, "b", &err));
	assert_string_equal(err.text, "");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(reads_cyclictests_histogram),
		scratch_test(reads_what_the_real_cyclictest_prints),
		scratch_test(refuses_every_torn_histogram),
		scratch_test(refuses_bins_that_do_not_add_up),
		scratch_test(leaves_the_column_of_sums_out),
		scratch_test(refuses_sums_that_are_none),
		scratch_test(reads_what_the_real_cyclictest_sums_up),
		scratch_test(pools_threads),
		scratch_test(reads_the_threads_of_timerlats_histogram),
		scratch_test(refuses_every_torn_timerlat),
		scratch_test(refuses_a_timerlat_that_does_not_add_up),
		scratch_test(a_result_stands_whole_or_not_at_all),
		scratch_test(sha256sum_agrees),
		scratch_test(a_damaged_result_is_put_aside),
		scratch_test(a_result_that_cannot_be_read_now_is_left_alone),
		scratch_test(a_standing_result_is_never_replaced),
		scratch_test(a_failed_attempt_keeps_its_evidence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
