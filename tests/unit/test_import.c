/* SPDX-License-Identifier: MIT */
/* What others measured: cyclictest's JSON, and the plan of an imported campaign. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "base/spawn.h"
#include "campaigns/imported.h"
#include "latencies/cyclictest-json.h"
#include "latencies/histogram.h"

/* Two threads, the second with two wake-ups beyond 5 us; as rt-tests 2.4 writes it. */
static const char good[] =
	"{\"file_version\": 1, \"cmdline:\": \"cyclictest -q -h 5 --json=x\","
	" \"sysinfo\": {\"release\": \"6.1-rt\", \"realtime\": 1},"
	" \"num_threads\": 2, \"resolution_in_ns\": 0, \"thread\": {"
	"\"0\": {\"histogram\": {\"1\": 5, \"4\": 3}, \"cycles\": 8, \"min\": 1, \"max\": 4,"
	" \"avg\": 2.13, \"cpu\": 0, \"node\": 0},"
	"\"1\": {\"histogram\": {\"0\": 1}, \"cycles\": 3, \"min\": 0, \"max\": 90,"
	" \"avg\": 45.99, \"cpu\": 1, \"node\": 0}}}";

static int convert(struct scratch *s, const char *text, unsigned bins, char **ret, struct err *err)
{
	json_t *json = json_loads(text, 0, NULL);
	int r = cyclictest_json_text(s->ctx, json, bins, ret, err);

	assert_non_null(json);
	json_decref(json);
	return r;
}

static void json_becomes_the_text_of_the_same_run(void **state)
{
	struct scratch *s = *state;
	struct histogram *histogram;
	struct err err = {""};
	char *text;

	assert_int_equal(convert(s, good, 5, &text, &err), 0);
	assert_int_equal(histogram_parse(s->ctx, text, strlen(text), &histogram, &err), 0);
	assert_int_equal(histogram->bins, 5);
	assert_int_equal(histogram->thread_count, 2);
	assert_int_equal(histogram->threads[0].counts[4], 3);
	assert_int_equal(histogram->threads[0].total, 8);
	assert_int_equal(histogram->threads[0].overflows, 0);
	assert_int_equal(histogram->threads[1].overflows, 2);
	assert_int_equal(histogram->threads[1].max_us, 90);
	assert_int_equal(histogram->threads[1].avg_us, 45);
}

static void damaged_json_is_refused(void **state)
{
	static const struct {
		const char *from, *to, *sentence;
	} damages[] = {
		{"\"thread\"", "\"threads\"", "\"thread\" is missing"},
		{"\"1\": {\"hist", "\"2\": {\"hist",
			"thread 1 of cyclictest's JSON has no histogram"},
		{"{\"histogram\": {\"0\": 1}, ", "{",
			"thread 1 of cyclictest's JSON has no histogram"},
		{"\"4\": 3", "\"5\": 3", "wake-ups at 5us, beyond the histogram's 5us"},
		{"\"4\": 3", "\"4x\": 3", "has a bin that is none"},
		{"\"4\": 3", "\"-4\": 3", "has a bin that is none"},
		{"\"4\": 3", "\"4\": -3", "has a bin that is none"},
		{"\"4\": 3", "\"4\": 4", "more wake-ups in its bins than cycles"},
		{"\"max\": 4", "\"max\": \"4\"", "lacks cycles, min, avg or max"},
		{"\"min\": 1", "\"min\": -1", "lacks cycles, min, avg or max"},
		{"_in_ns\": 0", "_in_ns\": 1", "are nanoseconds"},
	};
	struct scratch *s = *state;

	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		const char *at = strstr(good, damages[i].from);
		char *ret = NULL, *text = talloc_asprintf(s->ctx, "%.*s%s%s", (int)(at - good),
					  good, damages[i].to, at + strlen(damages[i].from));
		struct err err = {""};
		assert_int_equal(convert(s, text, 5, &ret, &err), -EBADMSG);
		assert_null(ret);
		if (!strstr(err.text, damages[i].sentence))
			fail_msg("\"%s\" does not say \"%s\"", err.text, damages[i].sentence);
	}
}

static void the_kernel_is_what_the_file_tells(void **state)
{
	json_t *json = json_loads(good, 0, NULL), *kernel = cyclictest_json_kernel(json);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(kernel, "release")), "6.1-rt");
	assert_true(json_is_true(json_object_get(kernel, "preempt_rt")));
	json_decref(kernel);
	json_object_del(json, "sysinfo");
	kernel = cyclictest_json_kernel(json);
	assert_true(json_is_null(kernel));
	json_decref(kernel);
	json_decref(json);
}

/* The same run as text and as JSON has to give the same histogram. */
static void reads_what_the_real_cyclictest_writes(void **state)
{
	struct scratch *s = *state;
	char *path = talloc_asprintf(s->ctx, "--json=%s/c.json", s->path), *output, *text;
	const char *const argv[] = {
		"cyclictest", "-q", "-h", "500", "-i", "1000", "-D", "1", "-t", "2", path, NULL};
	struct histogram *a, *b;

	assert_int_equal(spawn_read(s->ctx, argv, 30, &output, NULL), 0);
	assert_int_equal(histogram_parse(s->ctx, output, strlen(output), &a, NULL), 0);
	assert_int_equal(file_read(s->ctx, s->fd, "c.json", 1 << 20, &output, NULL, NULL), 0);
	assert_int_equal(convert(s, output, 500, &text, NULL), 0);
	assert_int_equal(histogram_parse(s->ctx, text, strlen(text), &b, NULL), 0);
	for (unsigned t = 0; t < 2; t++) {
		assert_memory_equal(
			a->threads[t].counts, b->threads[t].counts, 500 * sizeof(uint64_t));
		assert_int_equal(a->threads[t].overflows, b->threads[t].overflows);
		assert_int_equal(a->threads[t].max_us, b->threads[t].max_us);
		assert_int_equal(a->threads[t].avg_us, b->threads[t].avg_us);
	}
}

static const struct imported_cell cell = {"xen-rt", "rt",
	{.interval_us = 100, .duration_s = 600, .threads = 1, .histogram_us = 2000}};

static void a_plan_grows_by_cells_and_invents_nothing(void **state)
{
	struct scratch *s = *state;
	struct imported_cell other = cell;
	struct plan *plan = imported_plan(s->ctx, "paper"), *back;
	struct err err = {""};

	other.setup = "kvm-rt";
	assert_int_equal(imported_add(plan, &cell, 2, &err), 0);
	assert_int_equal(imported_add(plan, &other, 1, &err), 0);
	assert_int_equal(imported_add(plan, &cell, 1, &err), 0);
	json_t *json = plan_to_json(plan);
	assert_int_equal(plan_from_json(s->ctx, json, &back, &err), 0);
	json_decref(json);
	assert_true(back->imported);
	assert_int_equal(back->setup_count, 2);
	assert_int_equal(back->experiment_count, 1);
	assert_int_equal(back->run_count, 4);
	assert_string_equal(back->runs[1].id, "xen-rt.rt.2");
	assert_string_equal(back->runs[2].id, "kvm-rt.rt.1");
	assert_string_equal(back->runs[3].id, "xen-rt.rt.3");
	assert_string_equal(back->setups[0].kernel.wanted, "");
	assert_int_equal(back->setups[0].hypervisor, HYPERVISOR_NONE);
	assert_string_equal(back->experiments[0].kernel.wanted, "");
	assert_string_equal(back->experiments[0].setups[1], "kvm-rt");
	assert_null(back->experiments[0].setups[2]);
	assert_int_equal(back->experiments[0].cyclictest.priority, 0);
	assert_string_equal(back->figures[0].setups[1], "kvm-rt");
	assert_null(back->figures[0].setups[2]);
}

static void an_experiment_has_one_shape(void **state)
{
	struct scratch *s = *state;
	struct imported_cell other = cell;
	struct plan *plan = imported_plan(s->ctx, "paper");
	struct err err = {""};

	assert_int_equal(imported_add(plan, &cell, 1, &err), 0);
	other.cyclictest.interval_us = 200;
	assert_int_equal(imported_add(plan, &other, 1, &err), -EINVAL);
	assert_non_null(strstr(err.text, "has an interval of 100us"));
	other.experiment = "slow";
	assert_int_equal(imported_add(plan, &other, 1, &err), 0);
}

static void names_are_those_of_files(void **state)
{
	(void)state;
	assert_true(imported_name_is_fine("xen-4.14_rt"));
	assert_false(imported_name_is_fine(""));
	assert_false(imported_name_is_fine("../x"));
	assert_false(imported_name_is_fine(".x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(json_becomes_the_text_of_the_same_run),
		scratch_test(damaged_json_is_refused),
		scratch_test(the_kernel_is_what_the_file_tells),
		scratch_test(reads_what_the_real_cyclictest_writes),
		scratch_test(a_plan_grows_by_cells_and_invents_nothing),
		scratch_test(an_experiment_has_one_shape),
		scratch_test(names_are_those_of_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
