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
#include "report/report.h"
#include "results/result.h"
#include "statemachine/journal.h"
#include "statemachine/measure.h"
#include "statemachine/reboot.h"
#include "statemachine/run-json.h"
#include "statemachine/store.h"

/* --- boots ------------------------------------------------------------------------------- */

/* A reboot that the BMC does not watch is better than none. */
static int reboot(const struct opened *opened, struct err *err)
{
	struct err why = {""};

	if (reboot_watch(opened->root_fd, opened->store, (int)opened->plan->limits.boot_seconds,
		    &why) < 0)
		journal(opened->campaign, JOURNAL_WARNING, "the BMC does not watch this reboot: %s",
			why.text);
	int r = reboot_ask(err);
	/* Nobody reboots: the BMC must not, either. */
	if (r < 0 && reboot_arrived(opened->store, &why) < 0)
		journal(opened->campaign, JOURNAL_WARNING, "%s", why.text);
	return r;
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
	int r = setup_verify(runner->digests, opened->root_fd, setup, err);

	(void)step;
	if (r == 0)
		r = arm(opened, setup, err);
	if (r < 0)
		return r;
	journal(opened->campaign, JOURNAL_INFO, "rebooting into %s (visit %u of %u, boot %u of %d)",
		setup->name, state->visit + 1, opened->plan->visit_count, state->boots,
		opened->plan->limits.boots);
	return reboot(opened, err);
}

static int boot_home(struct runner *runner, const struct step *step, struct err *err)
{
	(void)step;
	journal(runner->opened->campaign, JOURNAL_INFO, "rebooting home");
	return reboot(runner->opened, err);
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

static int measure(struct runner *runner, const struct step *step, struct err *err)
{
	return measure_run(runner, &runner->opened->plan->runs[step->run], err);
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
	const struct setup *setup = &plan->setups[plan->runs[step->run].setup];
	struct err drift;
	char *reason =
		setup_verify(runner->digests, runner->opened->root_fd, setup, &drift) < 0
			? talloc_strdup(NULL, drift.text)
			: talloc_asprintf(NULL, "setup %s did not come up in %d boots in a row",
				  setup->name, plan->limits.boot_attempts);
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
	if (r > 0)
		journal(opened->campaign, JOURNAL_WARNING,
			"the report is written, but %d figures could not be drawn when the "
			"campaign ended",
			r);
	else if (r == 0)
		journal(opened->campaign, JOURNAL_INFO, "figures and report are written");
	/* What gnuplot cannot draw it cannot draw at the next attempt, either. */
	return r < 0 ? r : 0;
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
