/* SPDX-License-Identifier: MIT */
#include "campaigns/selection.h"

#include <string.h>
#include <talloc.h>

static const char *experiment_name(const struct plan *plan, unsigned i)
{
	return plan->experiments[i].name;
}

static const char *setup_name(const struct plan *plan, unsigned i)
{
	return plan->setups[i].name;
}

/* The names of all of a kind. */
static char **all_names(
	struct plan *plan, unsigned count, const char *(*name)(const struct plan *, unsigned))
{
	char **names = talloc_zero_array(plan, char *, count + 1);

	for (unsigned i = 0; i < count; i++)
		names[i] = talloc_strdup(names, name(plan, i));
	return names;
}

char **selection_all_experiments(struct plan *plan)
{
	return all_names(plan, plan->experiment_count, experiment_name);
}

char **selection_all_setups(struct plan *plan)
{
	return all_names(plan, plan->setup_count, setup_name);
}

static void check_names(struct reader *reader, const config_setting_t *group, const char *what,
	char *const *names, char *const *known)
{
	for (; *names; names++) {
		char *list = talloc_strdup(NULL, "");
		bool found = false;
		for (char *const *k = known; *k; k++) {
			found = found || strcmp(*k, *names) == 0;
			list = talloc_asprintf_append(list, " %s", *k);
		}
		if (!found)
			reader_complain(reader, group,
				"there is no %s \"%s\"; this campaign has:%s", what, *names, list);
		talloc_free(list);
	}
}

void selection_check(struct reader *reader, struct plan *plan, const config_setting_t *group,
	char *const *experiments, char *const *setups)
{
	char **known_experiments = selection_all_experiments(plan),
	     **known_setups = selection_all_setups(plan);

	check_names(reader, group, "experiment", experiments, known_experiments);
	check_names(reader, group, "setup", setups, known_setups);
	talloc_free(known_experiments);
	talloc_free(known_setups);
}
