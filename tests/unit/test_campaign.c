/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include <errno.h>

#include "campaigns/campaign.h"
#include "campaigns/knobs.h"
#include "campaigns/settings.h"
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

static struct plan *shipped(struct scratch *s, const char *name)
{
	struct complaints complaints = {0};
	struct plan *plan = NULL;
	char *path = talloc_asprintf(s->ctx, "campaigns/%s.cfg", name);

	campaign_read(s->ctx, path, NULL, &plan, &complaints);
	for (unsigned i = 0; i < complaints.count; i++)
		print_message("# %s\n", complaints.lines[i]);
	return plan;
}

static void the_papers_campaign_has_its_cells_in_its_order(void **state)
{
	struct plan *plan = shipped(*state, "paper");
	static const char *const setups[] = {"kvm-nrt", "kvm-rt", "xen-nrt", "xen-rt"};
	static const char *const experiments[] = {"nrt", "rt", "host", "host-load"};

	assert_non_null(plan);
	assert_int_equal(plan->run_count, 16);
	for (unsigned i = 0; i < 16; i++)
		assert_string_equal(plan->runs[i].id,
			talloc_asprintf(plan, "%s.%s.1", setups[i / 4], experiments[i % 4]));
	assert_int_equal(plan->experiments[0].cyclictest.duration_s, 600);
	assert_int_equal(plan->experiments[0].cyclictest.interval_us, 100);
	assert_int_equal(plan->output.x_max_us, 1000);
	assert_int_equal(plan->figure_count, 4);
}

/* The parts that stand alone measure what the whole does. */
static void its_parts_are_the_whole(void **state)
{
	static const char *const parts[] = {"exp12", "exp3", "exp4", NULL};
	struct plan *whole = shipped(*state, "paper");
	unsigned runs = 0, figures = 0;

	for (const char *const *name = parts; *name; name++) {
		struct plan *part = shipped(*state, *name);
		assert_non_null(part);
		runs += part->run_count;
		for (unsigned i = 0; i < part->figure_count; i++)
			assert_string_equal(part->figures[i].name, whole->figures[figures++].name);
		assert_memory_equal(&part->experiments[0].cyclictest,
			&whole->experiments[0].cyclictest, sizeof(struct cyclictest));
		for (unsigned i = 0; i < part->setup_count; i++)
			assert_string_equal(part->setups[i].hypervisor_cmdline,
				whole->setups[i].hypervisor_cmdline);
	}
	assert_int_equal(runs, whole->run_count);
	assert_int_equal(figures, whole->figure_count);
}

/* The template and the manual page know every key. */
static void every_key_is_explained(void **state)
{
	static const struct key *const tables[] = {plan_keys, recipe_keys, setup_keys,
		experiment_keys, figure_keys, threshold_keys, limits_keys, output_keys, NULL};
	struct scratch *s = *state;
	char *template, *manual;

	assert_non_null(shipped(s, "template"));
	assert_int_equal(file_read(s->ctx, AT_FDCWD, "campaigns/template.cfg", 1 << 20, &template,
				 NULL, NULL),
		0);
	assert_int_equal(
		file_read(s->ctx, AT_FDCWD, "dist/latcampaign.cfg.5", 1 << 20, &manual, NULL, NULL),
		0);
	for (const struct key *const *table = tables; *table; table++)
		for (const struct key *key = *table; key->name; key++) {
			if (!strstr(template, key->name) || !strstr(manual, key->name))
				fail_msg("%s is not explained", key->name);
		}
}

static void the_quick_look_takes_ten_minutes(void **state)
{
	struct plan *plan = shipped(*state, "quick");
	int64_t seconds = 0;

	assert_non_null(plan);
	for (unsigned i = 0; i < plan->run_count; i++)
		seconds += plan->experiments[plan->runs[i].experiment].cyclictest.duration_s;
	/* Five boots of a minute and a half come to it. */
	assert_true(seconds + INT64_C(5) * 90 <= 600);
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

/* A seed that is refused at once shows the fuzzer nothing. UPDATE=1 writes it anew. */
static void the_fuzzers_seed_is_a_plan(void **state)
{
	static const char seed[] = "tests/fuzz/corpus/plan/plan.json";
	struct scratch *s = *state;
	struct plan *plan;
	struct err err = {""};

	if (getenv("UPDATE")) {
		json_t *made = plan_to_json(read_plan(s,
			"setups = { kvm-rt = { tuning = [ \"thp=never\" ]; }; xen-rt = {}; };"
			"experiments = { a = { load = [ \"hackbench\" ]; repetitions = 2; }; };"
			"expect = { all = { p99_9 = \"40us\"; max = \"100us\"; }; };",
			NULL));
		assert_int_equal(json_dump_file(made, seed, JSON_COMPACT), 0);
		json_decref(made);
	}
	json_t *json = json_load_file(seed, 0, NULL);
	plan_from_json(s->ctx, json, &plan, &err);
	json_decref(json);
	assert_string_equal(err.text, "");
}

/* A campaign that says everything. */
static const char everything[] =
	"kernels = { guest-rt = { source = \"linux-source-6.12\"; rt = true;"
	"   options = [ \"CONFIG_HZ_1000=y\" ]; };"
	" host-rt = { base = \"host\"; source = \"/usr/src/linux.tar.xz\"; rt = true;"
	"   patches = [ \"/usr/src/rt.patch.xz\" ]; modules = \"loaded\"; }; };"
	"setups = { kvm-rt = { kernel = \"host-rt\"; tuning = [ \"latency\", \"thp=madvise\","
	"   \"isolcpus=managed_irq,domain,1\", \"max_cstate=1\" ]; };"
	" xen-rt = { scheduler = \"credit2\"; ratelimit = \"2ms\"; dom0_vcpus = 1;"
	"   dom0_pin = true; }; };"
	"experiments = { a = { guest_kernel = \"guest-rt\"; vcpus = 2; vcpu_cpus = [ \"0\", \"1-2\" ];"
	"   emulator_cpus = \"0\"; vcpu_policy = \"fifo\"; vcpu_priority = 1; lock_memory = true;"
	"   cpu_pm = false; hugepages = true; machine = \"pc\"; pool_cpus = \"1\";"
	"   pool_scheduler = \"rtds\"; weight = 512; cap = 50; rtds_period = \"10ms\";"
	"   rtds_budget = \"4ms\"; load = [ \"hackbench\", \"stress-ng\" ]; load_place = \"neighbour\";"
	"   tuning = [ \"quiet\" ]; tool = \"timerlat\"; repetitions = 10; }; };"
	"figures = { figure-1 = { title = \"One\"; setups = [ \"kvm-rt\" ]; }; };"
	"expect = { guests = { setups = [ \"kvm-rt\" ]; p99_99 = \"40us\"; max = \"1ms\"; }; };";

static void everything_can_be_said_and_frozen(void **state)
{
	struct plan *plan = read_plan(*state, everything, NULL), *back;

	assert_non_null(plan);
	json_t *json = plan_to_json(plan);
	assert_int_equal(plan_from_json(plan, json, &back, NULL), 0);
	json_t *again = plan_to_json(back);
	assert_true(json_equal(json, again));
	assert_int_equal(back->run_count, 20);
	assert_int_equal(plan_recipe(back, "host-rt")->base, RECIPE_HOST);
	assert_int_equal(plan_recipe(back, "host-rt")->modules, RECIPE_MODULES_LOADED);
	assert_string_equal(plan_recipe(back, "guest-rt")->options[0], "CONFIG_HZ_1000=y");
	assert_null(plan_recipe(back, "rt"));
	const struct shape *shape = &back->experiments[0].shape;
	assert_string_equal(shape->vcpu_cpus[1], "1-2");
	assert_int_equal(shape->neighbours, 1); /* who carries the load */
	assert_int_equal(shape->rtds_budget_us, 4000);
	assert_string_equal(back->figures[0].experiments[0], "a");
	assert_int_equal(back->setups[1].ratelimit_us, 2000);
	assert_string_equal(back->thresholds[0].experiments[0], "a");
	assert_int_equal(back->thresholds[0].at_most_us[THRESHOLD_P99_99], 40);
	assert_int_equal(back->thresholds[0].at_most_us[THRESHOLD_MAX], 1000);
	json_decref(json);
	json_decref(again);
}

static void profiles_expand_and_the_later_word_counts(void **state)
{
	struct plan *plan = read_plan(*state, everything, NULL);
	char **tuning = plan->setups[0].tuning;
	unsigned thp = 0;

	for (char **setting = tuning; *setting; setting++)
		thp += strncmp(*setting, "thp=", 4) == 0;
	assert_int_equal(thp, 1);
	assert_string_equal(knobs_cmdline(plan, tuning),
		"skew_tick=1 nosoftlockup isolcpus=managed_irq,domain,1 processor.max_cstate=1 "
		"intel_idle.max_cstate=1");
	/* The profile's knobs of the boot are none of a run's. */
	for (char **setting = plan->experiments[0].tuning; *setting; setting++)
		assert_non_null(knob_find(*setting)->file);
}

static void lists_of_cpus_are_the_kernels(void **state)
{
	static const char *const good[] = {"0", "0-1,3", "8191", "3-3", NULL};
	static const char *const bad[] = {"", "-1", "1-", "3-1", "1,", "1, 2", "8192", "a", NULL};

	(void)state;
	for (const char *const *text = good; *text; text++)
		assert_true(units_cpus(*text));
	for (const char *const *text = bad; *text; text++)
		assert_false(units_cpus(*text));
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
	static const char *const arrays[] = {
		"recipes", "figures", "thresholds", "setups", "experiments", "visits", "runs"};
	struct scratch *s = *state;
	json_t *json = plan_to_json(read_plan(s, everything, NULL));
	struct plan *plan = NULL;

	damage_everything(s, json, json);
	for (unsigned i = 0; i < 7; i++)
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
		scratch_test(its_parts_are_the_whole),
		scratch_test(every_key_is_explained),
		scratch_test(the_quick_look_takes_ten_minutes),
		scratch_test(an_override_changes_one_setup_and_leaves_the_others),
		scratch_test(a_bad_override_is_named),
		scratch_test(repetitions_and_places_expand),
		scratch_test(the_plan_survives_json),
		scratch_test(the_fuzzers_seed_is_a_plan),
		scratch_test(everything_can_be_said_and_frozen),
		scratch_test(profiles_expand_and_the_later_word_counts),
		cmocka_unit_test(lists_of_cpus_are_the_kernels),
		scratch_test(a_damaged_plan_is_noticed),
		scratch_test(durations_and_sizes_have_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
