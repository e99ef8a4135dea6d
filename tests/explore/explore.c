/* SPDX-License-Identifier: MIT */
/*
 * Explores the real step() exhaustively: every interleaving of a campaign with power cuts, kills,
 * failed, wrong and foreign boots, sticky one-shots, failing runs, full disks, refused reboots,
 * reboots by a person and damaged records, up to a number of faults. The world below is a model of
 * a machine with GRUB; the core is the real one.
 *
 *     explore VISITS RUNS_PER_VISIT FAULTS IDLE_BOOTS
 *
 * Prints one line with what it explored, or the first violated invariant with the course that led
 * to it, and exits with 1.
 */
#include <search.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/explore/world.h"

enum { MAX_DEPTH = 4096 };

struct node {
	struct world key; /* canonical(): worlds with equal keys have the same future */
	bool on_path;
};

struct step_plan plan;
unsigned visit_of_run[MAX_RUNS];
unsigned max_faults;

static void *nodes;
static unsigned long states, steps, endings;
static const char *path[MAX_DEPTH];
static unsigned depth;

void path_enter(const char *name)
{
	path[depth++] = name;
}

void path_leave(void)
{
	depth--;
}

void violated(const char *format, ...)
{
	va_list args;

	printf("violated: ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\nafter:");
	for (unsigned i = 0; i < depth; i++)
		printf(" %s", path[i]);
	printf("\n");
	exit(1);
}

/* --- canonical form ---------------------------------------------------------------------- */

unsigned token_number(const char *token)
{
	return (unsigned)strtoul(token, NULL, 16);
}

bool same_boot_as_recorded(const struct world *world)
{
	return strtoul(world->state.boot_id, NULL, 10) == world->boot;
}

/* 0 none, 1 the recorded token, 2 another one. */
static unsigned token_class(const struct world *world, unsigned token)
{
	if (token == 0)
		return 0;
	return token == token_number(world->state.token) ? 1 : 2;
}

/* Numbers of boots and tokens count only by what they equal. */
static void canonical(const struct world *world, struct world *key)
{
	memcpy(key, world, sizeof(*key));
	memset(&key->state, 0, sizeof(key->state)); /* padding too */
	key->state.phase = world->state.phase;
	key->state.ending = world->state.ending;
	key->state.visit = world->state.visit;
	key->state.run = world->state.run;
	key->state.boots = world->state.boots;
	key->state.idle_boots = world->state.idle_boots;
	key->state.results = world->state.results;
	key->state.reboot_asks = world->state.reboot_asks;
	key->state.home_attempts = world->state.home_attempts;
	key->state.reports = world->state.reports;
	key->state.away = world->state.away;
	key->booted_token = token_class(world, world->booted_token);
	key->one_shot = token_class(world, world->one_shot) +
			(world->one_shot && world->one_shot == world->entry ? 10 : 0);
	key->entry = token_class(world, world->entry);
	key->boot = same_boot_as_recorded(world);
	key->armed_in = world->armed_in == world->boot;
	key->missed_boot = world->missed_boot == world->boot;
	key->next_token = 0;
}

static int compare(const void *a, const void *b)
{
	/* Without the padding at its end. */
	return memcmp(a, b, offsetof(struct world, had_results) + sizeof(unsigned));
}

/* --- one step ---------------------------------------------------------------------------- */

enum boot_proof world_prove(const struct world *world)
{
	if (!world->booted_token || world->booted_token != token_number(world->state.token))
		return BOOT_NOT_OURS;
	return world->booted == AT_VISIT && world->booted_visit == world->state.visit ? BOOT_PROVED
										      : BOOT_WRONG;
}

static struct observation observe(const struct world *world, bool *done, bool *ready)
{
	struct observation seen = {
		.proof = world_prove(world),
		.at_home = world->booted == AT_HOME,
		.one_shot = world->one_shot != 0,
		.entries = world->entry != 0,
		.active = world->active != 0,
		.report = world->report != 0,
		.stop = world->stop != 0,
		.person = world->person != 0,
		.out_of_time = world->out_of_time != 0,
		.done = done,
		.ready = ready,
	};

	/* What stands behind the last run changes, so that whoever reads it is found out. */
	for (unsigned run = 0; run < MAX_RUNS; run++)
		done[run] = run < plan.run_count ? world->results[run] != RESULT_NONE
						 : world->boot % 2 == 0;
	for (unsigned visit = 0; visit < MAX_VISITS; visit++)
		ready[visit] = visit < plan.visit_count ? !(world->drifted >> visit & 1)
							: world->boot % 2 == 0;
	snprintf(seen.boot_id, sizeof(seen.boot_id), "%u", world->boot);
	snprintf(seen.fresh_token, sizeof(seen.fresh_token), "%016x", world->next_token);
	return seen;
}

static const char *const action_names[ACTION_COUNT] = {"none", "clear", "BOOT-VISIT", "MEASURE",
	"close-miss", "close-error", "BOOT-HOME", "tidy", "report", "release"};

static void take_step(const struct world *before)
{
	bool done[MAX_RUNS], ready[MAX_VISITS];
	struct world after;

	if (before->full) {
		live_with_full_disk(*before);
		return;
	}
	memcpy(&after, before, sizeof(after)); /* padding too */
	after.state.boot_attempts = after.boot_attempts;
	after.state.run_attempts = after.run_attempts;
	after.next_token++;
	struct observation seen = observe(before, done, ready);
	struct step next = step(&plan, &after.state, &seen);
	steps++;
	path_enter(action_names[next.action]);
	keep_books(before, &after, &next);
	check_decision(before, &after, &next);
	/* Cut before the record is durable: as if the step had not been taken. */
	explore_power_cut(*before, "cut-before-record");
	explore_full_disk(*before);
	explore_damage(*before);
	explore_drift(before);
	explore_cut_or_kill(&after, "cut-or-killed-after-record");
	if (next.action == ACTION_NONE)
		endings++;
	perform(&after, &next);
	path_leave();
}

static void explore_requests(const struct world *world)
{
	struct world asked;

	if (world->stop || world->out_of_time || world->state.phase == PHASE_ENDED)
		return;
	memcpy(&asked, world, sizeof(asked));
	asked.stop = 1;
	explore(&asked);
	asked.stop = 0;
	asked.out_of_time = 1;
	explore(&asked);
}

void explore(const struct world *world)
{
	struct node *node = malloc(sizeof(*node));

	canonical(world, &node->key);
	struct node *found = *(struct node **)tsearch(node, &nodes, compare);
	if (found != node) {
		free(node);
		if (found->on_path)
			violated("it goes round in circles");
		return;
	}
	if (depth > MAX_DEPTH - 8)
		violated("a course does not end");
	states++;
	node->on_path = true;
	explore_requests(world);
	take_step(world);
	node->on_path = false;
}

int main(int argc, char **argv)
{
	static struct world world;

	if (argc != 5)
		return 2;
	unsigned runs = (unsigned)strtoul(argv[2], NULL, 10);
	plan.visit_count = (unsigned)strtoul(argv[1], NULL, 10);
	plan.run_count = plan.visit_count * runs;
	max_faults = (unsigned)strtoul(argv[3], NULL, 10);
	plan.idle_boots = (unsigned)strtoul(argv[4], NULL, 10);
	for (unsigned run = 0; run < plan.run_count; run++)
		visit_of_run[run] = run / runs;
	plan.visit_of_run = visit_of_run;
	plan.boot_attempts = BOOT_ATTEMPTS;
	plan.run_attempts = RUN_ATTEMPTS;
	plan.boots = plan.visit_count + BOOT_ATTEMPTS;
	world.state.run = STEP_NO_RUN;
	world.booted = AT_HOME;
	world.boot = 1;
	world.next_token = 1;
	world.active = 1;
	world.faults = max_faults;
	explore(&world);
	printf("explored: %u visits, %u runs, %u faults, %u idle boots: %lu states, %lu steps, "
	       "%lu endings\n",
		plan.visit_count, plan.run_count, max_faults, plan.idle_boots, states, steps,
		endings);
	return 0;
}
