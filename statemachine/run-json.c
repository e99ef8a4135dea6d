/* SPDX-License-Identifier: MIT */
#include "statemachine/run-json.h"

#include <talloc.h>
#include <time.h>

static json_t *cyclictest_json(const struct cyclictest *asked)
{
	return json_pack("{s:I, s:I, s:i, s:i, s:I}", "interval_us", (json_int_t)asked->interval_us,
		"duration_s", (json_int_t)asked->duration_s, "priority", asked->priority, "threads",
		asked->threads, "histogram_us", (json_int_t)asked->histogram_us);
}

static json_t *guest_asked_json(const struct experiment *experiment, enum place place)
{
	const struct kernel *kernel = &experiment->kernel;

	if (place == PLACE_HOST)
		return json_null();
	json_t *json = json_pack("{s:s, s:b, s:s, s:s, s:i, s:I, s:s}", "release", kernel->release,
		"preempt_rt", kernel->rt, "image", kernel->image, "image_sha256",
		kernel->image_sha256, "vcpus", experiment->vcpus, "memory_mib",
		(json_int_t)experiment->memory_mib, "script", experiment->script);
	if (place == PLACE_XEN)
		json_object_set_new(
			json, "type", json_string(guest_type_name(experiment->guest_type)));
	return json;
}

/* A run that ends in no boot of its visit was asked of none: the token is another visit's then. */
static const char *token_of(const struct state *state, unsigned visit)
{
	return state->phase == PHASE_VISITING && state->visit == visit ? state->token : "";
}

json_t *run_json(const struct runner *runner, const struct run *run)
{
	const struct opened *opened = runner->opened;
	const struct plan *plan = opened->plan;
	const struct setup *setup = &plan->setups[run->setup];
	const struct experiment *experiment = &plan->experiments[run->experiment];
	unsigned visit = plan_visit(plan, (unsigned)(run - plan->runs));
	const struct state *state = &opened->record->state;
	struct identity *asked = identity_asked(NULL, setup, token_of(state, visit));
	json_t *overrides = json_array();

	for (char **override = plan->overrides; *override; override++)
		json_array_append_new(overrides, json_string(*override));
	json_t *json = json_pack(
		"{s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:s, s:s, s:o, s:s, s:o, s:o}", "campaign",
		plan->name, "run", run->id, "setup", setup->name, "experiment", experiment->name,
		"repetition", (int)run->repetition, "visit", (int)visit + 1, "block",
		(int)plan->visits[visit].block, "place", place_name(run->place), "latcampaign",
		VERSION, "overrides", overrides, "tool", tool_name(experiment->tool), "cyclictest",
		cyclictest_json(&experiment->cyclictest), "asked", identity_to_json(asked));
	talloc_free(asked);
	return json;
}

void run_json_add_found(json_t *json, const struct runner *runner, const struct run *run,
	json_t *guest_found, int64_t began)
{
	const struct experiment *experiment = &runner->opened->plan->experiments[run->experiment];

	json_object_set_new(json, "found", identity_to_json(runner->found));
	json_object_set_new(json, "boot_id", json_string(runner->found->boot_id));
	json_object_set_new(json, "began", json_integer(began));
	json_object_set_new(json, "ended", json_integer(time(NULL)));
	json_object_set_new(json, "guest",
		json_pack("{s:o, s:o}", "asked", guest_asked_json(experiment, run->place), "found",
			guest_found));
}
