/* SPDX-License-Identifier: MIT */
#include <talloc.h>

#include "campaigns/parts.h"
#include "campaigns/selection.h"
#include "campaigns/settings.h"

static struct figure *add_figure(struct plan *plan, const char *name, const char *title)
{
	plan->figures = talloc_realloc(plan, plan->figures, struct figure, plan->figure_count + 1);
	struct figure *figure = &plan->figures[plan->figure_count++];

	*figure = (struct figure){
		.name = talloc_strdup(plan, name),
		.title = talloc_strdup(plan, title),
		.experiments = selection_all_experiments(plan),
		.setups = selection_all_setups(plan),
	};
	return figure;
}

static void read_figure(struct reader *reader, struct plan *plan, const config_setting_t *group)
{
	struct figure *figure = add_figure(plan, config_setting_name(group), "");

	if (!keys_check_member(reader, group, "figure"))
		return;
	keys_read(reader, group, figure_keys, figure);
	selection_check(reader, plan, group, figure->experiments, figure->setups);
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
