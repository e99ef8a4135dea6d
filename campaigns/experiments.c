/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "campaigns/expand.h"
#include "campaigns/load-names.h"
#include "campaigns/parts.h"
#include "campaigns/settings.h"
#include "campaigns/tuning.h"
#include "campaigns/units.h"

/* A script is found beside the campaign that names it. */
static void resolve_script(
	struct reader *reader, const config_setting_t *group, struct experiment *experiment)
{
	char *path = reader_path(reader, experiment->script), resolved[PATH_MAX];

	if (*experiment->script && (!realpath(path, resolved) || access(resolved, R_OK) < 0))
		reader_complain(
			reader, group, "script %s cannot be read: %s", path, strerror(errno));
	else if (*experiment->script)
		experiment->script = talloc_strdup(reader->ctx, resolved);
	talloc_free(path);
}

static void check_shape(
	struct reader *reader, const config_setting_t *group, const struct experiment *experiment)
{
	const struct shape *shape = &experiment->shape;
	bool real_time = shape->vcpu_policy == POLICY_FIFO || shape->vcpu_policy == POLICY_RR;
	unsigned lists = words_count(shape->vcpu_cpus);

	if (lists > 1 && lists != (unsigned)experiment->vcpus)
		reader_complain(reader, group,
			"experiment %s has %d vCPUs and %u lists in vcpu_cpus; give one for all, or "
			"one for each",
			experiment->name, experiment->vcpus, lists);
	for (char **list = shape->vcpu_cpus; *list; list++)
		if (!units_cpus(*list))
			reader_complain(reader, group,
				"vcpu_cpus: \"%s\" is no list of CPUs, such as \"0-1,3\"", *list);
	if (real_time != (shape->vcpu_priority > 0))
		reader_complain(reader, group,
			"experiment %s: vcpu_policy \"%s\" and vcpu_priority %d do not go "
			"together; \"fifo\" and \"rr\" take 1 to 99, others none",
			experiment->name, policy_name(shape->vcpu_policy), shape->vcpu_priority);
	if (shape->rtds_budget_us > shape->rtds_period_us ||
		(shape->rtds_period_us > 0 && shape->rtds_budget_us == 0))
		reader_complain(reader, group,
			"experiment %s: rtds_budget has to be above 0 and at most rtds_period",
			experiment->name);
	if (shape->pool_scheduler != SCHEDULER_DEFAULT && !*shape->pool_cpus)
		reader_complain(reader, group,
			"experiment %s has a pool_scheduler and no pool; say its CPUs with pool_cpus",
			experiment->name);
}

static void check_load(
	struct reader *reader, const config_setting_t *group, struct experiment *experiment)
{
	bool in_guests = experiment->load_place != LOAD_HOST;

	if (!*experiment->load)
		return;
	if (in_guests && experiment->place == PLACE_HOST && !experiment->in_guest)
		reader_complain(reader, group,
			"experiment %s measures on the host and has no guest for its load; say "
			"load_place = \"host\"",
			experiment->name);
	for (char **load = experiment->load; in_guests && *load; load++)
		if (load_guest_refusal(*load))
			reader_complain(reader, group,
				"load \"%s\" %s; say load_place = \"host\" or another load", *load,
				load_guest_refusal(*load));
	if (experiment->load_place == LOAD_NEIGHBOUR && experiment->shape.neighbours == 0)
		experiment->shape.neighbours = 1;
}

/* timerlat's tracer takes a period of 100 us to 1 s. */
static void check_tool(
	struct reader *reader, const config_setting_t *group, const struct experiment *experiment)
{
	int64_t interval = experiment->cyclictest.interval_us;

	if (experiment->tool == TOOL_TIMERLAT && (interval < 100 || interval > 1000000))
		reader_complain(reader, group,
			"experiment %s measures with timerlat, whose interval is 100us to 1s, not "
			"%lldus",
			experiment->name, (long long)interval);
}

static void finish_experiment(
	struct reader *reader, const config_setting_t *group, struct experiment *experiment)
{
	const struct cyclictest *cyclictest = &experiment->cyclictest;

	experiment->in_guest = experiment->place == SETTINGS_PLACE_GUEST;
	if (experiment->in_guest)
		experiment->place = PLACE_HOST;
	if (experiment->place == PLACE_HOST && !experiment->in_guest)
		experiment->kernel.wanted = talloc_strdup(reader->ctx, "");
	if (cyclictest->duration_s * 1000000 < cyclictest->interval_us)
		reader_complain(reader, group,
			"experiment %s lasts %lld s, shorter than its interval of %lld us; make "
			"the duration longer or the interval shorter",
			experiment->name, (long long)cyclictest->duration_s,
			(long long)cyclictest->interval_us);
	resolve_script(reader, group, experiment);
	experiment->tuning = tuning_expand(reader, group, experiment->tuning, true);
	check_shape(reader, group, experiment);
	check_load(reader, group, experiment);
	check_tool(reader, group, experiment);
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
	if (!keys_check_member(reader, group, "experiment"))
		return;
	keys_read(reader, group, experiment_keys, experiment);
	finish_experiment(reader, group, experiment);
	expand_check_setups(reader, plan, experiment, group);
}

void read_experiments(struct reader *reader, struct plan *plan, const config_t *config)
{
	const config_setting_t *group = config_lookup(config, "experiments");
	const config_setting_t *defaults_group = config_lookup(config, "defaults");
	struct experiment defaults;

	settings_default_experiment(plan, &defaults);
	if (defaults_group && config_setting_is_group(defaults_group))
		keys_read(reader, defaults_group, experiment_keys, &defaults);
	if (!group || (config_setting_is_group(group) && config_setting_length(group) == 0))
		reader_complain(reader, group,
			"the campaign has no experiments; add at least one, such as experiments = "
			"{ rt = { guest_kernel = \"rt\"; }; };");
	else if (config_setting_is_group(group))
		for (int i = 0; i < config_setting_length(group); i++)
			read_experiment(reader, plan, &defaults,
				config_setting_get_elem(group, (unsigned)i));
}
