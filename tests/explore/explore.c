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

#include "statemachine/step.h"

enum { MAX_VISITS = 4, MAX_RUNS = 8, MAX_DEPTH = 4096 };
enum { BOOT_ATTEMPTS = 3, RUN_ATTEMPTS = 2 };

enum booted { AT_HOME, AT_VISIT, AT_WRONG, AT_FOREIGN };
enum result { RESULT_NONE, RESULT_PASS, RESULT_ERROR, RESULT_MISS };

/* All that survives or happens outside the core. Tokens and boots are numbers, from 1. */
struct world {
	struct state state; /* the durable record; its pointers are set before each use */
	unsigned boot_attempts[MAX_VISITS], run_attempts[MAX_RUNS];
	enum booted booted;
	unsigned boot;		/* number of the present boot */
	unsigned booted_visit;	/* AT_VISIT and AT_WRONG */
	unsigned booted_token;	/* on the present command line; 0 = none */
	unsigned one_shot;	/* token in GRUB's environment; 0 = none */
	unsigned entry;		/* token of the entry that GRUB would find; 0 = none */
	unsigned entry_visit;
	unsigned next_token;
	enum result results[MAX_RUNS];
	unsigned executions[MAX_RUNS];
	unsigned boots_made; /* reboots into an armed entry that were asked for */
	unsigned faults;     /* still to come */
	bool active, report, stop, out_of_time;
	bool asked;	    /* a person stopped it, or its time ran out */
};

/* What makes two worlds equal: numbers of boots and tokens count only by what they equal. */
struct key {
	struct world world;
};

struct node {
	struct key key;
	bool on_path;
};

static struct step_plan plan;
static unsigned visit_of_run[MAX_RUNS];
static unsigned max_faults;
static void *nodes;
static unsigned long states, steps, endings;
static const char *path[MAX_DEPTH];
static unsigned depth;

static void violated(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

static void violated(const char *format, ...)
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

static unsigned token_number(const char *token)
{
	return (unsigned)strtoul(token, NULL, 16);
}

/* 0 none, 1 the recorded token, 2 another one. */
static unsigned token_class(const struct world *world, unsigned token)
{
	if (token == 0)
		return 0;
	return token == token_number(world->state.token) ? 1 : 2;
}

static struct key canonical(const struct world *world)
{
	struct key key;

	memset(&key, 0, sizeof(key)); /* padding too: keys are compared as bytes */
	memcpy(&key.world, world, sizeof(*world));
	key.world.booted_token = token_class(world, world->booted_token);
	key.world.one_shot = token_class(world, world->one_shot) +
			     (world->one_shot && world->one_shot == world->entry ? 10 : 0);
	key.world.entry = token_class(world, world->entry);
	key.world.boot = (unsigned)strtoul(world->state.boot_id, NULL, 10) == world->boot;
	key.world.next_token = 0;
	memset(key.world.state.token, 0, sizeof(key.world.state.token));
	memset(key.world.state.boot_id, 0, sizeof(key.world.state.boot_id));
	key.world.state.boot_attempts = NULL;
	key.world.state.run_attempts = NULL;
	return key;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct key));
}

/* --- the machine ------------------------------------------------------------------------- */

static void boot_into(struct world *world, enum booted booted)
{
	world->booted = booted;
	world->boot++;
	world->booted_visit = world->entry_visit;
	world->booted_token = booted == AT_VISIT || booted == AT_WRONG ? world->entry : 0;
}

static void explore_boot(struct world world, enum booted booted, bool sticky, unsigned faults,
	const char *name)
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
	world.boots_made++;
	explore_cut_or_kill(&world, "cut-or-killed-after-arming");
	explore_reboot(&world);
}

static void check_measure(const struct world *world, unsigned run)
{
	if (world->booted != AT_VISIT || world->booted_visit != visit_of_run[run])
		violated("run %u is measured in a boot that is not its setup", run);
	if (world->booted_token != token_number(world->state.token))
		violated("run %u is measured without the token of the last arming", run);
	if (world->results[run] != RESULT_NONE)
		violated("run %u is measured although its result stands", run);
	if (world->executions[run] >= RUN_ATTEMPTS)
		violated("run %u is executed more than %d times", run, RUN_ATTEMPTS);
	if (world->one_shot)
		violated("run %u is measured while a one-shot is armed", run);
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
	if (world.results[run] != RESULT_NONE)
		violated("run %u is closed although its result stands", run);
	if (result == RESULT_ERROR && world.run_attempts[run] < RUN_ATTEMPTS)
		violated("run %u is an error although attempts are left", run);
	if (result == RESULT_MISS && world.boot_attempts[visit_of_run[run]] < BOOT_ATTEMPTS)
		violated("run %u is missed although attempts are left", run);
	explore_cut_or_kill(&world, "cut-or-killed-before-closing");
	world.results[run] = result;
	explore(&world);
}

static void explore_ending(const struct world *world)
{
	bool all_pass = true;
	const struct state *state = &world->state;

	endings++;
	for (unsigned run = 0; run < plan.run_count; run++) {
		all_pass = all_pass && world->results[run] == RESULT_PASS;
		if (state->ending == ENDING_FINISHED && world->results[run] == RESULT_NONE)
			violated("it finished without an outcome of run %u", run);
	}
	if (world->one_shot || world->entry || world->active)
		violated("it ended and left a one-shot, an entry or the unit's condition");
	if (state->away && max_faults - world->faults < STEP_HOME_ATTEMPTS)
		violated("home was given up after too few faults");
	if (!world->report && max_faults - world->faults < STEP_REPORTS)
		violated("it ended without a report");
	if (state->ending == ENDING_NONE)
		violated("it ended without saying why");
	if (!world->asked && max_faults - world->faults < RUN_ATTEMPTS && !all_pass)
		violated("%u faults, fewer than attempts, lost a run", max_faults - world->faults);
	if (!world->asked && state->ending == ENDING_STOPPED)
		violated("it says that it was stopped and nobody stopped it");
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
		world->report = true;
		explore(world);
		return;
	case ACTION_RELEASE:
		explore_cut_or_kill(world, "cut-or-killed-before-release");
		world->active = false;
		explore(world);
		return;
	case ACTION_NONE:
	case ACTION_COUNT:
		explore_ending(world);
	}
}

/* --- one step ---------------------------------------------------------------------------- */

static enum boot_proof prove(const struct world *world)
{
	if (!world->booted_token || world->booted_token != token_number(world->state.token))
		return BOOT_NOT_OURS;
	return world->booted == AT_VISIT && world->booted_visit == world->state.visit ? BOOT_PROVED
										      : BOOT_WRONG;
}

static struct observation observe(const struct world *world, bool *done)
{
	struct observation seen = {
		.proof = prove(world),
		.at_home = world->booted == AT_HOME,
		.one_shot = world->one_shot != 0,
		.entries = world->entry != 0,
		.active = world->active,
		.report = world->report,
		.stop = world->stop,
		.out_of_time = world->out_of_time,
		.done = done,
	};

	for (unsigned run = 0; run < plan.run_count; run++)
		done[run] = world->results[run] != RESULT_NONE;
	snprintf(seen.boot_id, sizeof(seen.boot_id), "%u", world->boot);
	snprintf(seen.fresh_token, sizeof(seen.fresh_token), "%016x", world->next_token);
	return seen;
}

static void check_state(const struct world *before, const struct world *after)
{
	for (unsigned visit = 0; visit < plan.visit_count; visit++)
		if (after->boot_attempts[visit] > BOOT_ATTEMPTS)
			violated("visit %u is tried more than %d times", visit, BOOT_ATTEMPTS);
	if (after->state.boots > plan.boots)
		violated("more than %u boots", plan.boots);
	if (after->state.boots != before->state.boots &&
		token_number(after->state.token) != before->next_token)
		violated("an arming reuses a token");
	if (after->state.phase == PHASE_ENDED && before->state.phase != PHASE_ENDED &&
		!after->state.away && before->booted != AT_HOME)
		violated("it ended away from home and does not say so");
	if (after->state.phase == PHASE_BOOTING && after->state.reboot_asks > STEP_REBOOT_ASKS)
		violated("one boot is asked to end more than %d times", STEP_REBOOT_ASKS);
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
	check_state(before, &after);
	/* Cut before the record is durable: as if the step had not been taken. */
	explore_power_cut(*before, "cut-before-record");
	explore_cut_or_kill(&after, "cut-or-killed-after-record");
	perform(&after, &next);
	depth--;
}

static void explore_requests(const struct world *world)
{
	struct world asked;

	if (world->asked || world->state.phase == PHASE_ENDED)
		return;
	memcpy(&asked, world, sizeof(asked));
	asked.asked = true;
	asked.stop = true;
	explore(&asked);
	asked.stop = false;
	asked.out_of_time = true;
	explore(&asked);
}

static void explore(const struct world *world)
{
	struct node *node = malloc(sizeof(*node));

	node->key = canonical(world);
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
	plan.visit_count = (unsigned)atoi(argv[1]);
	plan.run_count = plan.visit_count * (unsigned)atoi(argv[2]);
	max_faults = (unsigned)atoi(argv[3]);
	for (unsigned run = 0; run < plan.run_count; run++)
		visit_of_run[run] = run / (unsigned)atoi(argv[2]);
	plan.visit_of_run = visit_of_run;
	plan.boot_attempts = BOOT_ATTEMPTS;
	plan.run_attempts = RUN_ATTEMPTS;
	plan.boots = plan.visit_count + BOOT_ATTEMPTS;
	world.state.run = STEP_NO_RUN;
	world.booted = AT_HOME;
	world.boot = 1;
	world.next_token = 1;
	world.active = true;
	world.faults = max_faults;
	explore(&world);
	printf("explored: %u visits, %u runs, %u faults: %lu states, %lu steps, %lu endings\n",
		plan.visit_count, plan.run_count, max_faults, states, steps, endings);
	return 0;
}
