/* SPDX-License-Identifier: MIT */
#include "statemachine/record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "base/sealed.h"

#define RECORD_FILE "record.json"
#define RECORD_FORMAT 3
#define RECORD_LIMIT ((size_t)16 << 20)

static const char *const phase_names[PHASE_COUNT] = {
	[PHASE_CHOOSING] = "choosing",
	[PHASE_BOOTING] = "booting",
	[PHASE_VISITING] = "visiting",
	[PHASE_RETURNING] = "returning",
	[PHASE_CLOSING] = "closing",
	[PHASE_ENDED] = "ended",
};

static const char *const ending_names[ENDING_COUNT] = {
	[ENDING_NONE] = "none",
	[ENDING_FINISHED] = "finished",
	[ENDING_STOPPED] = "stopped",
	[ENDING_BOOTS] = "boots",
	[ENDING_WALL_TIME] = "wall-time",
	[ENDING_CANNOT_REBOOT] = "cannot-reboot",
	[ENDING_DAMAGED] = "damaged",
	[ENDING_NO_PROGRESS] = "no-progress",
	[ENDING_PERSON] = "person",
};

const char *phase_name(enum phase phase)
{
	return phase_names[phase];
}

const char *ending_name(enum ending ending)
{
	return ending_names[ending];
}

static struct record *record_empty(void *ctx, const struct plan *plan)
{
	struct record *record = talloc_zero(ctx, struct record);

	record->state.run = STEP_NO_RUN;
	record->state.boot_attempts = talloc_zero_array(record, unsigned, plan->visit_count);
	record->state.run_attempts = talloc_zero_array(record, unsigned, plan->run_count);
	record->trouble = talloc_strdup(record, "");
	return record;
}

struct record *record_new(void *ctx, const struct plan *plan, int64_t now)
{
	struct record *record = record_empty(ctx, plan);

	record->started = now;
	record->changed = now;
	return record;
}

void record_revive(struct record *record, const struct plan *plan, int64_t now)
{
	unsigned *boot_attempts = record->state.boot_attempts;
	unsigned *run_attempts = record->state.run_attempts;

	memset(boot_attempts, 0, plan->visit_count * sizeof(*boot_attempts));
	memset(run_attempts, 0, plan->run_count * sizeof(*run_attempts));
	record->state = (struct state){
		.run = STEP_NO_RUN, .boot_attempts = boot_attempts, .run_attempts = run_attempts};
	record->started = now;
	record->spent = 0;
	*record->up_in = '\0';
	record->trouble = talloc_strdup(record, "");
}

void record_count_time(struct record *record, const char *boot_id, int64_t uptime)
{
	if (strcmp(record->up_in, boot_id) == 0)
		record->spent += uptime - record->uptime;
	else if (*record->up_in)
		record->spent += uptime;
	record->uptime = uptime;
	snprintf(record->up_in, sizeof(record->up_in), "%s", boot_id);
}

struct step_plan *record_step_plan(void *ctx, const struct plan *plan)
{
	struct step_plan *view = talloc_zero(ctx, struct step_plan);
	unsigned *visit_of_run = talloc_zero_array(view, unsigned, plan->run_count);

	for (unsigned v = 0; v < plan->visit_count; v++)
		for (unsigned r = 0; r < plan->visits[v].run_count; r++)
			visit_of_run[plan->visits[v].first_run + r] = v;
	*view = (struct step_plan){
		.visit_count = plan->visit_count,
		.run_count = plan->run_count,
		.visit_of_run = visit_of_run,
		.boot_attempts = (unsigned)plan->limits.boot_attempts,
		.run_attempts = (unsigned)plan->limits.run_attempts,
		.boots = (unsigned)plan->limits.boots,
		.idle_boots = (unsigned)plan->limits.idle_boots,
	};
	return view;
}

/* --- to JSON ----------------------------------------------------------------------------- */

static json_t *counts_to_json(const unsigned *counts, unsigned count)
{
	json_t *json = json_array();

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(json, json_integer(counts[i]));
	return json;
}

static json_t *state_to_json(const struct state *state, const struct plan *plan)
{
	json_t *json = json_pack(
		"{s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:b}", "phase",
		phase_name(state->phase), "ending", ending_name(state->ending), "token",
		state->token, "boot_id", state->boot_id, "visit", (int)state->visit, "run",
		state->run, "boots", (int)state->boots, "idle_boots", (int)state->idle_boots,
		"results", (int)state->results, "reboot_asks", (int)state->reboot_asks,
		"home_attempts", (int)state->home_attempts, "reports", (int)state->reports, "away",
		state->away);

	json_object_set_new(
		json, "boot_attempts", counts_to_json(state->boot_attempts, plan->visit_count));
	json_object_set_new(
		json, "run_attempts", counts_to_json(state->run_attempts, plan->run_count));
	return json;
}

int record_save(
	struct record *record, int campaign, const struct plan *plan, int64_t now, struct err *err)
{
	record->changed = now;
	json_t *json = json_pack("{s:i, s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:s, s:s}", "format",
		RECORD_FORMAT, "campaign", plan->name, "state", state_to_json(&record->state, plan),
		"started", (json_int_t)record->started, "changed", (json_int_t)record->changed,
		"boot_seconds", (json_int_t)record->boot_seconds, "spent",
		(json_int_t)record->spent, "uptime", (json_int_t)record->uptime, "up_in",
		record->up_in, "trouble", record->trouble);
	int r = sealed_save(campaign, RECORD_FILE, json, err);

	json_decref(json);
	return r;
}

/* --- and back ---------------------------------------------------------------------------- */

static bool read_index(const char *const *names, int count, const json_t *json, int *ret)
{
	const char *text = json_string_value(json);

	for (int i = 0; text && i < count; i++)
		if (strcmp(names[i], text) == 0) {
			*ret = i;
			return true;
		}
	return false;
}

static bool read_string(const json_t *json, char *ret, size_t size)
{
	const char *text = json_string_value(json);

	if (!text || strlen(text) >= size)
		return false;
	memset(ret, 0, size);
	memcpy(ret, text, strlen(text) + 1);
	return true;
}

static bool read_count(const json_t *json, unsigned limit, unsigned *ret)
{
	json_int_t number = json_integer_value(json);

	if (!json_is_integer(json) || number < 0 || number > (json_int_t)limit)
		return false;
	*ret = (unsigned)number;
	return true;
}

#define COUNT_LIMIT 1000000u

static bool read_counts(const json_t *json, unsigned *counts, unsigned count)
{
	if (!json_is_array(json) || json_array_size(json) != count)
		return false;
	for (unsigned i = 0; i < count; i++)
		if (!read_count(json_array_get(json, i), COUNT_LIMIT, &counts[i]))
			return false;
	return true;
}

/* The run under way is an index into the plan or STEP_NO_RUN. */
static bool read_run(const json_t *json, unsigned run_count, int *ret)
{
	json_int_t number = json_integer_value(json);

	if (!json_is_integer(json) || number < STEP_NO_RUN || number >= (json_int_t)run_count)
		return false;
	*ret = (int)number;
	return true;
}

static bool read_state(const json_t *json, const struct plan *plan, struct state *state)
{
	int phase, ending;

	if (!read_index(phase_names, PHASE_COUNT, json_object_get(json, "phase"), &phase) ||
		!read_index(ending_names, ENDING_COUNT, json_object_get(json, "ending"), &ending))
		return false;
	state->phase = (enum phase)phase;
	state->ending = (enum ending)ending;
	state->away = json_is_true(json_object_get(json, "away"));
	return read_string(json_object_get(json, "token"), state->token, STEP_TOKEN_SIZE) &&
	       read_string(json_object_get(json, "boot_id"), state->boot_id, STEP_BOOT_ID_SIZE) &&
	       read_count(json_object_get(json, "visit"), plan->visit_count - 1, &state->visit) &&
	       read_run(json_object_get(json, "run"), plan->run_count, &state->run) &&
	       read_count(json_object_get(json, "boots"), COUNT_LIMIT, &state->boots) &&
	       read_count(json_object_get(json, "idle_boots"), COUNT_LIMIT, &state->idle_boots) &&
	       read_count(json_object_get(json, "results"), plan->run_count, &state->results) &&
	       read_count(json_object_get(json, "reboot_asks"), COUNT_LIMIT, &state->reboot_asks) &&
	       read_count(json_object_get(json, "home_attempts"), COUNT_LIMIT,
		       &state->home_attempts) &&
	       read_count(json_object_get(json, "reports"), COUNT_LIMIT, &state->reports) &&
	       read_counts(json_object_get(json, "boot_attempts"), state->boot_attempts,
		       plan->visit_count) &&
	       read_counts(
		       json_object_get(json, "run_attempts"), state->run_attempts, plan->run_count);
}

static int read_record(
	struct record *record, const json_t *json, const struct plan *plan, struct err *err)
{
	const char *trouble = json_string_value(json_object_get(json, "trouble"));

	if (json_integer_value(json_object_get(json, "format")) != RECORD_FORMAT)
		return err_set(err, -EBADMSG,
			RECORD_FILE
			": is not of format %d; another version of latcampaign wrote it",
			RECORD_FORMAT);
	if (!read_state(json_object_get(json, "state"), plan, &record->state) || !trouble ||
		!read_string(json_object_get(json, "up_in"), record->up_in, STEP_BOOT_ID_SIZE))
		return err_set(err, -EBADMSG,
			RECORD_FILE ": is damaged, or belongs to another plan than plan.json");
	record->trouble = talloc_strdup(record, trouble);
	record->started = json_integer_value(json_object_get(json, "started"));
	record->changed = json_integer_value(json_object_get(json, "changed"));
	record->boot_seconds = json_integer_value(json_object_get(json, "boot_seconds"));
	record->spent = json_integer_value(json_object_get(json, "spent"));
	record->uptime = json_integer_value(json_object_get(json, "uptime"));
	return 0;
}

int record_from_json(void *ctx, const json_t *json, const struct plan *plan, struct record **ret,
	struct err *err)
{
	struct record *record = record_empty(ctx, plan);
	int r = read_record(record, json, plan, err);

	if (r < 0)
		talloc_free(record);
	else
		*ret = record;
	return r;
}

int record_load(
	void *ctx, int campaign, const struct plan *plan, struct record **ret, struct err *err)
{
	json_t *json;
	int r = sealed_load(campaign, RECORD_FILE, RECORD_LIMIT, &json, err);

	if (r < 0)
		return r;
	r = record_from_json(ctx, json, plan, ret, err);
	json_decref(json);
	return r;
}
