/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <talloc.h>

#include "statemachine/command.h"

/* ", load hackbench+disk in dom0" */
static void print_load(const struct experiment *experiment, bool xen)
{
	static const char *const places[] = {[LOAD_HOST] = "on the host",
		[LOAD_GUEST] = "in the guest",
		[LOAD_NEIGHBOUR] = "in a neighbour"};
	bool dom0 = xen && experiment->load_place == LOAD_HOST;

	for (char **load = experiment->load; *load; load++)
		printf("%s%s", load == experiment->load ? ", load " : "+", *load);
	if (*experiment->load)
		printf(" %s", dom0 ? "in dom0" : places[experiment->load_place]);
}

static void print_run(void *ctx, const struct plan *plan, const struct run *run)
{
	const struct experiment *experiment = &plan->experiments[run->experiment];
	bool xen = plan->setups[run->setup].hypervisor == HYPERVISOR_XEN;
	const char *where = run->place == PLACE_KVM   ? "KVM guest"
			    : run->place == PLACE_XEN ? "Xen guest"
			    : xen                     ? "dom0"
						      : "host";

	printf("    %-28s %s", run->id, where);
	if (run->place != PLACE_HOST)
		printf(", kernel %s", experiment->kernel.wanted);
	if (run->place == PLACE_XEN)
		printf(", %s", guest_type_name(experiment->guest_type));
	print_load(experiment, xen);
	printf(", %s\n", command_duration(ctx, experiment->cyclictest.duration_s));
}

static void print_visit(void *ctx, const struct plan *plan, unsigned v)
{
	const struct visit *visit = &plan->visits[v];
	const struct setup *setup = &plan->setups[visit->setup];

	if (plan->blocks > 1)
		printf("  visit %u, block %u: ", v + 1, visit->block);
	else
		printf("  visit %u: ", v + 1);
	printf("%s (%s%s)\n", setup->name, setup->kernel.wanted,
		setup->hypervisor == HYPERVISOR_XEN ? " under Xen" : "");
	for (unsigned r = 0; r < visit->run_count; r++)
		print_run(ctx, plan, &plan->runs[visit->first_run + r]);
}

/* "expects (guests) p99.99 at most 40us, max at most 100us: experiments rt; setups kvm-rt" */
static void print_threshold(const struct threshold *threshold)
{
	const char *comma = "";

	printf("  expects (%s)", threshold->name);
	for (enum threshold_of of = 0; of < THRESHOLD_COUNT; of++)
		if (threshold->at_most_us[of] > 0) {
			printf("%s %s at most %ldus", comma, threshold_of_name(of),
				threshold->at_most_us[of]);
			comma = ",";
		}
	printf(": experiments");
	for (char **name = threshold->experiments; *name; name++)
		printf(" %s", *name);
	printf("; setups");
	for (char **name = threshold->setups; *name; name++)
		printf(" %s", *name);
	printf("\n");
}

static void print_plan(void *ctx, const struct plan *plan, int64_t seconds)
{
	printf("campaign %s: %u visits, %u runs, %u reboots, about %s\n", plan->name,
		plan->visit_count, plan->run_count, plan->visit_count + 1,
		command_duration(ctx, seconds));
	for (unsigned v = 0; v < plan->visit_count; v++)
		print_visit(ctx, plan, v);
	printf("  then home\n");
	for (unsigned i = 0; i < plan->threshold_count; i++)
		print_threshold(&plan->thresholds[i]);
}

static void print_json(const struct plan *plan, int64_t seconds)
{
	json_t *json = plan_to_json(plan);

	json_object_set_new(json, "reboots", json_integer(plan->visit_count + 1));
	json_object_set_new(json, "expected_seconds", json_integer(seconds));
	json_dumpf(json, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(json);
}

int command_plan(const struct command_line *line)
{
	void *ctx = talloc_new(NULL);
	struct plan *plan;
	int status = command_read_campaign(ctx, line, &plan, NULL);

	if (status == COMMAND_FINE) {
		int64_t seconds = command_expected_seconds(
			plan, NULL, plan->visit_count + 1, COMMAND_BOOT_SECONDS);
		if (line->json)
			print_json(plan, seconds);
		else
			print_plan(ctx, plan, seconds);
	}
	talloc_free(ctx);
	return status;
}
