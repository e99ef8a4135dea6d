/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "statemachine/command.h"
#include "statemachine/opened.h"
#include "statemachine/store.h"

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

static int stop(void *ctx, const struct command_line *line)
{
	struct err err = {""};
	struct opened *opened;

	if (opened_open(ctx, line->root, line->operand, &opened, &err) < 0)
		return command_fail(COMMAND_FAILED, "%s", err.text);
	const char *active = store_active(ctx, opened->store);
	if (!active || strcmp(active, opened->plan->name) != 0)
		return command_fail(
			COMMAND_FAILED, "campaign %s is not under way", opened->plan->name);
	if (geteuid() != 0)
		return command_fail(COMMAND_FAILED, "stopping needs root: sudo latcampaign stop");
	if (request(opened, line->now, &err) < 0)
		return command_fail(COMMAND_FAILED, "%s", err.text);
	printf("campaign %s stops %s and goes home; its results stay, and "
	       "`latcampaign start` with the same campaign goes on\n",
		opened->plan->name, line->now ? "at once" : "after the run under way");
	return COMMAND_FINE;
}

int command_stop(const struct command_line *line)
{
	void *ctx = talloc_new(NULL);
	int status = stop(ctx, line);

	talloc_free(ctx);
	return status;
}
