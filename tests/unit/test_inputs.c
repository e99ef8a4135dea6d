/* SPDX-License-Identifier: MIT */
#include "tests/unit/plans.h"

#include "statemachine/inputs.h"

static void expect_text(struct scratch *s, const char *path, const char *text)
{
	char *found = NULL;

	assert_int_equal(file_read(s->ctx, s->fd, path, 4096, &found, NULL, NULL), 0);
	assert_string_equal(found, text);
}

/* What is included, in a group as well, and each script once; of one name, with a number. */
static void what_a_campaign_rests_on_is_kept(void **state)
{
	struct scratch *s = *state;
	char **names;

	scratch_file(s, "setups.inc", "setups = { kvm-rt = {}; };\n");
	scratch_file(s, "a/measure.sh", "exit 1\n");
	scratch_file(s, "b/measure.sh", "exit 2\n");
	scratch_file(s, "b/more.cfg", "x = { script = \"b/measure.sh\"; };\n");
	scratch_file(s, "inputs/older", "of a start that was cut off\n");
	const struct plan *plan = make_plan(s, "night",
		"@include \"setups.inc\"\n"
		"experiments = {\n@include \"b/more.cfg\"\n"
		"y = { script = \"a/measure.sh\"; }; z = { script = \"a/measure.sh\"; }; };\n");
	assert_int_equal(inputs_keep(plan, s->fd, NULL), 0);
	assert_int_equal(directory_list(s->ctx, s->fd, "inputs", &names, NULL), 0);
	assert_string_equal(names[0], "2-measure.sh");
	assert_string_equal(names[1], "measure.sh");
	assert_string_equal(names[2], "more.cfg");
	assert_string_equal(names[3], "setups.inc");
	assert_null(names[4]);
	expect_text(s, "inputs/measure.sh", "exit 2\n");
	expect_text(s, "inputs/2-measure.sh", "exit 1\n");
	expect_text(s, "inputs/setups.inc", "setups = { kvm-rt = {}; };\n");
}

static void a_campaign_alone_has_no_inputs(void **state)
{
	struct scratch *s = *state;
	const struct plan *plan =
		make_plan(s, "night", "setups = { kvm-rt = {}; }; experiments = { rt = {}; };");

	assert_int_equal(inputs_keep(plan, s->fd, NULL), 0);
	assert_false(file_exists(s->fd, "inputs"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(what_a_campaign_rests_on_is_kept),
		scratch_test(a_campaign_alone_has_no_inputs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
