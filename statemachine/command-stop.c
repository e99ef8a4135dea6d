/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "base/spawn.h"
#include "statemachine/command.h"
#include "statemachine/opened.h"
#include "statemachine/recover.h"
#include "statemachine/store.h"
#include "statemachine/unit.h"

#define SYSTEMCTL_SECONDS 60

/* The runner looks at "stop" between runs and is woken by "cancel/now" in one. */
static int request(const struct opened *opened, bool now, struct err *err)
{
	int r = file_replace(opened->campaign, "stop", "", 0, 0644, err);

	if (r == 0 && now)
		r = directory_make(opened->campaign, "cancel", err);
	if (r == 0 && now)
		r = file_replace(opened->campaign, "cancel/now", "", 0, 0644, err);
	return r;
}

/* A machine that goes down starts nothing; the runner of its next boot sees the request. */
static bool goes_down(void)
{
	static const char *const argv[] = {
		"systemctl", "show", "--property=SystemState", "--value", NULL};
	char *state = NULL;
	bool down = spawn_read(NULL, argv, SYSTEMCTL_SECONDS, &state, NULL) == 0 &&
		    strncmp(state, "stopping", strlen("stopping")) == 0;

	talloc_free(state);
	return down;
}

/* The runner does the rest: it is woken where it has ended or given up. */
static int wake_runner(struct err *err)
{
	int r = unit_wake("start", err);

	return r < 0 && goes_down() ? 0 : r;
}

static int stop_opened(const struct command_line *line, const struct opened *opened)
{
	struct err err = {""};
	int r = request(opened, line->now, &err);

	if (r == 0 && !*line->root)
		r = wake_runner(&err);
	if (r < 0)
		return command_fail(COMMAND_FAILED, "%s", err.text);
	printf("campaign %s stops %s and goes home; its results stay, and "
	       "`latcampaign start` with the same campaign goes on\n",
		opened->name, line->now ? "at once" : "after the run under way");
	return COMMAND_FINE;
}

/* A campaign whose directory is gone: there is nothing left to go on with. */
static int stop_lost(const struct command_line *line, const char *active)
{
	struct err err = {""};
	autoclose int store = -1;
	int r = store_open(line->root, false, &store, &err);

	if (r == 0)
		r = recover_home(line->root, store, &err);
	if (r < 0)
		return command_fail(COMMAND_FAILED, "%s", err.text);
	printf("campaign %s is gone; the machine is put in order%s\n", active,
		r > 0 ? " and reboots" : "");
	return COMMAND_FINE;
}

static int stop(void *ctx, const struct command_line *line)
{
	struct err err = {""};
	struct opened *opened = NULL;
	autoclose int store = -1;
	int r = opened_open(ctx, line->root, line->operand, &opened, &err);
	const char *active =
		store_open(line->root, false, &store, NULL) == 0 ? store_active(ctx, store) : NULL;

	/* A mistyped name must never end the campaign that is under way. */
	bool meant = active && (!line->operand || strcmp(line->operand, active) == 0);
	if (!meant && r < 0)
		return command_fail(COMMAND_FAILED, "%s", err.text);
	if (!meant)
		return command_fail(COMMAND_FAILED, "campaign %s is not under way", opened->name);
	if (geteuid() != 0)
		return command_fail(COMMAND_FAILED, "stopping needs root: sudo latcampaign stop");
	return r == 0 ? stop_opened(line, opened) : stop_lost(line, active);
}

int command_stop(const struct command_line *line)
{
	void *ctx = talloc_new(NULL);
	int status = stop(ctx, line);

	talloc_free(ctx);
	return status;
}
