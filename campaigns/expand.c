/* SPDX-License-Identifier: MIT */
#include "campaigns/expand.h"

#include <inttypes.h>
#include <string.h>
#include <talloc.h>

#define RUNS_LIMIT 100000

/* Can the experiment's place be had under the setup? */
static bool can_run(const struct experiment *experiment, const struct setup *setup)
{
	if (experiment->in_guest || experiment->place == PLACE_HOST)
		return true;
	return (experiment->place == PLACE_XEN) == (setup->hypervisor == HYPERVISOR_XEN);
}

static enum place place_of(const struct experiment *experiment, const struct setup *setup)
{
	if (!experiment->in_guest)
		return experiment->place;
	return setup->hypervisor == HYPERVISOR_XEN ? PLACE_XEN : PLACE_KVM;
}

static const struct setup *find_setup(const struct plan *plan, const char *name)
{
	for (unsigned i = 0; i < plan->setup_count; i++)
		if (strcmp(plan->setups[i].name, name) == 0)
			return &plan->setups[i];
	return NULL;
}

static void complain_no_setup(struct reader *reader, const struct plan *plan,
	const config_setting_t *group, const char *name)
{
	char *known = talloc_strdup(NULL, "");

	for (unsigned i = 0; i < plan->setup_count; i++)
		known = talloc_asprintf_append(known, " %s", plan->setups[i].name);
	reader_complain(
		reader, group, "there is no setup \"%s\"; this campaign has:%s", name, known);
	talloc_free(known);
}

static void check_named(struct reader *reader, const struct plan *plan,
	const struct experiment *experiment, const config_setting_t *group)
{
	for (char **name = experiment->setups; *name; name++) {
		const struct setup *setup = find_setup(plan, *name);
		if (!setup)
			complain_no_setup(reader, plan, group, *name);
		else if (!can_run(experiment, setup))
			reader_complain(reader, group,
				"experiment %s has place = \"%s\", which setup %s (hypervisor = "
				"\"%s\") does not have; take the setup out or use place = "
				"\"guest\"",
				experiment->name, place_name(experiment->place), setup->name,
				hypervisor_name(setup->hypervisor));
	}
}

void expand_check_setups(struct reader *reader, struct plan *plan, struct experiment *experiment,
	const config_setting_t *group)
{
	unsigned count = 0;

	if (experiment->setups) {
		check_named(reader, plan, experiment, group);
		return;
	}
	experiment->setups = talloc_zero_array(plan, char *, plan->setup_count + 1);
	for (unsigned i = 0; i < plan->setup_count; i++)
		if (can_run(experiment, &plan->setups[i]))
			experiment->setups[count++] = plan->setups[i].name;
	if (count == 0 && plan->setup_count > 0)
		reader_complain(reader, group,
			"experiment %s has place = \"%s\", which none of the setups has",
			experiment->name, place_name(experiment->place));
}

static void add_run(struct plan *plan, unsigned setup, unsigned experiment, unsigned repetition)
{
	plan->runs[plan->run_count++] = (struct run){
		.setup = setup,
		.experiment = experiment,
		.repetition = repetition,
		.place = place_of(&plan->experiments[experiment], &plan->setups[setup]),
		.id = talloc_asprintf(plan, "%s.%s.%u", plan->setups[setup].name,
			plan->experiments[experiment].name, repetition),
	};
}

static void add_visit(struct plan *plan, unsigned block, unsigned setup)
{
	unsigned first = plan->run_count;

	for (unsigned e = 0; e < plan->experiment_count; e++) {
		const struct experiment *experiment = &plan->experiments[e];
		if (!experiment_runs_under(experiment, &plan->setups[setup]))
			continue;
		unsigned repetitions = (unsigned)experiment->repetitions;
		for (unsigned r = 1; r <= repetitions; r++)
			add_run(plan, setup, e, (block - 1) * repetitions + r);
	}
	if (plan->run_count == first)
		return;
	plan->visits = talloc_realloc(plan, plan->visits, struct visit, plan->visit_count + 1);
	plan->visits[plan->visit_count++] = (struct visit){
		.setup = setup,
		.block = block,
		.first_run = first,
		.run_count = plan->run_count - first,
	};
}

/* SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* Fisher and Yates; the modulo's bias is below 2^-32 for so few setups. */
static void shuffle(unsigned *order, unsigned count, uint64_t *state)
{
	for (unsigned i = count; i > 1; i--) {
		unsigned k = (unsigned)(next_random(state) % i), swap = order[i - 1];
		order[i - 1] = order[k];
		order[k] = swap;
	}
}

/* Each visit, each failed boot and the way home take one boot; twice as many are allowed. A run
 * that fails in every way it can brings a result, an ERROR, after the product of the attempts. */
static void work_out_boots(struct plan *plan)
{
	struct limits *limits = &plan->limits;

	if (limits->boots == 0)
		limits->boots = 2 * (int)plan->visit_count + limits->boot_attempts;
	if (limits->idle_boots == 0)
		limits->idle_boots = limits->boot_attempts * limits->run_attempts;
}

static uint64_t count_runs(const struct plan *plan)
{
	uint64_t count = 0;

	for (unsigned s = 0; s < plan->setup_count; s++)
		for (unsigned e = 0; e < plan->experiment_count; e++)
			if (experiment_runs_under(&plan->experiments[e], &plan->setups[s]))
				count += (uint64_t)plan->experiments[e].repetitions;
	return count * (uint64_t)plan->blocks;
}

/* Randomised complete blocks: what changes over a night, such as the room's temperature, falls on
 * every setup alike. */
static void add_blocks(struct plan *plan, unsigned *order)
{
	uint64_t state = (uint64_t)plan->seed;

	for (unsigned block = 1; block <= (unsigned)plan->blocks; block++) {
		if (plan->order == ORDER_RANDOM)
			shuffle(order, plan->setup_count, &state);
		for (unsigned i = 0; i < plan->setup_count; i++)
			add_visit(plan, block, order[i]);
	}
}

static void make_visits(struct plan *plan)
{
	unsigned *order = talloc_array(plan, unsigned, plan->setup_count);

	for (unsigned i = 0; i < plan->setup_count; i++)
		order[i] = i;
	add_blocks(plan, order);
	talloc_free(order);
}

void expand_plan(struct reader *reader, struct plan *plan)
{
	uint64_t count = count_runs(plan);

	/* What changes over the night has to fall on all setups alike. */
	if (plan->order == ORDER_UNSAID)
		plan->order = plan->blocks > 1 ? ORDER_RANDOM : ORDER_WRITTEN;
	if (count > RUNS_LIMIT) {
		reader_complain(reader, NULL,
			"the campaign has %" PRIu64 " runs, and %d at most are possible; lower its "
			"repetitions or blocks",
			count, RUNS_LIMIT);
		return;
	}
	plan->runs = talloc_array(plan, struct run, (unsigned)count);
	make_visits(plan);
	work_out_boots(plan);
}
