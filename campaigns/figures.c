/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <talloc.h>

#include "campaigns/parts.h"
#include "campaigns/settings.h"

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

static struct figure *add_figure(struct plan *plan, const char *name, const char *title)
{
	plan->figures = talloc_realloc(plan, plan->figures, struct figure, plan->figure_count + 1);
	struct figure *figure = &plan->figures[plan->figure_count++];

	*figure = (struct figure){
		.name = talloc_strdup(plan, name),
		.title = talloc_strdup(plan, title),
		.experiments = all_names(plan, plan->experiment_count, experiment_name),
		.setups = all_names(plan, plan->setup_count, setup_name),
	};
	return figure;
}

static void read_figure(struct reader *reader, struct plan *plan, const config_setting_t *group)
{
	struct figure *figure = add_figure(plan, config_setting_name(group), "");
	char **experiments = figure->experiments, **setups = figure->setups;

	if (!keys_check_member(reader, group, "figure"))
		return;
	keys_read(reader, group, figure_keys, figure);
	check_names(reader, group, "experiment", figure->experiments, experiments);
	check_names(reader, group, "setup", figure->setups, setups);
}

/* The setups of one hypervisor, each kind in a figure of its own: as the paper's Figures 1 and 2.
 */
static void add_default(
	struct plan *plan, enum hypervisor hypervisor, const char *name, const char *title)
{
	struct figure *figure = add_figure(plan, name, title);
	unsigned kept = 0;

	for (unsigned i = 0; i < plan->setup_count; i++)
		if (plan->setups[i].hypervisor == hypervisor)
			figure->setups[kept++] = figure->setups[i];
	figure->setups[kept] = NULL;
	if (kept == 0)
		plan->figure_count--;
}

void read_figures(struct reader *reader, struct plan *plan, const config_setting_t *group)
{
	if (!group) {
		add_default(plan, HYPERVISOR_NONE, "figure-kvm", "Latency, KVM");
		add_default(plan, HYPERVISOR_XEN, "figure-xen", "Latency, Xen");
		return;
	}
	for (int i = 0; config_setting_is_group(group) && i < config_setting_length(group); i++)
		read_figure(reader, plan, config_setting_get_elem(group, (unsigned)i));
}
