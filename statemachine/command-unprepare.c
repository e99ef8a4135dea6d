/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "distributions/prepare.h"
#include "statemachine/command.h"
#include "statemachine/progress.h"
#include "statemachine/store.h"

static void show(const struct unpreparation *unpreparation)
{
	printf("To remove, with their settings:\n");
	for (char **package = unpreparation->packages; *package; package++)
		printf("  %s\n", *package);
	if (!*unpreparation->packages)
		printf("  no package\n");
	printf("  kernels that were built, what keeps the default boot, and the record of all this\n");
	fflush(stdout);
}

static int go(struct unpreparation *unpreparation)
{
	struct progress progress = {.terminal = isatty(STDOUT_FILENO) == 1};
	struct err err = {""};
	int r = unprepare_do(unpreparation, progress_tell, &progress, &err);

	progress_end(&progress);
	if (r < 0)
		return command_fail(COMMAND_FAILED, "%s", err.text);
	printf("nothing of `latcampaign prepare` is left; the machine boots \"%s\" by default\n",
		unpreparation->prepared->home.title);
	return COMMAND_FINE;
}

static int unprepare(void *ctx, const struct command_line *line, int store)
{
	struct unpreparation *unpreparation;
	struct err err = {""};
	int r = unprepare_look(ctx, line->root, store, &unpreparation, &err);

	if (r == -ENOENT) {
		printf("nothing was prepared on this machine\n");
		return COMMAND_FINE;
	}
	if (r == 0)
		r = unprepare_refuse(unpreparation, &err);
	if (r < 0)
		return command_fail(COMMAND_FAILED, "%s", err.text);
	show(unpreparation);
	int status = command_need_consent(line);
	return status == COMMAND_FINE ? go(unpreparation) : status;
}

/* A state directory with nothing in it is a trace, too; one with campaigns stays. */
static void drop_store(const char *root)
{
	char *path = talloc_asprintf(NULL, "%s" STATEDIR, root);

	rmdir(path);
	talloc_free(path);
}

int command_unprepare(const struct command_line *line)
{
	void *ctx = talloc_new(NULL);
	struct err err = {""};
	int store = -1;
	int status = command_need_idle(line, "unprepare");
	int r = store_open(line->root, false, &store, &err);

	if (status == COMMAND_FINE && r == -ENOENT)
		printf("nothing was prepared on this machine\n");
	else if (status == COMMAND_FINE && r < 0)
		status = command_fail(COMMAND_FAILED, "%s", err.text);
	else if (status == COMMAND_FINE)
		status = unprepare(ctx, line, store);
	close_fd(&store);
	if (status == COMMAND_FINE)
		drop_store(line->root);
	talloc_free(ctx);
	return status;
}
