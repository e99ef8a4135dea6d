/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "base/files.h"
#include "results/result.h"
#include "statemachine/command.h"
#include "statemachine/journal.h"
#include "statemachine/opened.h"
#include "statemachine/store.h"

#define WARNINGS_SHOWN 10

/* What a person wants in the morning, gathered once for both forms. */
struct picture {
	const struct opened *opened;
	bool active;
	bool runner; /* works now */
	bool *done;
	unsigned outcomes[OUTCOME_COUNT];
	unsigned done_count;
	char **warnings;
	int64_t ends; /* seconds since the epoch; 0 when nothing is to come */
};

static const struct setup *visited(const struct opened *opened)
{
	const struct plan *plan = opened->plan;

	return &plan->setups[plan->visits[opened->record->state.visit].setup];
}

static void count_results(void *ctx, struct picture *picture)
{
	const struct plan *plan = picture->opened->plan;

	picture->done = talloc_zero_array(ctx, bool, plan->run_count);
	for (unsigned run = 0; run < plan->run_count; run++) {
		struct result *result;
		if (result_load(ctx, picture->opened->campaign, plan->runs[run].id, &result, NULL) <
			0)
			continue;
		picture->done[run] = true;
		picture->done_count++;
		picture->outcomes[result->outcome]++;
		talloc_free(result);
	}
}

/* Boots that are still to come: one for each visit with an open run that we are not in, and home.
 */
static unsigned boots_to_come(const struct picture *picture)
{
	const struct plan *plan = picture->opened->plan;
	const struct state *state = &picture->opened->record->state;
	unsigned boots = state->phase < PHASE_CLOSING;

	for (unsigned v = 0; v < plan->visit_count; v++) {
		bool open = false;
		for (unsigned r = 0; r < plan->visits[v].run_count; r++)
			open = open || !picture->done[plan->visits[v].first_run + r];
		boots += open && !(state->phase == PHASE_VISITING && state->visit == v);
	}
	return boots;
}

/* Seconds of the present phase that have already passed: they are not to come any more. */
static int64_t already_passed(const struct record *record)
{
	int64_t passed = time(NULL) - record->changed;

	return passed > 0 ? passed : 0;
}

static int64_t expected_end(const struct picture *picture)
{
	const struct record *record = picture->opened->record;
	int64_t boot = record->boot_seconds > 0 ? record->boot_seconds : COMMAND_BOOT_SECONDS;

	/* A runner that gave up does not end by itself. */
	if (!picture->active || *record->trouble)
		return 0;
	int64_t left = command_expected_seconds(
		picture->opened->plan, picture->done, boots_to_come(picture), boot);
	int64_t passed = already_passed(record);
	return time(NULL) + (left > passed ? left - passed : 0);
}

static void take_picture(void *ctx, const struct opened *opened, struct picture *picture)
{
	char *active = store_active(ctx, opened->store);

	*picture = (struct picture){.opened = opened};
	picture->active = active && strcmp(active, opened->plan->name) == 0;
	picture->runner = store_is_locked(opened->store);
	picture->warnings = journal_warnings(ctx, opened->campaign);
	count_results(ctx, picture);
	picture->ends = expected_end(picture);
}

/* --- in words ---------------------------------------------------------------------------- */

static char *ending_words(void *ctx, const struct opened *opened)
{
	static const char *const words[ENDING_COUNT] = {
		[ENDING_NONE] = "not ended",
		[ENDING_FINISHED] = "finished",
		[ENDING_STOPPED] = "stopped by a person; `latcampaign start` goes on",
		[ENDING_BOOTS] = "ended early: its budget of boots is used up (limits.boots)",
		[ENDING_WALL_TIME] = "ended early: its time is used up (limits.wall_time)",
		[ENDING_CANNOT_REBOOT] = "ended early: the machine could not be rebooted",
		[ENDING_DAMAGED] =
			"ended early: its record was damaged again and again; look after "
			"the disk, then `latcampaign start` goes on",
		[ENDING_NO_PROGRESS] = "ended early: boot after boot brought no result "
				       "(limits.idle_boots); `latcampaign start` tries again",
		[ENDING_PERSON] = "left the machine to the person who rebooted it; `latcampaign "
				  "start` goes on",
	};
	const struct state *state = &opened->record->state;

	return talloc_asprintf(ctx, "%s%s", words[state->ending],
		state->away ? "; the machine is NOT in the boot it began in"
			    : ", the machine is home");
}

/* "visit 3 of 8", "visit 3 of 8, block 2 of 2" */
static char *visit_words(void *ctx, const struct opened *opened)
{
	const struct plan *plan = opened->plan;
	unsigned visit = opened->record->state.visit;
	char *words = talloc_asprintf(ctx, "visit %u of %u", visit + 1, plan->visit_count);

	if (plan->blocks > 1)
		words = talloc_asprintf_append(
			words, ", block %u of %d", plan->visits[visit].block, plan->blocks);
	return words;
}

static char *phase_words(void *ctx, const struct picture *picture)
{
	const struct opened *opened = picture->opened;
	const struct state *state = &opened->record->state;
	const char *setup = visited(opened)->name;

	if (*opened->record->trouble)
		return talloc_asprintf(ctx, "given up: %s", opened->record->trouble);
	switch (state->phase) {
	case PHASE_CHOOSING:
		return talloc_strdup(ctx, "between two boots");
	case PHASE_BOOTING:
		return talloc_asprintf(
			ctx, "rebooting into %s (%s)", setup, visit_words(ctx, opened));
	case PHASE_VISITING:
		return talloc_asprintf(
			ctx, "measuring in %s (%s)", setup, visit_words(ctx, opened));
	case PHASE_RETURNING:
		return talloc_strdup(ctx, "rebooting home");
	case PHASE_CLOSING:
		return talloc_strdup(ctx, "home, writing figures and report");
	case PHASE_ENDED:
	case PHASE_COUNT:
		break;
	}
	return ending_words(ctx, opened);
}

static void print_run(void *ctx, const struct picture *picture)
{
	const struct opened *opened = picture->opened;
	const struct state *state = &opened->record->state;

	if (state->phase != PHASE_VISITING || state->run == STEP_NO_RUN)
		return;
	const struct run *run = &opened->plan->runs[state->run];
	const struct experiment *experiment = &opened->plan->experiments[run->experiment];
	printf("  now      run %s%s%s, %s of %s, attempt %u of %d\n", run->id,
		run->place == PLACE_HOST ? " on the host" : " in a guest with kernel ",
		run->place == PLACE_HOST ? "" : experiment->kernel.release,
		command_duration(ctx, experiment->cyclictest.duration_s),
		tool_name(experiment->tool), state->run_attempts[state->run],
		opened->plan->limits.run_attempts);
}

static void print_results(const struct picture *picture)
{
	printf("  done     %u of %u runs", picture->done_count, picture->opened->plan->run_count);
	for (unsigned o = 0; o < OUTCOME_COUNT; o++)
		if (picture->outcomes[o] > 0)
			printf(", %u %s", picture->outcomes[o], outcome_name((enum outcome)o));
	printf("\n");
}

static void print_warnings(const struct picture *picture)
{
	unsigned count = 0;

	while (picture->warnings[count])
		count++;
	if (count == 0)
		printf("  trouble  none\n");
	for (unsigned i = count > WARNINGS_SHOWN ? count - WARNINGS_SHOWN : 0; i < count; i++)
		printf("  trouble  %s\n", picture->warnings[i]);
}

static void print_end(void *ctx, const struct picture *picture)
{
	const struct opened *opened = picture->opened;
	const char *name = opened->plan->name;

	if (picture->ends > 0)
		printf("  ends     about %s\n", command_time(ctx, picture->ends));
	else if (file_exists(opened->campaign, "report.txt"))
		printf("  report   %s/%s/report.txt, figures beside it\n", STATEDIR, name);
	else
		printf("  report   not written; `sudo latcampaign report %s` writes it\n", name);
}

static void print_status(void *ctx, const struct picture *picture)
{
	const struct opened *opened = picture->opened;

	printf("campaign %s: %s\n", opened->plan->name, phase_words(ctx, picture));
	printf("  since    %s\n", command_time(ctx, opened->record->changed));
	if (picture->active && !picture->runner)
		printf("  runner   not running; it starts when the boot is complete, or with "
		       "`sudo systemctl start latcampaign`\n");
	print_run(ctx, picture);
	print_results(picture);
	printf("  boots    %u of at most %d\n", opened->record->state.boots,
		opened->plan->limits.boots);
	print_warnings(picture);
	print_end(ctx, picture);
}

/* --- as JSON ----------------------------------------------------------------------------- */

static json_t *visit_json(const struct opened *opened)
{
	const struct state *state = &opened->record->state;

	if (state->phase != PHASE_BOOTING && state->phase != PHASE_VISITING)
		return json_null();
	return json_pack("{s:s, s:i, s:i, s:i}", "setup", visited(opened)->name, "number",
		(int)state->visit + 1, "of", (int)opened->plan->visit_count, "block",
		(int)opened->plan->visits[state->visit].block);
}

static json_t *runs_json(const struct picture *picture)
{
	json_t *json = json_pack("{s:i, s:i}", "total", (int)picture->opened->plan->run_count,
		"done", (int)picture->done_count);

	for (unsigned o = 0; o < OUTCOME_COUNT; o++)
		json_object_set_new(
			json, outcome_name((enum outcome)o), json_integer(picture->outcomes[o]));
	return json;
}

static void print_json(const struct picture *picture)
{
	const struct opened *opened = picture->opened;
	const struct state *state = &opened->record->state;
	json_t *warnings = json_array();

	for (char **warning = picture->warnings; *warning; warning++)
		json_array_append_new(warnings, json_string(*warning));
	json_t *json =
		json_pack("{s:s, s:b, s:b, s:s, s:s, s:s, s:b, s:o, s:o, s:i, s:i, s:I, s:I, s:o}",
			"campaign", opened->plan->name, "active", picture->active, "runner",
			picture->runner, "phase", phase_name(state->phase), "ending",
			ending_name(state->ending), "trouble", opened->record->trouble, "away",
			state->away, "visit", visit_json(opened), "runs", runs_json(picture),
			"boots", (int)state->boots, "boots_limit", opened->plan->limits.boots,
			"since", (json_int_t)opened->record->changed, "expected_end",
			(json_int_t)picture->ends, "warnings", warnings);
	json_object_set_new(json, "run",
		state->run == STEP_NO_RUN ? json_null()
					  : json_string(opened->plan->runs[state->run].id));
	json_dumpf(json, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(json);
}

/* Failed: ended in another way than a person would want to hear in the morning. */
static int exit_status(const struct picture *picture)
{
	const struct record *record = picture->opened->record;
	bool bad = *record->trouble || record->state.away ||
		   record->state.ending > ENDING_STOPPED || picture->outcomes[OUTCOME_ERROR] ||
		   picture->outcomes[OUTCOME_MISS] || picture->outcomes[OUTCOME_FAIL];

	return bad ? COMMAND_FAILED : COMMAND_FINE;
}

int command_status(const struct command_line *line)
{
	void *ctx = talloc_new(NULL);
	struct err err = {""};
	struct picture picture;
	struct opened *opened;
	int status;

	if (opened_open(ctx, line->root, line->operand, &opened, &err) < 0 ||
		opened_need(opened, true, &err) < 0) {
		status = command_fail(COMMAND_FAILED, "%s", err.text);
	} else {
		take_picture(ctx, opened, &picture);
		if (line->json)
			print_json(&picture);
		else
			print_status(ctx, &picture);
		status = exit_status(&picture);
	}
	talloc_free(ctx);
	return status;
}
