/* SPDX-License-Identifier: MIT */
#include "campaigns/settings.h"

#include <stddef.h>
#include <string.h>
#include <talloc.h>

#include "campaigns/load-names.h"

/* --- the tables -------------------------------------------------------------------------- */

static const char *const orders[] = {"paper", "random", NULL};
static const char *const hypervisors[] = {"none", "xen", NULL};
static const char *const places[] = {"host", "kvm", "xen", "guest", NULL};
static const char *const guest_types[] = {"pv", "pvh", "hvm", NULL};
static const char *const schedulers[] = {"default", "credit", "credit2", "rtds", "null", NULL};
static const char *const policies[] = {"default", "other", "fifo", "rr", NULL};
static const char *const load_places[] = {"host", "guest", "neighbour", NULL};
static const char *const tools[] = {"cyclictest", "timerlat", NULL};
static const char *const bases[] = {"guest", "host", NULL};
static const char *const modules[] = {"all", "loaded", NULL};
static const char *const formats[] = {"eps", "pdf", "svg", "png", NULL};

const struct key plan_keys[] = {
	{"name", KEY_STRING, offsetof(struct plan, name), 0, 0, NULL},
	{"description", KEY_STRING, offsetof(struct plan, description), 0, 0, NULL},
	{"order", KEY_CHOICE, offsetof(struct plan, order), 0, 0, orders},
	{"seed", KEY_INT64, offsetof(struct plan, seed), 0, INT64_MAX, NULL},
	{"blocks", KEY_INT, offsetof(struct plan, blocks), 1, 1000, NULL},
	{"kernels", KEY_GROUP, 0, 0, 0, NULL},
	{"defaults", KEY_GROUP, 0, 0, 0, NULL},
	{"setups", KEY_GROUP, 0, 0, 0, NULL},
	{"experiments", KEY_GROUP, 0, 0, 0, NULL},
	{"figures", KEY_GROUP, 0, 0, 0, NULL},
	{"expect", KEY_GROUP, 0, 0, 0, NULL},
	{"limits", KEY_GROUP, 0, 0, 0, NULL},
	{"output", KEY_GROUP, 0, 0, 0, NULL},
	{NULL, KEY_GROUP, 0, 0, 0, NULL},
};

#define RECIPE(member) offsetof(struct recipe, member)

const struct key recipe_keys[] = {
	{"base", KEY_CHOICE, RECIPE(base), 0, 0, bases},
	{"source", KEY_STRING, RECIPE(source), 0, 0, NULL},
	{"sha256", KEY_STRING, RECIPE(source_sha256), 0, 0, NULL},
	{"commit", KEY_STRING, RECIPE(commit), 0, 0, NULL},
	{"patches", KEY_WORDS, RECIPE(patches), 0, 0, NULL},
	{"patches_sha256", KEY_WORDS, RECIPE(patches_sha256), 0, 0, NULL},
	{"options", KEY_WORDS, RECIPE(options), 0, 0, NULL},
	{"rt", KEY_FLAG, RECIPE(rt), 0, 0, NULL},
	{"modules", KEY_CHOICE, RECIPE(modules), 0, 0, modules},
	{NULL, KEY_GROUP, 0, 0, 0, NULL},
};

const struct key figure_keys[] = {
	{"title", KEY_STRING, offsetof(struct figure, title), 0, 0, NULL},
	{"experiments", KEY_WORDS, offsetof(struct figure, experiments), 1, 0, NULL},
	{"setups", KEY_WORDS, offsetof(struct figure, setups), 1, 0, NULL},
	{NULL, KEY_GROUP, 0, 0, 0, NULL},
};

#define AT_MOST(of) offsetof(struct threshold, at_most_us[THRESHOLD_##of])

/* In a name libconfig takes no '.': p99_9 is p99.9. */
const struct key threshold_keys[] = {
	{"experiments", KEY_WORDS, offsetof(struct threshold, experiments), 1, 0, NULL},
	{"setups", KEY_WORDS, offsetof(struct threshold, setups), 1, 0, NULL},
	{"p50", KEY_MICROS, AT_MOST(P50), 1, 1000000000, NULL},
	{"p90", KEY_MICROS, AT_MOST(P90), 1, 1000000000, NULL},
	{"p99", KEY_MICROS, AT_MOST(P99), 1, 1000000000, NULL},
	{"p99_9", KEY_MICROS, AT_MOST(P99_9), 1, 1000000000, NULL},
	{"p99_99", KEY_MICROS, AT_MOST(P99_99), 1, 1000000000, NULL},
	{"p99_999", KEY_MICROS, AT_MOST(P99_999), 1, 1000000000, NULL},
	{"max", KEY_MICROS, AT_MOST(MAX), 1, 1000000000, NULL},
	{NULL, KEY_GROUP, 0, 0, 0, NULL},
};

const struct key setup_keys[] = {
	{"hypervisor", KEY_CHOICE, offsetof(struct setup, hypervisor), 0, 0, hypervisors},
	{"kernel", KEY_STRING, offsetof(struct setup, kernel.wanted), 0, 0, NULL},
	{"cmdline", KEY_CMDLINE, offsetof(struct setup, cmdline), 0, 0, NULL},
	{"hypervisor_cmdline", KEY_CMDLINE, offsetof(struct setup, hypervisor_cmdline), 0, 0, NULL},
	{"tuning", KEY_WORDS, offsetof(struct setup, tuning), 0, 0, NULL},
	{"scheduler", KEY_CHOICE, offsetof(struct setup, scheduler), 0, 0, schedulers},
	{"ratelimit", KEY_MICROS, offsetof(struct setup, ratelimit_us), 0, 500000, NULL},
	{"dom0_vcpus", KEY_INT, offsetof(struct setup, dom0_vcpus), 1, 1024, NULL},
	{"dom0_pin", KEY_BOOL, offsetof(struct setup, dom0_pin), 0, 0, NULL},
	{NULL, KEY_GROUP, 0, 0, 0, NULL},
};

#define SHAPE(member) offsetof(struct experiment, shape.member)
#define CYCLICTEST(member) offsetof(struct experiment, cyclictest.member)

const struct key experiment_keys[] = {
	{"place", KEY_CHOICE, offsetof(struct experiment, place), 0, 0, places},
	{"setups", KEY_WORDS, offsetof(struct experiment, setups), 1, 0, NULL},
	{"guest_kernel", KEY_STRING, offsetof(struct experiment, kernel.wanted), 0, 0, NULL},
	{"guest_type", KEY_CHOICE, offsetof(struct experiment, guest_type), 0, 0, guest_types},
	{"hap", KEY_BOOL, offsetof(struct experiment, hap), 0, 0, NULL},
	{"vcpus", KEY_INT, offsetof(struct experiment, vcpus), 1, 1024, NULL},
	{"memory", KEY_MIB, offsetof(struct experiment, memory_mib), 64, 1 << 20, NULL},
	{"vcpu_cpus", KEY_WORDS, SHAPE(vcpu_cpus), 1, 0, NULL},
	{"emulator_cpus", KEY_CPUS, SHAPE(emulator_cpus), 0, 0, NULL},
	{"vcpu_policy", KEY_CHOICE, SHAPE(vcpu_policy), 0, 0, policies},
	{"vcpu_priority", KEY_INT, SHAPE(vcpu_priority), 0, 99, NULL},
	{"lock_memory", KEY_BOOL, SHAPE(lock_memory), 0, 0, NULL},
	{"cpu_pm", KEY_BOOL, SHAPE(cpu_pm), 0, 0, NULL},
	{"hugepages", KEY_BOOL, SHAPE(hugepages), 0, 0, NULL},
	{"machine", KEY_STRING, SHAPE(machine), 0, 0, NULL},
	{"pool_cpus", KEY_CPUS, SHAPE(pool_cpus), 0, 0, NULL},
	{"pool_scheduler", KEY_CHOICE, SHAPE(pool_scheduler), 0, 0, schedulers},
	{"weight", KEY_INT, SHAPE(weight), 1, 65535, NULL},
	{"cap", KEY_INT, SHAPE(cap), 1, 102400, NULL},
	{"rtds_period", KEY_MICROS, SHAPE(rtds_period_us), 10, 3600000000, NULL},
	{"rtds_budget", KEY_MICROS, SHAPE(rtds_budget_us), 10, 3600000000, NULL},
	{"neighbours", KEY_INT, SHAPE(neighbours), 0, 64, NULL},
	{"tuning", KEY_WORDS, offsetof(struct experiment, tuning), 0, 0, NULL},
	{"load", KEY_WORDS, offsetof(struct experiment, load), 0, 0, load_names},
	{"load_place", KEY_CHOICE, offsetof(struct experiment, load_place), 0, 0, load_places},
	{"tool", KEY_CHOICE, offsetof(struct experiment, tool), 0, 0, tools},
	{"script", KEY_STRING, offsetof(struct experiment, script), 0, 0, NULL},
	{"interval", KEY_MICROS, CYCLICTEST(interval_us), 1, 1000000000, NULL},
	{"duration", KEY_SECONDS, CYCLICTEST(duration_s), 1, INT64_C(30) * 86400, NULL},
	{"priority", KEY_INT, CYCLICTEST(priority), 0, 99, NULL},
	{"threads", KEY_INT, CYCLICTEST(threads), 1, 1024, NULL},
	{"histogram", KEY_MICROS, CYCLICTEST(histogram_us), 1, 1000000, NULL},
	{"repetitions", KEY_INT, offsetof(struct experiment, repetitions), 1, 10000, NULL},
	{NULL, KEY_GROUP, 0, 0, 0, NULL},
};

const struct key limits_keys[] = {
	{"boot_attempts", KEY_INT, offsetof(struct limits, boot_attempts), 1, 100, NULL},
	{"run_attempts", KEY_INT, offsetof(struct limits, run_attempts), 1, 100, NULL},
	{"boots", KEY_INT, offsetof(struct limits, boots), 1, 100000, NULL},
	{"idle_boots", KEY_INT, offsetof(struct limits, idle_boots), 1, 100000, NULL},
	{"guest_time", KEY_SECONDS, offsetof(struct limits, guest_seconds), 1, 86400, NULL},
	{"boot_time", KEY_SECONDS, offsetof(struct limits, boot_seconds), 60,
		LIMITS_BOOT_SECONDS_MAX, NULL},
	{"watchdog", KEY_SECONDS, offsetof(struct limits, watchdog_seconds), 0, 3600, NULL},
	{"wall_time", KEY_SECONDS, offsetof(struct limits, wall_seconds), 1, INT64_C(365) * 86400,
		NULL},
	{NULL, KEY_GROUP, 0, 0, 0, NULL},
};

const struct key output_keys[] = {
	{"x_max", KEY_MICROS, offsetof(struct output, x_max_us), 1, 1000000000, NULL},
	{"precision", KEY_INT, offsetof(struct output, precision), 1, 100, NULL},
	{"formats", KEY_WORDS, offsetof(struct output, formats), 1, 0, formats},
	{NULL, KEY_GROUP, 0, 0, 0, NULL},
};

/* --- defaults ---------------------------------------------------------------------------- */

/* The paper's four host setups, known by name. */
static const struct {
	const char *name;
	enum hypervisor hypervisor;
	const char *kernel;
} known_setups[] = {
	{"kvm-nrt", HYPERVISOR_NONE, "nrt"},
	{"kvm-rt", HYPERVISOR_NONE, "rt"},
	{"xen-nrt", HYPERVISOR_XEN, "nrt"},
	{"xen-rt", HYPERVISOR_XEN, "rt"},
};

void settings_default_plan(struct plan *plan)
{
	static const char *const all_formats[] = {"eps", "pdf", "svg", "png", NULL};

	plan->name = talloc_strdup(plan, "");
	plan->description = talloc_strdup(plan, "");
	plan->overrides = talloc_zero_array(plan, char *, 1);
	plan->order = ORDER_UNSAID;
	plan->blocks = 1;
	plan->limits = (struct limits){.boot_attempts = 3,
		.run_attempts = 2,
		.boots = 0,
		.idle_boots = 0,
		.guest_seconds = 300,
		.boot_seconds = 1200,
		.watchdog_seconds = 60,
		.wall_seconds = 86400};
	plan->output.x_max_us = 1000;
	plan->output.precision = 10;
	plan->output.formats = talloc_zero_array(plan, char *, 5);
	for (unsigned i = 0; all_formats[i]; i++)
		plan->output.formats[i] = talloc_strdup(plan, all_formats[i]);
}

void settings_default_experiment(struct plan *plan, struct experiment *experiment)
{
	*experiment = (struct experiment){
		.place = SETTINGS_PLACE_GUEST,
		.setups = NULL,
		.kernel.wanted = talloc_strdup(plan, "rt"),
		.guest_type = GUEST_PV,
		.vcpus = 1,
		.memory_mib = 256,
		.script = talloc_strdup(plan, ""),
		.shape = {.vcpu_cpus = talloc_zero_array(plan, char *, 1),
			.emulator_cpus = talloc_strdup(plan, ""),
			.machine = talloc_strdup(plan, "q35"),
			.pool_cpus = talloc_strdup(plan, "")},
		.tuning = talloc_zero_array(plan, char *, 1),
		.load = talloc_zero_array(plan, char *, 1),
		.cyclictest = {.interval_us = 1000,
			.duration_s = 60,
			.priority = 99,
			.threads = 1,
			.histogram_us = 1000},
		.repetitions = 1,
	};
}

void settings_default_recipe(struct plan *plan, struct recipe *recipe, const char *name)
{
	*recipe = (struct recipe){
		.name = talloc_strdup(plan, name),
		.base = RECIPE_GUEST,
		.source = talloc_strdup(plan, ""),
		.source_sha256 = talloc_strdup(plan, ""),
		.commit = talloc_strdup(plan, ""),
		.patches = talloc_zero_array(plan, char *, 1),
		.patches_sha256 = talloc_zero_array(plan, char *, 1),
		.options = talloc_zero_array(plan, char *, 1),
	};
}

void settings_default_setup(struct plan *plan, struct setup *setup, const char *name)
{
	*setup = (struct setup){
		.name = talloc_strdup(plan, name),
		.kernel.wanted = talloc_strdup(plan, ""),
		.cmdline = talloc_strdup(plan, ""),
		.hypervisor_cmdline = talloc_strdup(plan, ""),
		.tuning = talloc_zero_array(plan, char *, 1),
		.ratelimit_us = -1,
	};
	for (size_t i = 0; i < sizeof(known_setups) / sizeof(*known_setups); i++)
		if (strcmp(known_setups[i].name, name) == 0) {
			setup->hypervisor = known_setups[i].hypervisor;
			setup->kernel.wanted = talloc_strdup(plan, known_setups[i].kernel);
		}
}

void settings_add_known_setups(config_t *config)
{
	config_setting_t *root = config_root_setting(config);

	if (config_setting_get_member(root, "setups"))
		return;
	config_setting_t *group = config_setting_add(root, "setups", CONFIG_TYPE_GROUP);
	for (size_t i = 0; i < sizeof(known_setups) / sizeof(*known_setups); i++)
		config_setting_add(group, known_setups[i].name, CONFIG_TYPE_GROUP);
}
