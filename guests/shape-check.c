/* SPDX-License-Identifier: MIT */
/*
 * What a machine lacks for a guest's shape.
 */
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "campaigns/knobs.h"
#include "guests/cpus.h"
#include "guests/shape.h"

struct shape_checker {
	void *ctx;
	int root;
	const struct setup *setup;
	const struct experiment *experiment;
	struct complaints *complaints;
};

/* This machine's CPUs. Under Xen dom0 sees its own vCPUs alone: only a boot without Xen can
 * tell. */
static bool machine_cpus(const struct shape_checker *checker, struct cpus *ret)
{
	char *list = NULL;
	bool known = !file_exists(checker->root, "sys/hypervisor/type") &&
		     file_read_line(NULL, checker->root, "sys/devices/system/cpu/present", &list,
			     NULL) == 0 &&
		     cpus_parse(list, ret);

	talloc_free(list);
	return known;
}

static void need_cpus(const struct shape_checker *checker, const char *key, const char *list)
{
	struct cpus asked, there;

	if (!*list || !cpus_parse(list, &asked) || !machine_cpus(checker, &there) ||
		cpus_beyond(&asked, &there) == 0)
		return;
	char *have = cpus_list(checker->ctx, &there);
	complaints_add(checker->ctx, checker->complaints,
		"experiment %s asks for CPUs %s (%s), and this machine has %s; name others",
		checker->experiment->name, list, key, have);
}

/* dom0 runs in the pool that ours takes its CPUs from. */
static void need_rest_for_dom0(const struct shape_checker *checker)
{
	const char *list = checker->experiment->shape.pool_cpus;
	struct cpus pool, there;

	if (*list && cpus_parse(list, &pool) && machine_cpus(checker, &there) &&
		cpus_beyond(&there, &pool) == 0)
		complaints_add(checker->ctx, checker->complaints,
			"experiment %s takes all CPUs for its pool (%s) and leaves none for dom0; "
			"name fewer in pool_cpus",
			checker->experiment->name, list);
}

/* KiB of the machine's default huge page; 2 MiB where nobody tells. */
static long huge_page_kib(const struct shape_checker *checker)
{
	char *text;
	long kib = 0;

	if (file_read(checker->ctx, checker->root, "proc/meminfo", 1 << 16, &text, NULL, NULL) ==
		0) {
		const char *at = strstr(text, "Hugepagesize:");
		kib = at ? strtol(at + strlen("Hugepagesize:"), NULL, 10) : 0;
	}
	return kib > 0 ? kib : 2048;
}

/* How many huge pages a boot into the setup will have: its own word, or what home has. */
static long huge_pages(const struct shape_checker *checker)
{
	char *line;

	for (char **knob = checker->setup->tuning; *knob; knob++)
		if (strncmp(*knob, "hugepages=", 10) == 0)
			return strtol(knob_value(*knob), NULL, 10);
	if (file_read_line(checker->ctx, checker->root, "proc/sys/vm/nr_hugepages", &line, NULL) <
		0)
		return 0;
	return strtol(line, NULL, 10);
}

static void need_huge_pages(const struct shape_checker *checker)
{
	const struct experiment *experiment = checker->experiment;
	long size = huge_page_kib(checker), have = huge_pages(checker);
	long each = (long)((experiment->memory_mib * 1024 + size - 1) / size);
	long need = each * (1 + experiment->shape.neighbours);

	if (experiment->shape.hugepages == TOGGLE_ON && have < need)
		complaints_add(checker->ctx, checker->complaints,
			"experiment %s needs %ld huge pages of %ld KiB under setup %s, and %ld are "
			"reserved; give the setup tuning = [ \"hugepages=%ld\" ]",
			experiment->name, need, size, checker->setup->name, have, need);
}

static enum scheduler scheduler_of(const struct shape_checker *checker)
{
	const struct shape *shape = &checker->experiment->shape;

	return *shape->pool_cpus && shape->pool_scheduler != SCHEDULER_DEFAULT
		       ? shape->pool_scheduler
		       : checker->setup->scheduler;
}

/* Xen's own default is credit2. */
static void need_scheduler(const struct shape_checker *checker)
{
	const struct shape *shape = &checker->experiment->shape;
	enum scheduler scheduler = scheduler_of(checker);
	bool credit = scheduler != SCHEDULER_RTDS && scheduler != SCHEDULER_NULL;

	if (shape->rtds_period_us > 0 && scheduler != SCHEDULER_RTDS)
		complaints_add(checker->ctx, checker->complaints,
			"experiment %s has rtds_period and rtds_budget, and runs under Xen's "
			"scheduler %s in setup %s; say scheduler = \"rtds\" there, or "
			"pool_scheduler = \"rtds\" with pool_cpus",
			checker->experiment->name, scheduler_name(scheduler), checker->setup->name);
	if ((shape->weight > 0 || shape->cap > 0) && !credit)
		complaints_add(checker->ctx, checker->complaints,
			"experiment %s has a weight or a cap, which Xen's scheduler %s does not "
			"know; take them out, or run it under credit or credit2",
			checker->experiment->name, scheduler_name(scheduler));
}

void shape_check(void *ctx, int root, const struct plan *plan, const struct run *run,
	struct complaints *complaints)
{
	const struct shape_checker checker = {ctx, root, &plan->setups[run->setup],
		&plan->experiments[run->experiment], complaints};
	const struct shape *shape = &checker.experiment->shape;

	for (char **list = shape->vcpu_cpus; *list; list++)
		need_cpus(&checker, "vcpu_cpus", *list);
	if (run->place == PLACE_KVM) {
		need_cpus(&checker, "emulator_cpus", shape->emulator_cpus);
		need_huge_pages(&checker);
	} else {
		need_cpus(&checker, "pool_cpus", shape->pool_cpus);
		need_rest_for_dom0(&checker);
		need_scheduler(&checker);
	}
}
