/* SPDX-License-Identifier: MIT */
/*
 * What the guests of an experiment were made of, beyond vCPUs and memory: what a campaign does not
 * say is not told.
 */
#include <string.h>
#include <talloc.h>

#include "report/method-parts.h"

/* Both hypervisors take it. */
static void say_pinning(struct sentences *clauses, const struct shape *shape)
{
	char **lists = shape->vcpu_cpus;

	if (lists[0] && !lists[1])
		method_say(clauses, "the vCPUs were pinned to the host's CPUs %s", lists[0]);
	for (unsigned vcpu = 0; lists[0] && lists[1] && lists[vcpu]; vcpu++)
		method_say(clauses, "vCPU %u was pinned to the host's CPUs %s", vcpu, lists[vcpu]);
}

static void say_toggle(struct sentences *clauses, const char *under, enum toggle toggle,
	const char *on, const char *off)
{
	if (toggle != TOGGLE_DEFAULT)
		method_say(clauses, "%s%s", under, toggle == TOGGLE_ON ? on : off);
}

static void say_threads(struct sentences *clauses, const struct shape *shape, const char *under)
{
	static const char *const policies[] = {[POLICY_OTHER] = "SCHED_OTHER",
		[POLICY_FIFO] = "SCHED_FIFO",
		[POLICY_RR] = "SCHED_RR"};

	char *priority = shape->vcpu_priority > 0
				 ? talloc_asprintf(clauses, " at priority %d", shape->vcpu_priority)
				 : talloc_strdup(clauses, "");

	if (shape->vcpu_policy != POLICY_DEFAULT)
		method_say(clauses, "%sthe vCPUs' threads ran under %s%s", under,
			policies[shape->vcpu_policy], priority);
	if (*shape->emulator_cpus)
		method_say(clauses, "%sQEMU's other threads were pinned to the host's CPUs %s",
			under, shape->emulator_cpus);
}

static void say_kvm(struct sentences *clauses, const struct shape *shape, const char *under)
{
	say_threads(clauses, shape, under);
	say_toggle(clauses, under, shape->lock_memory, "the guest's memory was locked",
		"the guest's memory was not locked");
	say_toggle(clauses, under, shape->cpu_pm,
		"the guest put the host's CPUs to sleep itself (cpu-pm=on)",
		"the guest could not put the host's CPUs to sleep (cpu-pm=off)");
	say_toggle(clauses, under, shape->hugepages, "the guest's memory was of huge pages",
		"the guest's memory was not of reserved huge pages");
	/* What a campaign has that does not say it. */
	if (strcmp(shape->machine, "q35") != 0)
		method_say(clauses, "%sQEMU's machine type was %s", under, shape->machine);
}

static void say_pool(struct sentences *clauses, const struct shape *shape, const char *under)
{
	if (!*shape->pool_cpus)
		return;
	if (shape->pool_scheduler == SCHEDULER_DEFAULT)
		method_say(clauses, "%sthe guest ran in a cpupool of its own, of the CPUs %s",
			under, shape->pool_cpus);
	else
		method_say(clauses,
			"%sthe guest ran in a cpupool of its own, of the CPUs %s, with the "
			"scheduler %s",
			under, shape->pool_cpus, scheduler_name(shape->pool_scheduler));
}

static void say_xen(
	struct sentences *clauses, const struct experiment *experiment, const char *under)
{
	const struct shape *shape = &experiment->shape;

	say_pool(clauses, shape, under);
	if (shape->weight > 0)
		method_say(clauses, "%sthe guest's weight was %d", under, shape->weight);
	if (shape->cap > 0)
		method_say(clauses, "%sthe guest's cap was %d %% of a CPU", under, shape->cap);
	if (shape->rtds_period_us > 0)
		method_say(clauses, "%seach vCPU was given %ld us in every %ld us", under,
			shape->rtds_budget_us, shape->rtds_period_us);
	if (experiment->guest_type != GUEST_PV)
		say_toggle(clauses, under, experiment->hap,
			"paging was assisted by the hardware (hap)",
			"paging was not assisted by the hardware (no hap)");
}

static void say_neighbours(struct sentences *clauses, const struct experiment *experiment)
{
	int count = experiment->shape.neighbours;

	if (count > 0)
		method_say(clauses, "%d more guest%s of the same shape ran beside it, %s", count,
			count == 1 ? "" : "s",
			*experiment->load && experiment->load_place == LOAD_NEIGHBOUR
				? "under the load"
				: "idle");
}

void method_shape(struct sentences *sentences, const struct experiment *experiment,
	const struct method_places *places)
{
	bool both = places->kvm && places->xen;
	struct sentences *clauses = talloc_zero(sentences, struct sentences);

	say_pinning(clauses, &experiment->shape);
	if (places->kvm)
		say_kvm(clauses, &experiment->shape, both ? "under KVM " : "");
	if (places->xen)
		say_xen(clauses, experiment, both ? "under Xen " : "");
	say_neighbours(clauses, experiment);
	if (clauses->count > 0)
		method_say(sentences, "In experiment %s %s.", experiment->name,
			method_enumerate(sentences, clauses->list));
	talloc_free(clauses);
}
