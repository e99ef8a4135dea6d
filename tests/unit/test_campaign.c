/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include <errno.h>

#include "campaigns/campaign.h"
#include "campaigns/units.h"

static struct plan *read_plan(struct scratch *s, const char *text, const char *const *overrides)
{
	struct complaints complaints = {0};
	struct plan *plan = NULL;
	char *path = talloc_asprintf(s->ctx, "%s/test.cfg", s->path);

	scratch_file(s, "test.cfg", text);
	int r = campaign_read(s->ctx, path, overrides, &plan, &complaints);
	for (unsigned i = 0; i < complaints.count; i++)
		print_message("# %s\n", complaints.lines[i]);
	return r == 0 ? plan : NULL;
}

static void five_lines_are_enough(void **state)
{
	struct plan *plan =
		read_plan(*state, "experiments = { one = { duration = \"1m\"; }; };", NULL);

	assert_non_null(plan);
	assert_string_equal(plan->name, "test");
	assert_int_equal(plan->setup_count, 4);
	assert_int_equal(plan->visit_count, 4);
	assert_int_equal(plan->run_count, 4);
	assert_string_equal(plan->runs[0].id, "kvm-nrt.one.1");
	assert_int_equal(plan->runs[0].place, PLACE_KVM);
	assert_string_equal(plan->runs[3].id, "xen-rt.one.1");
	assert_int_equal(plan->runs[3].place, PLACE_XEN);
	assert_int_equal(plan->limits.boots, 2 * 4 + 3);
}

static void the_papers_campaign_has_its_cells_in_its_order(void **state)
{
	struct scratch *s = *state;
	struct complaints complaints = {0};
	struct plan *plan;
	static const char *const ids[] = {"kvm-nrt.nrt.1", "kvm-nrt.rt.1", "kvm-rt.nrt.1",
		"kvm-rt.rt.1", "xen-nrt.nrt.1", "xen-nrt.rt.1", "xen-rt.nrt.1", "xen-rt.rt.1"};

	assert_int_equal(campaign_read(s->ctx, "campaigns/paper.cfg", NULL, &plan, &complaints), 0);
	assert_int_equal(plan->run_count, 8);
	for (unsigned i = 0; i < 8; i++)
		assert_string_equal(plan->runs[i].id, ids[i]);
	assert_int_equal(plan->experiments[0].cyclictest.duration_s, 600);
	assert_int_equal(plan->experiments[0].cyclictest.interval_us, 100);
	assert_int_equal(plan->output.x_max_us, 1000);
}

static void an_override_changes_one_setup_and_leaves_the_others(void **state)
{
	const char *const overrides[] = {"setups.xen-rt.cmdline=console=hvc0",
		"experiments.one.duration=10s", "experiments.one.priority=5",
		"output.formats=[ \"svg\" ]", NULL};
	struct plan *plan =
		read_plan(*state, "experiments = { one = { duration = \"1m\"; }; };", overrides);

	assert_non_null(plan);
	assert_int_equal(plan->setup_count, 4);
	assert_string_equal(plan->setups[3].cmdline, "console=hvc0");
	assert_string_equal(plan->setups[2].cmdline, "");
	assert_int_equal(plan->setups[3].hypervisor, HYPERVISOR_XEN);
	assert_int_equal(plan->experiments[0].cyclictest.duration_s, 10);
	assert_int_equal(plan->experiments[0].cyclictest.priority, 5);
	assert_string_equal(plan->output.formats[0], "svg");
	assert_null(plan->output.formats[1]);
	assert_string_equal(plan->overrides[1], "experiments.one.duration=10s");
}

static void a_bad_override_is_named(void **state)
{
	static const struct {
		const char *override, *complaint;
	} cases[] = {
		{"duration", "--set duration: has to be KEY=VALUE, such as defaults.duration=10s"},
		{"=5", "--set =5: has to be KEY=VALUE, such as defaults.duration=10s"},
		{"defaults.priority=100",
			"--set defaults.priority=100: priority is out of range: it is 0 to 99"},
		{"defaults.priorty=1",
			"--set defaults.priorty=1: there is no key \"priorty\" here; "
			"did you mean \"priority\"?"},
		{"name.x=1", "--set name.x=1: there can be no such key; it is names joined by "
			     "dots, such as experiments.rt.duration"},
		{"name=a/b", "--set name=a/b: the name \"a/b\" becomes part of file names; it has "
			     "to begin "
			     "with a letter or digit and to hold nothing but letters, digits, '.', "
			     "'_' and "
			     "'-'"},
	};
	struct scratch *s = *state;

	scratch_file(s, "test.cfg", "name = \"n\"; experiments = { one = { }; };");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *const overrides[] = {cases[i].override, NULL};
		struct complaints complaints = {0};
		struct plan *plan = NULL;
		char *path = talloc_asprintf(s->ctx, "%s/test.cfg", s->path);
		assert_int_equal(
			campaign_read(s->ctx, path, overrides, &plan, &complaints), -EINVAL);
		assert_int_equal(complaints.count, 1);
		assert_string_equal(complaints.lines[0], cases[i].complaint);
		assert_null(plan);
	}
}

static void random_order_is_the_seeds_and_loses_nothing(void **state)
{
	static const char text[] = "order = \"random\"; seed = %d; experiments = { a = { }; };";
	struct scratch *s = *state;
	unsigned different = 0;

	struct plan *one = read_plan(s, talloc_asprintf(s->ctx, text, 1), NULL);
	for (int seed = 1; seed < 20; seed++) {
		struct plan *plan = read_plan(s, talloc_asprintf(s->ctx, text, seed), NULL);
		unsigned seen = 0;
		assert_int_equal(plan->visit_count, 4);
		for (unsigned v = 0; v < 4; v++) {
			seen |= 1u << plan->visits[v].setup;
			different += plan->visits[v].setup != one->visits[v].setup;
		}
		assert_int_equal(seen, 15);
	}
	assert_true(different > 0);
	struct plan *again = read_plan(s, talloc_asprintf(s->ctx, text, 1), NULL);
	for (unsigned v = 0; v < 4; v++)
		assert_int_equal(again->visits[v].setup, one->visits[v].setup);
}

static void repetitions_and_places_expand(void **state)
{
	struct plan *plan = read_plan(*state,
		"experiments = { h = { place = \"host\"; repetitions = 2; };"
		" k = { place = \"kvm\"; }; x = { place = \"xen\"; setups = [ \"xen-rt\" ]; }; };",
		NULL);

	assert_non_null(plan);
	assert_int_equal(plan->run_count, 4 * 2 + 2 + 1);
	assert_string_equal(plan->runs[1].id, "kvm-nrt.h.2");
	assert_string_equal(plan->experiments[0].kernel.wanted, "");
	assert_string_equal(plan->runs[plan->run_count - 1].id, "xen-rt.x.1");
}

static void the_plan_survives_json(void **state)
{
	struct scratch *s = *state;
	const char *const overrides[] = {"setups.xen-rt.cmdline=console=hvc0", NULL};
	struct plan *plan = read_plan(s,
			    "experiments = { a = { hap = false; repetitions = 3; }; };", overrides),
		    *back;
	json_t *json = plan_to_json(plan);
	struct err err = {""};

	assert_int_equal(plan_from_json(s->ctx, json, &back, &err), 0);
	json_t *again = plan_to_json(back);
	assert_true(json_equal(json, again));
	assert_int_equal(back->experiments[0].hap, TOGGLE_OFF);
	assert_null(back->setups[0].kernel.image);
	json_decref(json);
	json_decref(again);
}

/* Every member taken away, and every member of another type, has to be noticed. */
static void damage_everything(struct scratch *s, json_t *root, json_t *object)
{
	char **names = talloc_zero_array(s->ctx, char *, (unsigned)json_object_size(object) + 1);
	const char *key;
	json_t *value;
	unsigned count = 0;

	json_object_foreach(object, key, value)
	{
		names[count++] = talloc_strdup(names, key);
	}
	for (char **name = names; *name; name++) {
		struct plan *plan = NULL;
		value = json_incref(json_object_get(object, *name));
		json_object_del(object, *name);
		assert_int_equal(plan_from_json(s->ctx, root, &plan, NULL), -EBADMSG);
		json_object_set_new(object, *name, json_real(0.5));
		assert_int_equal(plan_from_json(s->ctx, root, &plan, NULL), -EBADMSG);
		assert_null(plan);
		json_object_set_new(object, *name, value);
	}
}

static void a_damaged_plan_is_noticed(void **state)
{
	static const char *const arrays[] = {"setups", "experiments", "visits", "runs"};
	struct scratch *s = *state;
	json_t *json = plan_to_json(read_plan(s, "experiments = { a = { }; };", NULL));
	struct plan *plan = NULL;

	damage_everything(s, json, json);
	for (unsigned i = 0; i < 4; i++)
		damage_everything(s, json, json_array_get(json_object_get(json, arrays[i]), 0));
	json_object_set_new(
		json_array_get(json_object_get(json, "runs"), 0), "experiment", json_integer(1));
	assert_int_equal(plan_from_json(s->ctx, json, &plan, NULL), -EBADMSG);
	json_decref(json);
}

static void durations_and_sizes_have_units(void **state)
{
	int64_t value;

	(void)state;
	assert_true(units_duration("1h30m", &value) && value == 5400000000);
	assert_true(units_duration("1000ns", &value) && value == 1);
	assert_true(units_duration("0s", &value) && value == 0);
	static const char *const bad[] = {"", "5", "s", "5 s", "5s ", "-5s", "1.5s", "999ns", "5x",
		"99999999999999999999s", "5s5", "1000000000000d", NULL};
	for (const char *const *text = bad; *text; text++)
		assert_false(units_duration(*text, &value));
	assert_true(units_size("2G", &value) && value == 2048);
	assert_true(units_size("2048K", &value) && value == 2);
	assert_false(units_size("512K", &value));
	assert_false(units_size("5", &value));
	assert_false(units_size("2000G", &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(five_lines_are_enough),
		scratch_test(the_papers_campaign_has_its_cells_in_its_order),
		scratch_test(an_override_changes_one_setup_and_leaves_the_others),
		scratch_test(a_bad_override_is_named),
		scratch_test(random_order_is_the_seeds_and_loses_nothing),
		scratch_test(repetitions_and_places_expand),
		scratch_test(the_plan_survives_json),
		scratch_test(a_damaged_plan_is_noticed),
		scratch_test(durations_and_sizes_have_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
