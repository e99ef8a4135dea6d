/* SPDX-License-Identifier: MIT */
#include "campaigns/plan.h"

#include <string.h>
#include <talloc.h>

const char *hypervisor_name(enum hypervisor hypervisor)
{
	return hypervisor == HYPERVISOR_XEN ? "xen" : "none";
}

const char *place_name(enum place place)
{
	static const char *const names[] = {
		[PLACE_HOST] = "host", [PLACE_KVM] = "kvm", [PLACE_XEN] = "xen"};

	return names[place];
}

const char *guest_type_name(enum guest_type type)
{
	static const char *const names[] = {
		[GUEST_PV] = "pv", [GUEST_PVH] = "pvh", [GUEST_HVM] = "hvm"};

	return names[type];
}

int64_t plan_run_seconds(const struct plan *plan, const struct run *run)
{
	return plan->experiments[run->experiment].cyclictest.duration_s +
	       plan->limits.guest_seconds;
}

const char *scheduler_name(enum scheduler scheduler)
{
	static const char *const names[] = {[SCHEDULER_DEFAULT] = "default",
		[SCHEDULER_CREDIT] = "credit",
		[SCHEDULER_CREDIT2] = "credit2",
		[SCHEDULER_RTDS] = "rtds",
		[SCHEDULER_NULL] = "null"};

	return names[scheduler];
}

const char *policy_name(enum policy policy)
{
	static const char *const names[] = {[POLICY_DEFAULT] = "default",
		[POLICY_OTHER] = "other",
		[POLICY_FIFO] = "fifo",
		[POLICY_RR] = "rr"};

	return names[policy];
}

const char *load_place_name(enum load_place place)
{
	static const char *const names[] = {
		[LOAD_HOST] = "host", [LOAD_GUEST] = "guest", [LOAD_NEIGHBOUR] = "neighbour"};

	return names[place];
}

const char *tool_name(enum tool tool)
{
	return tool == TOOL_TIMERLAT ? "timerlat" : "cyclictest";
}

const char *threshold_of_name(enum threshold_of of)
{
	static const char *const names[] = {[THRESHOLD_P50] = "p50",
		[THRESHOLD_P90] = "p90",
		[THRESHOLD_P99] = "p99",
		[THRESHOLD_P99_9] = "p99.9",
		[THRESHOLD_P99_99] = "p99.99",
		[THRESHOLD_P99_999] = "p99.999",
		[THRESHOLD_MAX] = "max"};

	return names[of];
}

static bool is_listed(char *const *names, const char *name)
{
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

bool experiment_runs_under(const struct experiment *experiment, const struct setup *setup)
{
	return is_listed(experiment->setups, setup->name);
}

bool threshold_is_about(const struct threshold *threshold, const struct setup *setup,
	const struct experiment *experiment)
{
	return is_listed(threshold->setups, setup->name) &&
	       is_listed(threshold->experiments, experiment->name);
}

char *setup_hypervisor_cmdline(void *ctx, const struct setup *setup)
{
	char *words = talloc_strdup(ctx, setup->hypervisor_cmdline);

	if (setup->scheduler != SCHEDULER_DEFAULT)
		words = talloc_asprintf_append(
			words, " sched=%s", scheduler_name(setup->scheduler));
	if (setup->ratelimit_us >= 0)
		words = talloc_asprintf_append(
			words, " sched_ratelimit_us=%lld", (long long)setup->ratelimit_us);
	if (setup->dom0_vcpus > 0)
		words = talloc_asprintf_append(words, " dom0_max_vcpus=%d", setup->dom0_vcpus);
	if (setup->dom0_pin != TOGGLE_DEFAULT)
		words = talloc_asprintf_append(
			words, " dom0_vcpus_pin=%d", setup->dom0_pin == TOGGLE_ON);
	return words;
}

const struct recipe *plan_recipe(const struct plan *plan, const char *name)
{
	for (unsigned i = 0; i < plan->recipe_count; i++)
		if (strcmp(plan->recipes[i].name, name) == 0)
			return &plan->recipes[i];
	return NULL;
}

unsigned plan_visit(const struct plan *plan, unsigned run)
{
	unsigned visit = 0;

	while (run >= plan->visits[visit].first_run + plan->visits[visit].run_count)
		visit++;
	return visit;
}
