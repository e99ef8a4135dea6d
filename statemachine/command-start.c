/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"
#include "base/sealed.h"
#include "statemachine/command.h"
#include "statemachine/inputs.h"
#include "statemachine/journal.h"
#include "statemachine/opened.h"
#include "statemachine/person.h"
#include "statemachine/recover.h"
#include "statemachine/store.h"
#include "statemachine/unit.h"

#define CAMPAIGN_LIMIT ((size_t)16 << 20)

/* What `start` works with. */
struct starting {
	const struct command_line *line;
	const char *path; /* of the campaign file */
	struct plan *plan;
	int store;
	int campaign;
};

static bool same_plan(const struct plan *a, const struct plan *b)
{
	json_t *first = plan_to_json(a), *second = plan_to_json(b);
	bool same = json_equal(first, second);

	json_decref(first);
	json_decref(second);
	return same;
}

/* Takes the reference of `json`. */
static int save(const struct starting *starting, const char *name, json_t *json, struct err *err)
{
	int r = sealed_save(starting->campaign, name, json, err);

	json_decref(json);
	return r;
}

/* A copy for a person; the plan is what counts. */
static int copy_campaign(void *ctx, const struct starting *starting, struct err *err)
{
	size_t size;
	char *text;
	int r = file_read(ctx, AT_FDCWD, starting->path, CAMPAIGN_LIMIT, &text, &size, err);

	return r < 0 ? r : file_replace(starting->campaign, "campaign.cfg", text, size, 0644, err);
}

/* Home is the boot that start is called in. */
static int save_home(void *ctx, const struct starting *starting, struct err *err)
{
	const char *path = *starting->line->root ? starting->line->root : "/";
	autoclose int root = open(path, O_PATH | O_CLOEXEC);
	struct identity *home;
	int r = identity_found(ctx, root, &home, err);

	return r == 0 ? save(starting, "home.json", identity_to_json(home), err) : r;
}

static int freeze(void *ctx, const struct starting *starting, struct err *err)
{
	int r = 0;

	if (recover_is_visit(starting->line->root))
		r = err_set(err, -EBUSY,
			"this boot is a setup of a campaign, which cannot be the home of another; "
			"reboot first");
	if (r == 0)
		r = copy_campaign(ctx, starting, err);
	if (r == 0)
		r = inputs_keep(starting->plan, starting->campaign, err);
	if (r == 0)
		r = save_home(ctx, starting, err);
	if (r == 0)
		r = record_save(record_new(ctx, starting->plan, time(NULL)), starting->campaign,
			starting->plan, time(NULL), err);
	/* Last: with a plan the campaign counts as one that was started. */
	return r == 0 ? save(starting, "plan.json", plan_to_json(starting->plan), err) : r;
}

static int need_the_same(const struct plan *plan, const struct opened *opened, struct err *err)
{
	if (opened->record->state.ending == ENDING_FINISHED)
		return err_set(err, -EEXIST,
			"campaign %s has finished; `latcampaign report %s` shows it. To measure "
			"again, give the new campaign another name: --set name=%s-2",
			plan->name, plan->name, plan->name);
	if (!same_plan(plan, opened->plan))
		return err_set(err, -EEXIST,
			"a campaign %s that says something else (or found other kernels) was "
			"started and stopped here; give this one another name: --set name=%s-2",
			plan->name, plan->name);
	return 0;
}

/* What an end has left: it is to be reached anew. */
static int forget_end(const struct opened *opened, struct err *err)
{
	static const char *const files[] = {"stop", "report.txt", "SHA256SUMS", NULL};
	static const char *const directories[] = {"cancel", "damaged", NULL};
	int r = person_forget(opened, err);

	for (const char *const *name = files; r == 0 && *name; name++)
		r = file_remove(opened->campaign, *name, err);
	for (const char *const *name = directories; r == 0 && *name; name++)
		r = directory_remove(opened->campaign, *name, err);
	return r;
}

/* A campaign of this name stands already: it goes on if it was not finished and says the same. */
static int go_on(void *ctx, const struct starting *starting, struct err *err)
{
	const struct plan *plan = starting->plan;
	struct opened *opened;
	int r = opened_open(ctx, starting->line->root, plan->name, &opened, err);

	if (r == 0)
		r = opened_need(opened, false, err);
	if (r < 0)
		return r;
	if (!opened->record)
		opened->record = record_new(opened, opened->plan, time(NULL));
	r = need_the_same(plan, opened, err);
	if (r < 0)
		return r;
	record_revive(opened->record, opened->plan, time(NULL));
	r = forget_end(opened, err);
	/* Home may have got another kernel meanwhile; a visit that was given up is no home. */
	if (r == 0 && !recover_is_visit(starting->line->root))
		r = save_home(ctx, starting, err);
	if (r == 0)
		r = record_save(opened->record, opened->campaign, opened->plan, time(NULL), err);
	return r;
}

/* A campaign that is active and whose runner has ended (it gave up, or was killed) may go on. */
static bool runner_ended(const struct starting *starting, const char *active)
{
	return strcmp(active, starting->plan->name) == 0 && !store_is_locked(starting->store) &&
	       unit_is_idle();
}

static int refuse_active(const struct starting *starting, struct err *err)
{
	char *active = store_active(NULL, starting->store);
	int r = 0;

	if (active && !runner_ended(starting, active))
		r = err_set(err, -EBUSY,
			"campaign %s is under way on this machine; `latcampaign status` tells how "
			"far it is, `latcampaign stop` ends it",
			active);
	talloc_free(active);
	return r;
}

static int prepare(void *ctx, struct starting *starting, struct err *err)
{
	const char *name = starting->plan->name;
	char *plan = talloc_asprintf(ctx, "%s/plan.json", name);
	bool known = file_exists(starting->store, plan);
	int r = store_open_campaign(starting->store, name, true, &starting->campaign, err);

	if (r == 0)
		r = known ? go_on(ctx, starting, err) : freeze(ctx, starting, err);
	if (r == 0)
		journal(starting->campaign, JOURNAL_INFO, "campaign %s %s", name,
			known ? "goes on" : "is started");
	return r == 0 ? store_activate(starting->store, name, err) : r;
}

static int hand_over(const struct starting *starting, struct err *err)
{
	int r = unit_wake("restart", err);

	if (r < 0)
		store_release(starting->store, NULL);
	return r;
}

static int check_machine(const struct starting *starting)
{
	struct complaints complaints = {0};

	machine_check(starting->plan, starting->line->root, &complaints);
	if (complaints.count == 0)
		return COMMAND_FINE;
	command_complain(&complaints);
	return command_fail(COMMAND_FAILED,
		"campaign %s is not started: this machine cannot run it yet (see above)",
		starting->plan->name);
}

static int start(void *ctx, const struct command_line *line)
{
	struct starting starting = {.line = line, .store = -1, .campaign = -1};
	struct err err = {""};
	int status = command_read_campaign(ctx, line, &starting.plan, &starting.path);

	if (status != COMMAND_FINE)
		return status;
	if (geteuid() != 0)
		return command_fail(COMMAND_FAILED,
			"starting reboots the machine and needs root: sudo latcampaign start %s",
			line->operand);
	int r = store_open(line->root, true, &starting.store, &err);
	if (r == 0)
		r = refuse_active(&starting, &err);
	if (r == 0 && (status = check_machine(&starting)) == COMMAND_FINE)
		r = prepare(ctx, &starting, &err);
	if (r == 0 && status == COMMAND_FINE)
		r = hand_over(&starting, &err);
	close_fd(&starting.campaign);
	close_fd(&starting.store);
	if (r < 0)
		return command_fail(COMMAND_FAILED, "%s", err.text);
	if (status == COMMAND_FINE)
		printf("campaign %s is started: %u runs in %u visits; the machine reboots now.\n"
		       "`latcampaign status` tells how far it is.\n",
			starting.plan->name, starting.plan->run_count, starting.plan->visit_count);
	return status;
}

int command_start(const struct command_line *line)
{
	void *ctx = talloc_new(NULL);
	int status = start(ctx, line);

	talloc_free(ctx);
	return status;
}
