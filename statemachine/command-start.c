/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"
#include "base/spawn.h"
#include "statemachine/command.h"
#include "statemachine/journal.h"
#include "statemachine/opened.h"
#include "statemachine/store.h"

#define CAMPAIGN_LIMIT ((size_t)16 << 20)
#define SYSTEMCTL_SECONDS 60

/* What `start` works with. */
struct starting {
	const struct command_line *line;
	const char *path; /* of the campaign file */
	struct plan *plan;
	int store;
	int campaign;
};

/* The plan as text: what is frozen, and what a later start is compared with. */
static char *plan_text(void *ctx, const struct plan *plan)
{
	json_t *json = plan_to_json(plan);
	char *text = json_dumps(json, JSON_INDENT(1) | JSON_SORT_KEYS);
	char *copy = talloc_asprintf(ctx, "%s\n", text ? text : "");

	free(text);
	json_decref(json);
	return copy;
}

/* A copy for a person; the plan is what counts. */
static int copy_campaign(void *ctx, const struct starting *starting, struct err *err)
{
	size_t size;
	char *text;
	int r = file_read(ctx, AT_FDCWD, starting->path, CAMPAIGN_LIMIT, &text, &size, err);

	return r < 0 ? r : file_replace(starting->campaign, "campaign.cfg", text, size, 0644, err);
}

static int freeze(void *ctx, const struct starting *starting, struct err *err)
{
	autoclose int root =
		open(*starting->line->root ? starting->line->root : "/", O_PATH | O_CLOEXEC);
	char *text = plan_text(ctx, starting->plan);
	struct identity *home;
	int r = identity_found(ctx, root, &home, err);

	if (r == 0)
		r = copy_campaign(ctx, starting, err);
	if (r == 0)
		r = file_replace(starting->campaign, "plan.json", text, strlen(text), 0644, err);
	if (r == 0)
		r = record_save(record_new(ctx, starting->plan, home, time(NULL)),
			starting->campaign, starting->plan, time(NULL), err);
	return r;
}

/* A campaign of this name stands already: it goes on if it was not finished and says the same. */
static int go_on(void *ctx, const struct starting *starting, struct err *err)
{
	const struct plan *plan = starting->plan;
	struct opened *opened;
	int r = opened_open(ctx, starting->line->root, plan->name, &opened, err);

	if (r < 0)
		return r;
	if (opened->record->state.ending == ENDING_FINISHED)
		return err_set(err, -EEXIST,
			"campaign %s has finished; `latcampaign report %s` shows it. To measure "
			"again, give the new campaign another name: --set name=%s-2",
			plan->name, plan->name, plan->name);
	if (strcmp(plan_text(ctx, plan), plan_text(ctx, opened->plan)) != 0)
		return err_set(err, -EEXIST,
			"a campaign %s that says something else (or found other kernels) was "
			"started and stopped here; give this one another name: --set name=%s-2",
			plan->name, plan->name);
	record_revive(opened->record, opened->plan, time(NULL));
	r = file_remove(opened->campaign, "stop", err);
	if (r == 0)
		r = directory_remove(opened->campaign, "cancel", err);
	if (r == 0)
		r = file_remove(opened->campaign, "report.txt", err);
	if (r == 0)
		r = record_save(opened->record, opened->campaign, opened->plan, time(NULL), err);
	return r;
}

static int refuse_active(const struct starting *starting, struct err *err)
{
	char *active = store_active(NULL, starting->store);
	int r = active ? err_set(err, -EBUSY,
				 "campaign %s is under way on this machine; `latcampaign status` "
				 "tells "
				 "how far it is, `latcampaign stop` ends it",
				 active)
		       : 0;

	talloc_free(active);
	return r;
}

static int prepare(void *ctx, struct starting *starting, struct err *err)
{
	const char *name = starting->plan->name;
	char *record = talloc_asprintf(ctx, "%s/record.json", name);
	bool known = file_exists(starting->store, record);
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
	static const char *const argv[] = {
		"systemctl", "--no-block", "restart", "latcampaign.service", NULL};
	int r = spawn_read(NULL, argv, SYSTEMCTL_SECONDS, NULL, err);

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
