/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "tests/explore/world.h"

static unsigned faults_used(const struct world *world)
{
	return max_faults - world->faults;
}

static bool leaves_boot(const struct step *next)
{
	return next->action == ACTION_BOOT_VISIT || next->action == ACTION_BOOT_HOME;
}

static bool enters(const struct world *before, const struct world *after, enum phase phase)
{
	return before->state.phase != phase && after->state.phase == phase;
}

static bool new_arming(const struct world *before, const struct world *after)
{
	return token_number(after->state.token) != token_number(before->state.token);
}

static unsigned results_of(const struct world *world)
{
	unsigned results = 0;

	for (unsigned run = 0; run < plan.run_count; run++)
		results += world->results[run] != RESULT_NONE;
	return results;
}

void keep_books(const struct world *before, struct world *after, const struct step *next)
{
	if (before->state.phase == PHASE_BOOTING && !same_boot_as_recorded(before) &&
		world_prove(before) == BOOT_PROVED && next->action != ACTION_CLEAR)
		after->in_a_row[before->state.visit] = 0;
	if (results_of(before) > before->had_results) {
		after->had_results = results_of(before);
		after->idle = 0;
	}
	if (new_arming(before, after)) {
		after->idle++;
		after->armings++;
		after->armed_in = before->boot;
		after->decided_asks = 0;
		after->in_a_row[after->state.visit]++;
	}
	if (before->state.phase == PHASE_RETURNING && before->booted != AT_HOME &&
		!same_boot_as_recorded(before) && before->missed_boot != before->boot &&
		next->action != ACTION_CLEAR) {
		after->home_misses++;
		after->missed_boot = before->boot;
	}
	if (enters(before, after, PHASE_RETURNING))
		after->decided_asks = 0;
	if (leaves_boot(next))
		after->decided_asks++;
	if (next->action == ACTION_REPORT)
		after->reports++;
}

static void check_bounds(const struct world *before, const struct world *after)
{
	for (unsigned visit = 0; visit < plan.visit_count; visit++)
		if (after->in_a_row[visit] > BOOT_ATTEMPTS)
			violated("visit %u is tried more than %d times", visit, BOOT_ATTEMPTS);
	if (after->armings > plan.boots)
		violated("more than %u boots", plan.boots);
	if (after->idle > plan.idle_boots)
		violated("more than %u boots in a row without a result", plan.idle_boots);
	if (after->armings != after->state.boots)
		violated("%u boots are recorded and %u were decided on", after->state.boots,
			after->armings);
	if (new_arming(before, after) && token_number(after->state.token) != before->next_token)
		violated("an arming reuses a token");
	if (new_arming(before, after) && before->state.phase == PHASE_BOOTING &&
		before->armed_in == before->boot && !(before->drifted >> before->state.visit & 1))
		violated("a boot that was interrupted costs another attempt");
	if (after->decided_asks > STEP_REBOOT_ASKS)
		violated("one arming asks for more than %d reboots", STEP_REBOOT_ASKS);
	if (after->reports > STEP_REPORTS)
		violated("the report is begun more than %d times", STEP_REPORTS);
	if (after->home_misses > STEP_HOME_ATTEMPTS)
		violated("more than %d boots miss home", STEP_HOME_ATTEMPTS);
}

static void check_run_under_way(const struct world *after, const struct step *next)
{
	int expected = next->action == ACTION_MEASURE ? next->run : STEP_NO_RUN;

	if (next->action != ACTION_CLEAR && after->state.run != expected)
		violated("run %d is recorded as under way and run %d is", after->state.run,
			expected);
}

static void check_note(const struct step *next, unsigned note, bool expected, const char *name)
{
	if (((next->notes & note) != 0) != expected)
		violated("the note \"%s\" is %s", name, expected ? "missing" : "wrong");
}

static void check_notes(
	const struct world *before, const struct world *after, const struct step *next)
{
	bool changed = !same_boot_as_recorded(before), acts = next->action != ACTION_CLEAR;
	bool came = acts && changed && before->state.phase == PHASE_BOOTING;
	bool visiting = acts && before->state.phase == PHASE_VISITING;
	bool open = before->state.run >= 0 && before->results[before->state.run] == RESULT_NONE;
	bool closes = before->state.phase != PHASE_CLOSING && after->state.phase >= PHASE_CLOSING &&
		      before->state.phase != PHASE_ENDED;

	check_note(next, NOTE_ARRIVED, came && world_prove(before) == BOOT_PROVED, "arrived");
	check_note(next, NOTE_WRONG_SETUP, came && world_prove(before) == BOOT_WRONG, "wrong");
	check_note(next, NOTE_NOT_ARRIVED, came && world_prove(before) == BOOT_NOT_OURS,
		"not arrived");
	check_note(next, NOTE_VISIT_LOST, visiting && changed, "visit lost");
	check_note(next, NOTE_RUN_BROKE, visiting && open, "run broke");
	check_note(next, NOTE_HOME, closes && before->booted == AT_HOME, "home");
	check_note(next, NOTE_AWAY, !before->state.away && after->state.away, "away");
}

static void check_visit_done(
	const struct world *before, const struct world *after, const struct step *next)
{
	bool done = before->state.phase == PHASE_VISITING && same_boot_as_recorded(before) &&
		    !before->stop && !before->out_of_time && next->action != ACTION_CLEAR &&
		    after->state.phase != PHASE_VISITING;

	for (unsigned run = 0; run < plan.run_count; run++)
		done = done && (visit_of_run[run] != before->state.visit ||
				       before->results[run] != RESULT_NONE);
	check_note(next, NOTE_VISIT_DONE, done, "visit done");
}

static void check_requests(const struct world *before, const struct step *next)
{
	bool asked = before->stop || before->out_of_time;

	if ((asked || before->person) &&
		(next->action == ACTION_MEASURE || next->action == ACTION_BOOT_VISIT))
		violated("it goes on measuring although it was to end");
	if (before->person && next->action == ACTION_BOOT_HOME)
		violated("it fights with a person for the machine");
}

static void check_drift(
	const struct world *before, const struct world *after, const struct step *next)
{
	if (next->action == ACTION_BOOT_VISIT && before->drifted >> after->state.visit & 1)
		violated("it boots visit %u, whose files have changed", after->state.visit);
}

static void check_clear(
	const struct world *before, const struct world *after, const struct step *next)
{
	bool own = before->state.phase == PHASE_BOOTING && same_boot_as_recorded(before);

	if (next->action == ACTION_CLEAR && own && after->state.phase != PHASE_RETURNING)
		violated("it takes back what it has just armed");
	if (next->action == ACTION_BOOT_HOME && before->one_shot)
		violated("it reboots home while a visit is armed");
	if (next->action != ACTION_CLEAR && before->one_shot && !own)
		violated("it acts while a one-shot is left");
}

static void check_phase(const struct world *before, const struct world *after)
{
	if (after->state.phase == PHASE_ENDED && before->state.phase != PHASE_ENDED &&
		!after->state.away && before->booted != AT_HOME)
		violated("it ended away from home and does not say so");
	if (after->state.away && !before->state.away && !before->person &&
		after->home_misses < STEP_HOME_ATTEMPTS && after->decided_asks < STEP_REBOOT_ASKS)
		violated("home is given up too early");
	if (before->state.ending == ENDING_NONE && after->state.ending == ENDING_CANNOT_REBOOT &&
		before->decided_asks < STEP_REBOOT_ASKS)
		violated("rebooting is given up too early");
	if (before->state.ending != ENDING_NONE && after->state.ending != before->state.ending)
		violated("it changes its mind about why it ended");
}

void check_decision(const struct world *before, const struct world *after, const struct step *next)
{
	check_bounds(before, after);
	check_run_under_way(after, next);
	check_notes(before, after, next);
	check_visit_done(before, after, next);
	check_requests(before, next);
	check_clear(before, after, next);
	check_drift(before, after, next);
	check_phase(before, after);
}

void check_measure(const struct world *world, unsigned run)
{
	if (world->booted != AT_VISIT || world->booted_visit != visit_of_run[run])
		violated("run %u is measured in a boot that is not its setup", run);
	if (world->booted_token != token_number(world->state.token))
		violated("run %u is measured without the token of the last arming", run);
	if (!same_boot_as_recorded(world))
		violated("run %u is measured in another boot than the proved one", run);
	if (world->results[run] != RESULT_NONE)
		violated("run %u is measured although its result stands", run);
	if (world->executions[run] >= RUN_ATTEMPTS)
		violated("run %u is executed more than %d times", run, RUN_ATTEMPTS);
}

void check_close(const struct world *world, unsigned run, enum result result)
{
	if (world->results[run] != RESULT_NONE)
		violated("run %u is closed although its result stands", run);
	if (result == RESULT_ERROR && world->run_attempts[run] < RUN_ATTEMPTS)
		violated("run %u is an error although attempts are left", run);
	if (result == RESULT_MISS && !(world->drifted >> visit_of_run[run] & 1) &&
		world->in_a_row[visit_of_run[run]] < BOOT_ATTEMPTS)
		violated("run %u is missed although attempts are left", run);
}

static void check_why(const struct world *world, bool all_done)
{
	switch (world->state.ending) {
	case ENDING_FINISHED:
		if (!all_done)
			violated("it finished without an outcome of every run");
		return;
	case ENDING_STOPPED:
		if (!world->stop)
			violated("it says that it was stopped and nobody stopped it");
		return;
	case ENDING_WALL_TIME:
		if (!world->out_of_time)
			violated("it says that its time is used up and it is not");
		return;
	case ENDING_BOOTS:
		if (world->armings < plan.boots)
			violated("it says that its boots are used up and they are not");
		return;
	case ENDING_DAMAGED:
		if (world->damages < RECORDS)
			violated(
				"it says that records were damaged again and again and they were not");
		return;
	case ENDING_NO_PROGRESS:
		if (world->idle < plan.idle_boots)
			violated("it says that there was no progress and there was");
		return;
	case ENDING_PERSON:
		if (!world->person)
			violated("it says that a person rebooted the machine and nobody did");
		return;
	case ENDING_CANNOT_REBOOT:
		return;
	case ENDING_NONE:
	case ENDING_COUNT:
		violated("it ended without saying why");
	}
}

void check_ending(const struct world *world)
{
	bool all_pass = true, all_done = true,
	     asked = world->stop || world->out_of_time || world->person;

	for (unsigned run = 0; run < plan.run_count; run++) {
		all_pass = all_pass && world->results[run] == RESULT_PASS;
		all_done = all_done && world->results[run] != RESULT_NONE;
	}
	check_why(world, all_done);
	if (world->one_shot || world->entry || world->active)
		violated("it ended and left a one-shot, an entry or the unit's condition");
	if (!world->report && faults_used(world) < STEP_REPORTS)
		violated("it ended without a report");
	if (!asked && !world->drifted && faults_used(world) < RUN_ATTEMPTS && !all_pass)
		violated("%u faults, fewer than attempts, lost a run", faults_used(world));
	if (!asked && world->armings > plan.visit_count + faults_used(world))
		violated("%u boots for %u visits and %u faults", world->armings, plan.visit_count,
			faults_used(world));
}
