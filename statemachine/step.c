/* SPDX-License-Identifier: MIT */
#include "statemachine/step.h"

#include <string.h>

/* One call of step(): what it works on and what it has decided so far. */
struct turn {
	const struct step_plan *plan;
	struct state *state;
	const struct observation *seen;
	struct step step;
};

/* Each phase either decides on an action (true) or moves on to another phase (false). */
typedef bool phase_function(struct turn *turn);

static bool same_boot(const struct turn *turn)
{
	return strcmp(turn->state->boot_id, turn->seen->boot_id) == 0;
}

static void remember_boot(struct turn *turn)
{
	memcpy(turn->state->boot_id, turn->seen->boot_id, STEP_BOOT_ID_SIZE);
}

static bool act(struct turn *turn, enum action action, int run)
{
	turn->step.action = action;
	turn->step.run = run;
	return true;
}

static bool go_on_in(struct turn *turn, enum phase phase)
{
	turn->state->phase = phase;
	return false;
}

static bool return_home(struct turn *turn, enum ending ending)
{
	turn->state->ending = ending;
	turn->state->reboot_asks = 0;
	remember_boot(turn);
	return go_on_in(turn, PHASE_RETURNING);
}

static bool reach_home(struct turn *turn)
{
	turn->step.notes |= NOTE_HOME;
	return go_on_in(turn, PHASE_CLOSING);
}

static bool give_up_home(struct turn *turn)
{
	turn->step.notes |= NOTE_AWAY;
	turn->state->away = true;
	return go_on_in(turn, PHASE_CLOSING);
}

/* A person who rebooted the machine wants something with it: it is not rebooted once more. */
static bool leave_to_person(struct turn *turn)
{
	turn->state->ending = ENDING_PERSON;
	return turn->seen->at_home ? reach_home(turn) : give_up_home(turn);
}

/* Stopping comes before everything else while the campaign is measuring. */
static bool has_to_end(struct turn *turn)
{
	if (turn->seen->person)
		leave_to_person(turn);
	else if (turn->seen->stop)
		return_home(turn, ENDING_STOPPED);
	else if (turn->seen->out_of_time)
		return_home(turn, ENDING_WALL_TIME);
	else
		return false;
	return true;
}

static bool is_open(const struct turn *turn, unsigned run)
{
	return !turn->seen->done[run];
}

static bool run_used_up(const struct turn *turn, unsigned run)
{
	return turn->state->run_attempts[run] >= turn->plan->run_attempts;
}

static bool visit_used_up(const struct turn *turn, unsigned visit)
{
	return turn->state->boot_attempts[visit] >= turn->plan->boot_attempts;
}

/* Gives an open run that no attempt is left for its outcome, so that nothing waits for it. */
static bool close_hopeless_run(struct turn *turn)
{
	for (unsigned run = 0; run < turn->plan->run_count; run++) {
		if (!is_open(turn, run))
			continue;
		if (run_used_up(turn, run))
			return act(turn, ACTION_CLOSE_ERROR, (int)run);
		if (visit_used_up(turn, turn->plan->visit_of_run[run]))
			return act(turn, ACTION_CLOSE_MISS, (int)run);
	}
	return false;
}

/* The first open run of a visit, or STEP_NO_RUN. */
static int open_run(const struct turn *turn, unsigned visit)
{
	for (unsigned run = 0; run < turn->plan->run_count; run++)
		if (turn->plan->visit_of_run[run] == visit && is_open(turn, run))
			return (int)run;
	return STEP_NO_RUN;
}

/* Counted before it is tried, so that a boot that kills the machine is counted too. */
static bool boot_visit(struct turn *turn, unsigned visit)
{
	struct state *state = turn->state;

	go_on_in(turn, PHASE_BOOTING);
	state->visit = visit;
	state->boots++;
	state->idle_boots++;
	state->boot_attempts[visit]++;
	state->reboot_asks = 1;
	memcpy(state->token, turn->seen->fresh_token, STEP_TOKEN_SIZE);
	remember_boot(turn);
	return act(turn, ACTION_BOOT_VISIT, STEP_NO_RUN);
}

/* Progress is a result that was not there before, whichever it is. */
static void note_progress(struct turn *turn)
{
	unsigned results = 0;

	for (unsigned run = 0; run < turn->plan->run_count; run++)
		results += turn->seen->done[run];
	if (results > turn->state->results) {
		turn->state->idle_boots = 0;
		turn->state->results = results;
	}
}

static bool choosing(struct turn *turn)
{
	if (has_to_end(turn))
		return false;
	note_progress(turn);
	if (close_hopeless_run(turn))
		return true;
	for (unsigned visit = 0; visit < turn->plan->visit_count; visit++) {
		int run = open_run(turn, visit);
		if (run == STEP_NO_RUN)
			continue;
		if (!turn->seen->ready[visit])
			return act(turn, ACTION_CLOSE_MISS, run);
		if (turn->state->boots >= turn->plan->boots)
			return return_home(turn, ENDING_BOOTS);
		if (turn->state->idle_boots >= turn->plan->idle_boots)
			return return_home(turn, ENDING_NO_PROGRESS);
		return boot_visit(turn, visit);
	}
	return return_home(turn, ENDING_FINISHED);
}

/* The reboot has not happened yet: we were interrupted, or it was refused. */
static bool ask_again(struct turn *turn)
{
	if (has_to_end(turn))
		return false;
	if (!turn->seen->ready[turn->state->visit])
		return go_on_in(turn, PHASE_CHOOSING);
	if (turn->state->reboot_asks >= STEP_REBOOT_ASKS)
		return return_home(turn, ENDING_CANNOT_REBOOT);
	turn->state->reboot_asks++;
	return act(turn, ACTION_BOOT_VISIT, STEP_NO_RUN);
}

static bool booting(struct turn *turn)
{
	if (same_boot(turn))
		return ask_again(turn);
	if (turn->seen->proof != BOOT_PROVED) {
		bool wrong = turn->seen->proof == BOOT_WRONG;
		turn->step.notes |= wrong ? NOTE_WRONG_SETUP : NOTE_NOT_ARRIVED;
		return go_on_in(turn, PHASE_CHOOSING);
	}
	turn->step.notes |= NOTE_ARRIVED;
	turn->state->boot_attempts[turn->state->visit] = 0;
	remember_boot(turn);
	return go_on_in(turn, PHASE_VISITING);
}

/* A run was under way when this step was asked for: it is over now, with or without a result. */
static void settle_run(struct turn *turn)
{
	int run = turn->state->run;

	if (run != STEP_NO_RUN && is_open(turn, (unsigned)run))
		turn->step.notes |= NOTE_RUN_BROKE;
	turn->state->run = STEP_NO_RUN;
}

static bool visiting(struct turn *turn)
{
	settle_run(turn);
	if (!same_boot(turn) || turn->seen->proof != BOOT_PROVED) {
		turn->step.notes |= NOTE_VISIT_LOST;
		return go_on_in(turn, PHASE_CHOOSING);
	}
	if (has_to_end(turn))
		return false;
	if (close_hopeless_run(turn))
		return true;
	int run = open_run(turn, turn->state->visit);
	if (run == STEP_NO_RUN) {
		turn->step.notes |= NOTE_VISIT_DONE;
		return go_on_in(turn, PHASE_CHOOSING);
	}
	turn->state->run = run;
	turn->state->run_attempts[run]++;
	return act(turn, ACTION_MEASURE, run);
}

static bool returning(struct turn *turn)
{
	if (turn->seen->at_home)
		return reach_home(turn);
	if (turn->seen->person)
		return give_up_home(turn);
	/* Armed in this boot for a visit that is not made any more. */
	if (turn->seen->one_shot)
		return act(turn, ACTION_CLEAR, STEP_NO_RUN);
	if (!same_boot(turn)) {
		turn->state->home_attempts++;
		turn->state->reboot_asks = 0;
		remember_boot(turn);
	}
	if (turn->state->home_attempts >= STEP_HOME_ATTEMPTS ||
		turn->state->reboot_asks >= STEP_REBOOT_ASKS)
		return give_up_home(turn);
	turn->state->reboot_asks++;
	return act(turn, ACTION_BOOT_HOME, STEP_NO_RUN);
}

static bool closing(struct turn *turn)
{
	/* Rebooted elsewhere in the middle of it: go home once more. */
	if (!turn->seen->at_home && !turn->state->away) {
		turn->state->reboot_asks = 0;
		remember_boot(turn);
		return go_on_in(turn, PHASE_RETURNING);
	}
	if (turn->seen->entries)
		return act(turn, ACTION_TIDY, STEP_NO_RUN);
	if (!turn->seen->report && turn->state->reports < STEP_REPORTS) {
		turn->state->reports++;
		return act(turn, ACTION_REPORT, STEP_NO_RUN);
	}
	return go_on_in(turn, PHASE_ENDED);
}

static bool ended(struct turn *turn)
{
	return act(turn, turn->seen->active ? ACTION_RELEASE : ACTION_NONE, STEP_NO_RUN);
}

static phase_function *const phases[PHASE_COUNT] = {
	[PHASE_CHOOSING] = choosing,
	[PHASE_BOOTING] = booting,
	[PHASE_VISITING] = visiting,
	[PHASE_RETURNING] = returning,
	[PHASE_CLOSING] = closing,
	[PHASE_ENDED] = ended,
};

/* A one-shot belongs to the boot that armed it and to no other. */
static bool one_shot_is_left(const struct turn *turn)
{
	return turn->seen->one_shot && !(turn->state->phase == PHASE_BOOTING && same_boot(turn));
}

struct step step(const struct step_plan *plan, struct state *state, const struct observation *seen)
{
	struct turn turn = {plan, state, seen, {ACTION_NONE, STEP_NO_RUN, 0}};

	if (one_shot_is_left(&turn)) {
		turn.step.action = ACTION_CLEAR;
		return turn.step;
	}
	while (!phases[state->phase](&turn))
		; /* no phase is entered twice without an action: see the exploration */
	return turn.step;
}
