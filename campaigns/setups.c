/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <talloc.h>

#include "campaigns/parts.h"
#include "campaigns/settings.h"
#include "campaigns/tuning.h"

static void check_kernel(struct reader *reader, const struct plan *plan,
	const config_setting_t *group, const struct setup *setup)
{
	const struct recipe *recipe = plan_recipe(plan, setup->kernel.wanted);

	if (!*setup->kernel.wanted)
		reader_complain(reader, group,
			"setup %s names no kernel; add kernel = \"nrt\", \"rt\", one of the "
			"campaign's kernels, a release or the path of an image",
			setup->name);
	else if (recipe && recipe->base == RECIPE_GUEST)
		reader_complain(reader, group,
			"setup %s: kernel %s is built for guests; give it base = \"host\" or name "
			"another kernel",
			setup->name, recipe->name);
}

static bool says_something_of_xen(const struct setup *setup)
{
	return *setup->hypervisor_cmdline || setup->scheduler != SCHEDULER_DEFAULT ||
	       setup->ratelimit_us >= 0 || setup->dom0_vcpus > 0 ||
	       setup->dom0_pin != TOGGLE_DEFAULT;
}

/* Words that a key makes must not stand on the command line a second time. */
static void check_hypervisor(
	struct reader *reader, const config_setting_t *group, const struct setup *setup)
{
	const struct {
		bool said;
		const char *key, *word;
	} keys[] = {
		{setup->scheduler != SCHEDULER_DEFAULT, "scheduler", "sched="},
		{setup->ratelimit_us >= 0, "ratelimit", "sched_ratelimit_us="},
		{setup->dom0_vcpus > 0, "dom0_vcpus", "dom0_max_vcpus="},
		{setup->dom0_pin != TOGGLE_DEFAULT, "dom0_pin", "dom0_vcpus_pin"},
	};

	if (setup->hypervisor == HYPERVISOR_NONE && says_something_of_xen(setup))
		reader_complain(reader, group,
			"setup %s has a hypervisor_cmdline, scheduler, ratelimit, dom0_vcpus or "
			"dom0_pin and no hypervisor; add hypervisor = \"xen\" or take it out",
			setup->name);
	if (setup->ratelimit_us >= 0 &&
		(setup->scheduler == SCHEDULER_RTDS || setup->scheduler == SCHEDULER_NULL))
		reader_complain(reader, group,
			"setup %s has a ratelimit, which Xen's scheduler \"%s\" does not have; it "
			"goes with \"credit\" and \"credit2\"",
			setup->name, scheduler_name(setup->scheduler));
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (keys[i].said && strstr(setup->hypervisor_cmdline, keys[i].word))
			reader_complain(reader, group,
				"setup %s says %s twice: as %s and in its hypervisor_cmdline; leave "
				"one out",
				setup->name, keys[i].word, keys[i].key);
}

static void read_setup(struct reader *reader, struct plan *plan, const config_setting_t *group)
{
	const char *name = config_setting_name(group);

	plan->setups = talloc_realloc(plan, plan->setups, struct setup, plan->setup_count + 1);
	struct setup *setup = &plan->setups[plan->setup_count++];
	settings_default_setup(plan, setup, name);
	if (!keys_check_member(reader, group, "setup"))
		return;
	keys_read(reader, group, setup_keys, setup);
	setup->tuning = tuning_expand(reader, group, setup->tuning, false);
	check_kernel(reader, plan, group, setup);
	check_hypervisor(reader, group, setup);
}

void read_setups(struct reader *reader, struct plan *plan, const config_setting_t *group)
{
	if (!group || !config_setting_is_group(group))
		return;
	for (int i = 0; i < config_setting_length(group); i++)
		read_setup(reader, plan, config_setting_get_elem(group, (unsigned)i));
	if (plan->setup_count == 0)
		reader_complain(reader, group,
			"there are no setups; leave the group out for the paper's four, or name "
			"some, such as kvm-rt = {};");
}
