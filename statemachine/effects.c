/* SPDX-License-Identifier: MIT */
#include "statemachine/effects.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "base/files.h"
#include "base/spawn.h"
#include "grub-hooks/boot-method.h"
#include "guests/platform.h"
#include "kernels/kernel.h"
#include "output/report.h"
#include "output/result.h"
#include "statemachine/journal.h"
#include "statemachine/store.h"

#define SYSTEMCTL_SECONDS 120

/* --- boots ------------------------------------------------------------------------------- */

static int reboot_machine(struct err *err)
{
	static const char *const argv[] = {"systemctl", "--no-block", "reboot", NULL};
	int r = spawn_read(NULL, argv, SYSTEMCTL_SECONDS, NULL, err);

	return r < 0 ? r : 1;
}

static int arm(const struct opened *opened, const struct setup *setup, struct err *err)
{
	void *ctx = talloc_new(NULL);
	const char *token = opened->record->state.token;
	struct identity *asked = identity_asked(ctx, setup, token);
	struct boot_entry entry = {
		.id = talloc_asprintf(ctx, BOOT_ID_PREFIX "%s", token),
		.title = talloc_asprintf(
			ctx, "latcampaign: %s of campaign %s", setup->name, opened->plan->name),
		.kernel = setup->kernel.image,
		.initrd = setup->kernel.initrd,
		.cmdline = asked->cmdline,
		.hypervisor = setup->hypervisor_image,
		.hypervisor_cmdline = asked->hypervisor_cmdline,
	};
	int r = boot_method_get()->arm(opened->root, &entry, err);

	talloc_free(ctx);
	return r;
}

static int boot_visit(struct runner *runner, const struct step *step, struct err *err)
{
	const struct opened *opened = runner->opened;
	const struct state *state = &opened->record->state;
	const struct setup *setup = &opened->plan->setups[opened->plan->visits[state->visit].setup];
	int r = plan_verify_files(opened->plan, opened->root_fd, err);

	(void)step;
	if (r == 0)
		r = arm(opened, setup, err);
	if (r < 0)
		return r;
	journal(opened->campaign, JOURNAL_INFO, "rebooting into %s (visit %u of %u, boot %u of %d)",
		setup->name, state->visit + 1, opened->plan->visit_count, state->boots,
		opened->plan->limits.boots);
	return reboot_machine(err);
}

static int boot_home(struct runner *runner, const struct step *step, struct err *err)
{
	(void)step;
	journal(runner->opened->campaign, JOURNAL_INFO, "rebooting home");
	return reboot_machine(err);
}

static int clear(struct runner *runner, const struct step *step, struct err *err)
{
	(void)step;
	journal(runner->opened->campaign, JOURNAL_WARNING,
		"a one-shot of ours was still armed in this boot; it is taken back");
	return boot_method_get()->clear(runner->opened->root, err);
}

static int tidy(struct runner *runner, const struct step *step, struct err *err)
{
	(void)step;
	return boot_method_get()->tidy(runner->opened->root, err);
}

/* --- runs -------------------------------------------------------------------------------- */

/* Timers fire into a measurement. They are stopped, not disabled: the next boot starts them. */
static void quieten(struct runner *runner)
{
	static const char *const argv[] = {
		"systemctl", "stop", "*.timer", "unattended-upgrades*.service", NULL};
	struct err err;

	if (runner->quiet)
		return;
	runner->quiet = true;
	if (spawn_read(NULL, argv, SYSTEMCTL_SECONDS, NULL, &err) < 0)
		journal(runner->opened->campaign, JOURNAL_WARNING,
			"timers could not be kept away: %s", err.text);
}

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

/* What every run.json tells, whatever became of the run. */
static json_t *run_json(const struct runner *runner, const struct run *run)
{
	const struct opened *opened = runner->opened;
	const struct plan *plan = opened->plan;
	const struct state *state = &opened->record->state;
	const struct setup *setup = &plan->setups[run->setup];
	const struct experiment *experiment = &plan->experiments[run->experiment];
	struct identity *asked = identity_asked(NULL, setup, state->token);
	json_t *overrides = json_array();

	for (char **override = plan->overrides; *override; override++)
		json_array_append_new(overrides, json_string(*override));
	json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:o, s:o, s:o}", "campaign",
		plan->name, "run", run->id, "setup", setup->name, "experiment", experiment->name,
		"repetition", (int)run->repetition, "place", place_name(run->place), "latcampaign",
		VERSION, "overrides", overrides, "cyclictest",
		cyclictest_json(&experiment->cyclictest), "asked", identity_to_json(asked));
	talloc_free(asked);
	return json;
}

static void add_found(json_t *json, const struct runner *runner, const struct run *run,
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

static int measure_into(struct runner *runner, const struct run *run, int directory,
	json_t **ret_found, struct err *err)
{
	const struct opened *opened = runner->opened;
	struct measurement measurement = {
		.plan = opened->plan,
		.run = run,
		.root = opened->root_fd,
		.directory = directory,
		.cancel_fd = runner->cancel_fd,
	};
	const struct platform *platform = platform_get(run->place);
	int r = platform->clean(err);

	return r < 0 ? r : platform->measure(&measurement, ret_found, err);
}

/* A run that fails is put aside as evidence; whether it is tried again is step()'s business. */
static int put_aside(
	struct runner *runner, const struct run *run, const char *reason, struct err *err)
{
	const struct opened *opened = runner->opened;
	unsigned attempt = opened->record->state.run_attempts[run - opened->plan->runs];

	journal(opened->campaign, JOURNAL_WARNING, "run %s failed (attempt %u of %d): %s", run->id,
		attempt, opened->plan->limits.run_attempts, reason);
	return result_put_aside(opened->campaign, run->id, (int)attempt, reason, err);
}

static int measure(struct runner *runner, const struct step *step, struct err *err)
{
	const struct opened *opened = runner->opened;
	const struct run *run = &opened->plan->runs[step->run];
	json_t *guest_found = NULL;
	int64_t began = time(NULL);
	struct err why = {""};
	autoclose int directory = -1;

	quieten(runner);
	int r = result_begin(opened->campaign, run->id, &directory, err);
	if (r < 0)
		return r;
	r = measure_into(runner, run, directory, &guest_found, &why);
	if (r < 0)
		return put_aside(runner, run, why.text, err);
	json_t *json = run_json(runner, run);
	add_found(json, runner, run, guest_found, began);
	r = result_finish(opened->campaign, run->id, OUTCOME_PASS, "", json, err);
	json_decref(json);
	if (r == 0)
		journal(opened->campaign, JOURNAL_INFO, "run %s is measured", run->id);
	return r;
}

static int close_run(struct runner *runner, const struct step *step, enum outcome outcome,
	const char *reason, struct err *err)
{
	const struct opened *opened = runner->opened;
	const struct run *run = &opened->plan->runs[step->run];
	autoclose int directory = -1;
	int r = result_begin(opened->campaign, run->id, &directory, err);

	if (r < 0)
		return r;
	json_t *json = run_json(runner, run);
	r = result_finish(opened->campaign, run->id, outcome, reason, json, err);
	json_decref(json);
	if (r == 0)
		journal(opened->campaign, JOURNAL_WARNING, "run %s ends as %s: %s", run->id,
			outcome_name(outcome), reason);
	return r;
}

static int close_miss(struct runner *runner, const struct step *step, struct err *err)
{
	const struct plan *plan = runner->opened->plan;
	char *reason = talloc_asprintf(NULL, "setup %s did not come up in %d boots in a row",
		plan->setups[plan->runs[step->run].setup].name, plan->limits.boot_attempts);
	int r = close_run(runner, step, OUTCOME_MISS, reason, err);

	talloc_free(reason);
	return r;
}

/* Why the last attempt failed, if it lived long enough to tell. */
static char *last_reason(void *ctx, const struct opened *opened, unsigned run)
{
	char *reason, *path = talloc_asprintf(ctx, "attempts/%s.%u/reason.txt",
			      opened->plan->runs[run].id, opened->record->state.run_attempts[run]);

	if (file_read_line(ctx, opened->campaign, path, &reason, NULL) < 0)
		return talloc_strdup(ctx, "the last one was cut off");
	return reason;
}

static int close_error(struct runner *runner, const struct step *step, struct err *err)
{
	void *ctx = talloc_new(NULL);
	char *reason = talloc_asprintf(ctx, "no result in %d attempts: %s",
		runner->opened->plan->limits.run_attempts,
		last_reason(ctx, runner->opened, (unsigned)step->run));
	int r = close_run(runner, step, OUTCOME_ERROR, reason, err);

	talloc_free(ctx);
	return r;
}

/* --- the end ----------------------------------------------------------------------------- */

static int report(struct runner *runner, const struct step *step, struct err *err)
{
	const struct opened *opened = runner->opened;
	char **warnings = journal_warnings(NULL, opened->campaign);
	int r = report_write(opened->plan, opened->campaign, (const char *const *)warnings, err);

	(void)step;
	talloc_free(warnings);
	if (r == 0)
		journal(opened->campaign, JOURNAL_INFO, "figures and report are written");
	return r;
}

static int release(struct runner *runner, const struct step *step, struct err *err)
{
	(void)step;
	journal(runner->opened->campaign, JOURNAL_INFO, "the campaign is over");
	return store_release(runner->opened->store, err);
}

typedef int effect(struct runner *runner, const struct step *step, struct err *err);

static effect *const effects[ACTION_COUNT] = {
	[ACTION_CLEAR] = clear,
	[ACTION_BOOT_VISIT] = boot_visit,
	[ACTION_MEASURE] = measure,
	[ACTION_CLOSE_MISS] = close_miss,
	[ACTION_CLOSE_ERROR] = close_error,
	[ACTION_BOOT_HOME] = boot_home,
	[ACTION_TIDY] = tidy,
	[ACTION_REPORT] = report,
	[ACTION_RELEASE] = release,
};

int effects_perform(struct runner *runner, const struct step *step, struct err *err)
{
	return effects[step->action] ? effects[step->action](runner, step, err) : 0;
}
