/* SPDX-License-Identifier: MIT */
/*
 * Explores the real step() exhaustively: every interleaving of a campaign with power cuts, kills,
 * failed, wrong and foreign boots, sticky one-shots, failing runs and refused reboots, up to a
 * number of faults. The world below is a model of a machine with GRUB; the core is the real one.
 *
 *     explore VISITS RUNS_PER_VISIT FAULTS
 *
 * Prints one line with what it explored, or the first violated invariant with the course that led
 * to it, and exits with 1.
 */
#include <search.h>
#include <stdarg.h>
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

static void explore(const struct world *world);

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
	key->state.reboot_asks = world->state.reboot_asks;
	key->state.home_attempts = world->state.home_attempts;
	key->state.reports = world->state.reports;
	key->state.away = world->state.away;
	key->booted_token = token_class(world, world->booted_token);
	key->one_shot = token_class(world, world->one_shot) +
			(world->one_shot && world->one_shot == world->entry ? 10 : 0);
	key->entry = token_class(world, world->entry);
	key->boot = same_boot_as_recorded(world);
	key->missed_boot = world->missed_boot == world->boot;
	key->next_token = 0;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct world));
}

/* --- the machine ------------------------------------------------------------------------- */

static void boot_into(struct world *world, enum booted booted)
{
	world->booted = booted;
	world->boot++;
	world->booted_visit = world->entry_visit;
	world->booted_token = booted == AT_VISIT || booted == AT_WRONG ? world->entry : 0;
	world->decided_asks = 0;
}

static void explore_boot(
	struct world world, enum booted booted, bool sticky, unsigned faults, const char *name)
{
	if (world.faults < faults)
		return;
	world.faults -= faults;
	boot_into(&world, booted);
	if (!sticky)
		world.one_shot = 0;
	path[depth++] = name;
	explore(&world);
	depth--;
}

/* The machine goes through firmware and GRUB. */
static void explore_reboot(const struct world *world)
{
	if (world->one_shot && world->one_shot == world->entry) {
		explore_boot(*world, AT_VISIT, false, 0, "boots-armed");
		explore_boot(*world, AT_WRONG, false, 1, "boots-wrong");
		explore_boot(*world, AT_VISIT, true, 1, "boots-armed-sticky");
		explore_boot(*world, AT_HOME, false, 1, "hangs-reset-boots-home");
	} else {
		/* An id that GRUB does not find boots the default entry. */
		explore_boot(*world, AT_HOME, false, 0, "boots-home");
	}
	if (world->entry)
		explore_boot(*world, AT_VISIT, false, 1, "person-picks-our-entry");
	explore_boot(*world, AT_FOREIGN, false, 1, "boots-foreign");
}

static bool spend_fault(struct world *world)
{
	if (world->faults == 0)
		return false;
	world->faults--;
	return true;
}

static void explore_power_cut(struct world world, const char *name)
{
	if (!spend_fault(&world))
		return;
	path[depth++] = name;
	explore_reboot(&world);
	depth--;
}

/* The runner dies and systemd starts it again in the same boot. */
static void explore_kill(struct world world, const char *name)
{
	if (!spend_fault(&world))
		return;
	path[depth++] = name;
	explore(&world);
	depth--;
}

static void explore_cut_or_kill(const struct world *world, const char *name)
{
	explore_power_cut(*world, name);
	explore_kill(*world, name);
}

/* --- the effects ------------------------------------------------------------------------- */

static void explore_boot_visit(struct world world)
{
	world.entry = token_number(world.state.token);
	world.entry_visit = world.state.visit;
	explore_cut_or_kill(&world, "cut-or-killed-before-arming");
	world.one_shot = world.entry;
	explore_cut_or_kill(&world, "cut-or-killed-after-arming");
	explore_reboot(&world);
}

static void explore_measure(struct world world, unsigned run)
{
	check_measure(&world, run);
	world.executions[run]++;
	explore_cut_or_kill(&world, "cut-or-killed-in-run");
	explore_kill(world, "run-fails");
	world.results[run] = RESULT_PASS;
	explore_cut_or_kill(&world, "cut-or-killed-after-run");
	explore(&world);
}

static void explore_close(struct world world, unsigned run, enum result result)
{
	check_close(&world, run, result);
	explore_cut_or_kill(&world, "cut-or-killed-before-closing");
	world.results[run] = result;
	explore(&world);
}

static void perform(struct world *world, const struct step *next)
{
	switch (next->action) {
	case ACTION_CLEAR:
		explore_cut_or_kill(world, "cut-or-killed-before-clearing");
		world->one_shot = 0;
		explore(world);
		return;
	case ACTION_BOOT_VISIT:
		explore_boot_visit(*world);
		return;
	case ACTION_MEASURE:
		explore_measure(*world, (unsigned)next->run);
		return;
	case ACTION_CLOSE_MISS:
		explore_close(*world, (unsigned)next->run, RESULT_MISS);
		return;
	case ACTION_CLOSE_ERROR:
		explore_close(*world, (unsigned)next->run, RESULT_ERROR);
		return;
	case ACTION_BOOT_HOME:
		explore_kill(*world, "reboot-refused");
		explore_reboot(world);
		return;
	case ACTION_TIDY:
		explore_cut_or_kill(world, "cut-or-killed-before-tidying");
		world->entry = 0;
		explore(world);
		return;
	case ACTION_REPORT:
		explore_cut_or_kill(world, "cut-or-killed-in-report");
		world->report = 1;
		explore(world);
		return;
	case ACTION_RELEASE:
		explore_cut_or_kill(world, "cut-or-killed-before-release");
		world->active = 0;
		explore(world);
		return;
	case ACTION_NONE:
	case ACTION_COUNT:
		endings++;
		check_ending(world);
	}
}

/* --- one step ---------------------------------------------------------------------------- */

enum boot_proof world_prove(const struct world *world)
{
	if (!world->booted_token || world->booted_token != token_number(world->state.token))
		return BOOT_NOT_OURS;
	return world->booted == AT_VISIT && world->booted_visit == world->state.visit ? BOOT_PROVED
										      : BOOT_WRONG;
}

static struct observation observe(const struct world *world, bool *done)
{
	struct observation seen = {
		.proof = world_prove(world),
		.at_home = world->booted == AT_HOME,
		.one_shot = world->one_shot != 0,
		.entries = world->entry != 0,
		.active = world->active != 0,
		.report = world->report != 0,
		.stop = world->stop != 0,
		.out_of_time = world->out_of_time != 0,
		.done = done,
	};

	for (unsigned run = 0; run < plan.run_count; run++)
		done[run] = world->results[run] != RESULT_NONE;
	snprintf(seen.boot_id, sizeof(seen.boot_id), "%u", world->boot);
	snprintf(seen.fresh_token, sizeof(seen.fresh_token), "%016x", world->next_token);
	return seen;
}

static const char *const action_names[ACTION_COUNT] = {"none", "clear", "BOOT-VISIT", "MEASURE",
	"close-miss", "close-error", "BOOT-HOME", "tidy", "report", "release"};

static void take_step(const struct world *before)
{
	bool done[MAX_RUNS];
	struct world after;

	memcpy(&after, before, sizeof(after)); /* padding too */
	after.state.boot_attempts = after.boot_attempts;
	after.state.run_attempts = after.run_attempts;
	after.next_token++;
	struct observation seen = observe(before, done);
	struct step next = step(&plan, &after.state, &seen);
	steps++;
	path[depth++] = action_names[next.action];
	keep_books(before, &after, &next);
	check_decision(before, &after, &next);
	/* Cut before the record is durable: as if the step had not been taken. */
	explore_power_cut(*before, "cut-before-record");
	explore_cut_or_kill(&after, "cut-or-killed-after-record");
	perform(&after, &next);
	depth--;
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

static void explore(const struct world *world)
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

	if (argc != 4)
		return 2;
	unsigned runs = (unsigned)strtoul(argv[2], NULL, 10);
	plan.visit_count = (unsigned)strtoul(argv[1], NULL, 10);
	plan.run_count = plan.visit_count * runs;
	max_faults = (unsigned)strtoul(argv[3], NULL, 10);
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
	printf("explored: %u visits, %u runs, %u faults: %lu states, %lu steps, %lu endings\n",
		plan.visit_count, plan.run_count, max_faults, states, steps, endings);
	return 0;
}
