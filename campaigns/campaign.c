/* SPDX-License-Identifier: MIT */
#include "campaigns/campaign.h"

#include <errno.h>
#include <libconfig.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "campaigns/expand.h"
#include "campaigns/keys.h"
#include "campaigns/override.h"

#define FILE_LIMIT (1 << 20)

/* --- the tables -------------------------------------------------------------------------- */

static const char *const orders[] = {"paper", "random", NULL};
static const char *const hypervisors[] = {"none", "xen", NULL};
static const char *const places[] = {"host", "kvm", "xen", "guest", NULL};
static const char *const guest_types[] = {"pv", "pvh", "hvm", NULL};
static const char *const formats[] = {"eps", "pdf", "svg", "png", NULL};

static const struct key plan_keys[] = {
	{"name", KEY_STRING, offsetof(struct plan, name), 0, 0, NULL},
	{"description", KEY_STRING, offsetof(struct plan, description), 0, 0, NULL},
	{"order", KEY_CHOICE, offsetof(struct plan, order), 0, 0, orders},
	{"seed", KEY_INT64, offsetof(struct plan, seed), 0, INT64_MAX, NULL},
	{"defaults", KEY_GROUP, 0, 0, 0, NULL},
	{"setups", KEY_GROUP, 0, 0, 0, NULL},
	{"experiments", KEY_GROUP, 0, 0, 0, NULL},
	{"limits", KEY_GROUP, 0, 0, 0, NULL},
	{"output", KEY_GROUP, 0, 0, 0, NULL},
	{NULL, KEY_GROUP, 0, 0, 0, NULL},
};

static const struct key setup_keys[] = {
	{"hypervisor", KEY_CHOICE, offsetof(struct setup, hypervisor), 0, 0, hypervisors},
	{"kernel", KEY_STRING, offsetof(struct setup, kernel.wanted), 0, 0, NULL},
	{"cmdline", KEY_CMDLINE, offsetof(struct setup, cmdline), 0, 0, NULL},
	{"hypervisor_cmdline", KEY_CMDLINE, offsetof(struct setup, hypervisor_cmdline), 0, 0, NULL},
	{NULL, KEY_GROUP, 0, 0, 0, NULL},
};

#define CYCLICTEST(member) offsetof(struct experiment, cyclictest.member)

static const struct key experiment_keys[] = {
	{"place", KEY_CHOICE, offsetof(struct experiment, place), 0, 0, places},
	{"setups", KEY_WORDS, offsetof(struct experiment, setups), 0, 0, NULL},
	{"guest_kernel", KEY_STRING, offsetof(struct experiment, kernel.wanted), 0, 0, NULL},
	{"guest_type", KEY_CHOICE, offsetof(struct experiment, guest_type), 0, 0, guest_types},
	{"hap", KEY_BOOL, offsetof(struct experiment, hap), 0, 0, NULL},
	{"vcpus", KEY_INT, offsetof(struct experiment, vcpus), 1, 1024, NULL},
	{"memory", KEY_MIB, offsetof(struct experiment, memory_mib), 64, 1 << 20, NULL},
	{"script", KEY_STRING, offsetof(struct experiment, script), 0, 0, NULL},
	{"interval", KEY_MICROS, CYCLICTEST(interval_us), 1, 1000000000, NULL},
	{"duration", KEY_SECONDS, CYCLICTEST(duration_s), 1, INT64_C(30) * 86400, NULL},
	{"priority", KEY_INT, CYCLICTEST(priority), 0, 99, NULL},
	{"threads", KEY_INT, CYCLICTEST(threads), 1, 1024, NULL},
	{"histogram", KEY_MICROS, CYCLICTEST(histogram_us), 1, 1000000, NULL},
	{"repetitions", KEY_INT, offsetof(struct experiment, repetitions), 1, 10000, NULL},
	{NULL, KEY_GROUP, 0, 0, 0, NULL},
};

static const struct key limits_keys[] = {
	{"boot_attempts", KEY_INT, offsetof(struct limits, boot_attempts), 1, 100, NULL},
	{"run_attempts", KEY_INT, offsetof(struct limits, run_attempts), 1, 100, NULL},
	{"boots", KEY_INT, offsetof(struct limits, boots), 1, 100000, NULL},
	{"guest_time", KEY_SECONDS, offsetof(struct limits, guest_seconds), 1, 86400, NULL},
	{"wall_time", KEY_SECONDS, offsetof(struct limits, wall_seconds), 1, INT64_C(365) * 86400,
		NULL},
	{NULL, KEY_GROUP, 0, 0, 0, NULL},
};

static const struct key output_keys[] = {
	{"x_max", KEY_MICROS, offsetof(struct output, x_max_us), 1, 1000000000, NULL},
	{"formats", KEY_WORDS, offsetof(struct output, formats), 0, 0, formats},
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
#define KNOWN_SETUPS (sizeof(known_setups) / sizeof(*known_setups))

static void default_plan(struct plan *plan)
{
	static const char *const all_formats[] = {"eps", "pdf", "svg", "png", NULL};

	plan->name = talloc_strdup(plan, "");
	plan->description = talloc_strdup(plan, "");
	plan->overrides = talloc_zero_array(plan, char *, 1);
	plan->limits = (struct limits){.boot_attempts = 3,
		.run_attempts = 2,
		.boots = 0,
		.guest_seconds = 300,
		.wall_seconds = 86400};
	plan->output.x_max_us = 1000;
	plan->output.formats = talloc_zero_array(plan, char *, 5);
	for (unsigned i = 0; all_formats[i]; i++)
		plan->output.formats[i] = talloc_strdup(plan, all_formats[i]);
}

/* `place` holds the index into places[] while experiments are read: 3 is "guest". */
static void default_experiment(struct plan *plan, struct experiment *experiment)
{
	*experiment = (struct experiment){
		.place = (enum place)3,
		.setups = NULL,
		.kernel.wanted = talloc_strdup(plan, "rt"),
		.guest_type = GUEST_PV,
		.vcpus = 1,
		.memory_mib = 256,
		.script = talloc_strdup(plan, ""),
		.cyclictest = {.interval_us = 1000,
			.duration_s = 60,
			.priority = 99,
			.threads = 1,
			.histogram_us = 1000},
		.repetitions = 1,
	};
}

/* False when the name says nothing and `kernel` has to be given. */
static bool default_setup(struct plan *plan, struct setup *setup, const char *name)
{
	*setup = (struct setup){
		.name = talloc_strdup(plan, name),
		.kernel.wanted = talloc_strdup(plan, ""),
		.cmdline = talloc_strdup(plan, ""),
		.hypervisor_cmdline = talloc_strdup(plan, ""),
	};
	for (size_t i = 0; i < KNOWN_SETUPS; i++)
		if (strcmp(known_setups[i].name, name) == 0) {
			setup->hypervisor = known_setups[i].hypervisor;
			setup->kernel.wanted = talloc_strdup(plan, known_setups[i].kernel);
			return true;
		}
	return false;
}

/* --- reading ----------------------------------------------------------------------------- */

static void read_setup(struct reader *reader, struct plan *plan, const config_setting_t *group)
{
	const char *name = config_setting_name(group);

	plan->setups = talloc_realloc(plan, plan->setups, struct setup, plan->setup_count + 1);
	struct setup *setup = &plan->setups[plan->setup_count++];
	default_setup(plan, setup, name);
	keys_check_name(reader, group, name);
	if (!config_setting_is_group(group)) {
		reader_complain(reader, group, "setup %s has to be a group, { ... }", name);
		return;
	}
	keys_read(reader, group, setup_keys, setup);
	if (!*setup->kernel.wanted)
		reader_complain(reader, group,
			"setup %s names no kernel; add kernel = \"nrt\", \"rt\", a release or the "
			"path "
			"of an image",
			name);
	if (*setup->hypervisor_cmdline && setup->hypervisor == HYPERVISOR_NONE)
		reader_complain(reader, group,
			"setup %s has a hypervisor_cmdline and no hypervisor; add hypervisor = "
			"\"xen\" or take it out",
			name);
}

static void read_setups(struct reader *reader, struct plan *plan, const config_t *config)
{
	const config_setting_t *group = config_lookup(config, "setups");

	if (!group || !config_setting_is_group(group))
		return;
	for (int i = 0; i < config_setting_length(group); i++)
		read_setup(reader, plan, config_setting_get_elem(group, (unsigned)i));
	if (plan->setup_count == 0)
		reader_complain(reader, group,
			"there are no setups; leave the group out for the paper's four, or name "
			"some, "
			"such as kvm-rt = {};");
}

/* A script is found beside the campaign that names it. */
static void resolve_script(
	struct reader *reader, const config_setting_t *group, struct experiment *experiment)
{
	char *directory = talloc_strdup(NULL, reader->path), resolved[PATH_MAX];
	char *path = *experiment->script == '/' ? talloc_strdup(directory, experiment->script)
						: talloc_asprintf(directory, "%s/%s",
							  dirname(directory), experiment->script);

	if (*experiment->script && (!realpath(path, resolved) || access(resolved, R_OK) < 0))
		reader_complain(
			reader, group, "script %s cannot be read: %s", path, strerror(errno));
	else if (*experiment->script)
		experiment->script = talloc_strdup(reader->ctx, resolved);
	talloc_free(directory);
}

static void finish_experiment(
	struct reader *reader, const config_setting_t *group, struct experiment *experiment)
{
	const struct cyclictest *cyclictest = &experiment->cyclictest;

	experiment->in_guest = experiment->place == (enum place)3;
	if (experiment->in_guest)
		experiment->place = PLACE_HOST;
	if (experiment->place == PLACE_HOST && !experiment->in_guest)
		experiment->kernel.wanted = talloc_strdup(reader->ctx, "");
	if (cyclictest->duration_s * 1000000 < cyclictest->interval_us)
		reader_complain(reader, group,
			"experiment %s lasts %lld s, shorter than its interval of %lld us; make "
			"the "
			"duration longer or the interval shorter",
			experiment->name, (long long)cyclictest->duration_s,
			(long long)cyclictest->interval_us);
	resolve_script(reader, group, experiment);
}

static void read_experiment(struct reader *reader, struct plan *plan,
	const struct experiment *defaults, const config_setting_t *group)
{
	const char *name = config_setting_name(group);

	plan->experiments = talloc_realloc(
		plan, plan->experiments, struct experiment, plan->experiment_count + 1);
	struct experiment *experiment = &plan->experiments[plan->experiment_count++];
	*experiment = *defaults;
	experiment->name = talloc_strdup(plan, name);
	keys_check_name(reader, group, name);
	if (!config_setting_is_group(group)) {
		reader_complain(reader, group, "experiment %s has to be a group, { ... }", name);
		return;
	}
	keys_read(reader, group, experiment_keys, experiment);
	finish_experiment(reader, group, experiment);
	expand_check_setups(reader, plan, experiment, group);
}

static void read_experiments(struct reader *reader, struct plan *plan, const config_t *config)
{
	const config_setting_t *group = config_lookup(config, "experiments");
	const config_setting_t *defaults_group = config_lookup(config, "defaults");
	struct experiment defaults;

	default_experiment(plan, &defaults);
	if (defaults_group && config_setting_is_group(defaults_group))
		keys_read(reader, defaults_group, experiment_keys, &defaults);
	if (!group || (config_setting_is_group(group) && config_setting_length(group) == 0))
		reader_complain(reader, group,
			"the campaign has no experiments; add at least one, such as experiments = "
			"{ "
			"rt = { guest_kernel = \"rt\"; }; };");
	else if (config_setting_is_group(group))
		for (int i = 0; i < config_setting_length(group); i++)
			read_experiment(reader, plan, &defaults,
				config_setting_get_elem(group, (unsigned)i));
}

static void read_group(struct reader *reader, const config_t *config, const char *name,
	const struct key *keys, void *target)
{
	const config_setting_t *group = config_lookup(config, name);

	if (group && config_setting_is_group(group))
		keys_read(reader, group, keys, target);
}

/* "dir/paper.cfg" -> "paper" */
static void default_name(struct plan *plan, const char *path)
{
	const char *slash = strrchr(path, '/');

	plan->name = talloc_strdup(plan, slash ? slash + 1 : path);
	char *dot = strrchr(plan->name, '.');
	if (dot && strcmp(dot, ".cfg") == 0)
		*dot = '\0';
}

static void read_plan(struct reader *reader, struct plan *plan, const config_t *config)
{
	const config_setting_t *root = config_root_setting(config);
	const config_setting_t *name = config_lookup(config, "name");

	default_plan(plan);
	default_name(plan, reader->path);
	keys_read(reader, root, plan_keys, plan);
	keys_check_name(reader, name, plan->name);
	read_group(reader, config, "limits", limits_keys, &plan->limits);
	read_group(reader, config, "output", output_keys, &plan->output);
	read_setups(reader, plan, config);
	read_experiments(reader, plan, config);
}

/* --- the file ---------------------------------------------------------------------------- */

/* An override may say something of one of the paper's setups without naming the other three. */
static void add_known_setups(config_t *config)
{
	config_setting_t *root = config_root_setting(config);

	if (config_setting_get_member(root, "setups"))
		return;
	config_setting_t *group = config_setting_add(root, "setups", CONFIG_TYPE_GROUP);
	for (size_t i = 0; i < KNOWN_SETUPS; i++)
		config_setting_add(group, known_setups[i].name, CONFIG_TYPE_GROUP);
}

static bool is_readable_file(struct reader *reader)
{
	struct stat st;

	if (stat(reader->path, &st) < 0 || access(reader->path, R_OK) < 0)
		complaints_add(reader->ctx, reader->complaints, "%s: cannot be read: %s",
			reader->path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		complaints_add(reader->ctx, reader->complaints,
			"%s: is not a file; name the campaign's file", reader->path);
	else if (st.st_size > FILE_LIMIT)
		complaints_add(reader->ctx, reader->complaints,
			"%s: is larger than %d bytes, which no campaign is", reader->path,
			FILE_LIMIT);
	else
		return true;
	return false;
}

static const char *explain_syntax(const config_t *config)
{
	const char *text = config_error_text(config);

	if (strcmp(text, "duplicate setting name") == 0)
		return "this name stands here for the second time in its group; give each its own";
	if (strcmp(text, "syntax error") == 0)
		return "syntax error; a setting is NAME = VALUE; and strings stand in quotes (see "
		       "latcampaign.cfg(5))";
	if (strcmp(text, "cannot open include file") == 0)
		return "the file that is included here cannot be opened; its path is relative to "
		       "the campaign's folder";
	return text;
}

static bool parse_file(struct reader *reader, config_t *config)
{
	char *path = talloc_strdup(NULL, reader->path);

	config_set_include_dir(config, dirname(path));
	talloc_free(path);
	if (!is_readable_file(reader))
		return false;
	if (config_read_file(config, reader->path))
		return true;
	const char *file = config_error_file(config);
	complaints_add(reader->ctx, reader->complaints, "%s:%d: %s", file ? file : reader->path,
		config_error_line(config), explain_syntax(config));
	return false;
}

static void keep_overrides(struct plan *plan, const char *const *overrides)
{
	unsigned count = 0;

	while (overrides && overrides[count])
		count++;
	plan->overrides = talloc_zero_array(plan, char *, count + 1);
	for (unsigned i = 0; i < count; i++)
		plan->overrides[i] = talloc_strdup(plan->overrides, overrides[i]);
}

static void read_config(
	struct reader *reader, config_t *config, struct plan *plan, const char *const *overrides)
{
	add_known_setups(config);
	for (const char *const *override = overrides; override && *override; override++)
		override_apply(reader, config, *override);
	read_plan(reader, plan, config);
	keep_overrides(plan, overrides);
	if (reader->complaints->count == 0)
		expand_plan(reader, plan);
}

int campaign_read(void *ctx, const char *path, const char *const *overrides, struct plan **ret_plan,
	struct complaints *ret_complaints)
{
	struct plan *plan = talloc_zero(ctx, struct plan);
	struct complaints complaints = {0};
	struct reader reader = {plan, path, &complaints};
	config_t config;

	config_init(&config);
	if (parse_file(&reader, &config))
		read_config(&reader, &config, plan, overrides);
	config_destroy(&config);
	if (complaints.count == 0) {
		*ret_plan = plan;
		return 0;
	}
	talloc_steal(ctx, complaints.lines);
	*ret_complaints = complaints;
	talloc_free(plan);
	return -EINVAL;
}
