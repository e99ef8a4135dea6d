/* SPDX-License-Identifier: MIT */
#include <talloc.h>

#include "campaigns/parts.h"
#include "campaigns/selection.h"
#include "campaigns/settings.h"

/* The next experiment, from index `from` on, of a run that the threshold is about; the number of
 * experiments when there is none. One that could not be read has no setups. */
static unsigned next_judged(
	const struct plan *plan, const struct threshold *threshold, unsigned from)
{
	for (; from < plan->experiment_count; from++) {
		const struct experiment *experiment = &plan->experiments[from];
		for (unsigned s = 0; experiment->setups && s < plan->setup_count; s++)
			if (threshold_is_about(threshold, &plan->setups[s], experiment) &&
				experiment_runs_under(experiment, &plan->setups[s]))
				return from;
	}
	return from;
}

/* Of wake-ups behind the histogram's end is known only that they are later than it. */
static void check_width(struct reader *reader, const config_setting_t *group,
	const struct threshold *threshold, const struct experiment *experiment)
{
	for (unsigned of = 0; of < THRESHOLD_MAX; of++)
		if (threshold->at_most_us[of] >= experiment->cyclictest.histogram_us)
			reader_complain(reader, group,
				"threshold %s: %s at most %lldus cannot be told from experiment "
				"%s's histogram, which ends at %lldus; widen the histogram or "
				"lower the threshold",
				threshold->name, threshold_of_name(of),
				(long long)threshold->at_most_us[of], experiment->name,
				(long long)experiment->cyclictest.histogram_us);
}

static bool says_something(const struct threshold *threshold)
{
	for (unsigned of = 0; of < THRESHOLD_COUNT; of++)
		if (threshold->at_most_us[of] > 0)
			return true;
	return false;
}

static void check_threshold(struct reader *reader, const struct plan *plan,
	const config_setting_t *group, const struct threshold *threshold)
{
	unsigned experiment = next_judged(plan, threshold, 0);

	if (!says_something(threshold))
		reader_complain(reader, group,
			"threshold %s says no latency; add at least one, such as p99_9 = \"40us\" or "
			"max = \"100us\"",
			threshold->name);
	if (experiment == plan->experiment_count)
		reader_complain(reader, group,
			"threshold %s is about no run: none of its experiments runs under any of its "
			"setups",
			threshold->name);
	for (; experiment < plan->experiment_count;
		experiment = next_judged(plan, threshold, experiment + 1))
		check_width(reader, group, threshold, &plan->experiments[experiment]);
}

static void read_threshold(struct reader *reader, struct plan *plan, const config_setting_t *group)
{
	unsigned before = reader->complaints->count;

	plan->thresholds =
		talloc_realloc(plan, plan->thresholds, struct threshold, plan->threshold_count + 1);
	struct threshold *threshold = &plan->thresholds[plan->threshold_count++];
	*threshold = (struct threshold){
		.name = talloc_strdup(plan, config_setting_name(group)),
		.experiments = selection_all_experiments(plan),
		.setups = selection_all_setups(plan),
	};
	if (!keys_check_member(reader, group, "threshold"))
		return;
	keys_read(reader, group, threshold_keys, threshold);
	selection_check(reader, plan, group, threshold->experiments, threshold->setups);
	/* What follows from a name that is not there need not be said as well. */
	if (reader->complaints->count == before)
		check_threshold(reader, plan, group, threshold);
}

void read_thresholds(struct reader *reader, struct plan *plan, const config_setting_t *group)
{
	for (int i = 0; group && config_setting_is_group(group) && i < config_setting_length(group);
		i++)
		read_threshold(reader, plan, config_setting_get_elem(group, (unsigned)i));
}
