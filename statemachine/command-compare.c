/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "statemachine/command.h"
#include "statemachine/opened.h"
#include "statemachine/store.h"
#include "tables/contrast.h"

/* With a slash a directory, such as one that was copied from another machine. */
static int open_campaign(
	const struct command_line *line, const char *operand, int *ret, struct err *err)
{
	autoclose int store = -1;

	if (!strchr(operand, '/')) {
		int r = store_open(line->root, false, &store, err);
		return r < 0 ? r : store_open_campaign(store, operand, false, ret, err);
	}
	*ret = open(operand, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *ret < 0 ? err_set(err, -errno, "%s: cannot be opened: %s", operand, strerror(errno))
			: 0;
}

/* Only the plan and the results are needed: both go with a copy. */
static int load(void *ctx, const struct command_line *line, const char *operand,
	struct contrasted *ret, struct err *err)
{
	struct plan *plan = NULL;
	struct err why = {""};
	int r = open_campaign(line, operand, &ret->campaign, err);

	if (r < 0)
		return r;
	r = opened_load_plan(ctx, ret->campaign, &plan, &why);
	ret->name = operand;
	ret->plan = plan;
	return r < 0 ? err_set(err, r, "campaign %s: %s", operand, why.text) : 0;
}

int command_compare(const struct command_line *line)
{
	void *ctx = talloc_new(NULL);
	struct contrasted a = {.campaign = -1}, b = {.campaign = -1};
	struct err err = {""};
	int status = COMMAND_FINE;

	if (line->operand_count != 2)
		status = command_fail(COMMAND_USAGE,
			"compare takes two campaigns, each a name (see `ls %s`) or a directory with "
			"a slash in it, such as ./night",
			STATEDIR);
	else if (load(ctx, line, line->operands[0], &a, &err) < 0 ||
		 load(ctx, line, line->operands[1], &b, &err) < 0)
		status = command_fail(COMMAND_FAILED, "%s", err.text);
	else
		fputs(contrast(ctx, &a, &b), stdout);
	close_fd(&a.campaign);
	close_fd(&b.campaign);
	talloc_free(ctx);
	return status;
}
