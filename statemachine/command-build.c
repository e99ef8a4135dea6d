/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "kernels/recipe.h"
#include "statemachine/command.h"
#include "statemachine/progress.h"

/* Kernels as they are built, one after the other. */
struct shown {
	struct progress progress;
	const struct recipe *recipe;
	unsigned step, steps;
};

static void show(void *argument, const char *phase, unsigned done, unsigned total)
{
	struct shown *shown = argument;
	char *text = talloc_asprintf(NULL, "kernel %s: %s", shown->recipe->name, phase);

	progress_tell(&shown->progress, shown->step, shown->steps, text, done, total);
	talloc_free(text);
}

static int build(void *ctx, int root, const struct plan *plan, unsigned i)
{
	const struct recipe *recipe = &plan->recipes[i];
	struct shown shown = {.progress = {.terminal = isatty(STDOUT_FILENO) == 1},
		.recipe = recipe,
		.step = i + 1,
		.steps = plan->recipe_count};
	struct err err = {""};
	char *folder;
	bool stands = recipe_find(ctx, root, recipe, &folder, NULL) == 0;
	int r = stands ? 0 : recipe_build(root, recipe, show, &shown, &err);

	progress_end(&shown.progress);
	if (r == 0)
		r = recipe_find(ctx, root, recipe, &folder, &err);
	if (r < 0)
		return command_fail(COMMAND_FAILED, "%s", err.text);
	printf("kernel %s: %s in %s\n", recipe->name, stands ? "stands" : "built", folder);
	return COMMAND_FINE;
}

int command_build(const struct command_line *line)
{
	void *ctx = talloc_new(NULL);
	autoclose int root =
		open(*line->root ? line->root : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct plan *plan;
	int status = command_read_campaign(ctx, line, &plan, NULL);

	if (status == COMMAND_FINE && root < 0)
		status = command_fail(COMMAND_FAILED, "%s: cannot be opened", line->root);
	if (status == COMMAND_FINE && plan->recipe_count == 0)
		printf("campaign %s builds no kernel\n", plan->name);
	for (unsigned i = 0; status == COMMAND_FINE && i < plan->recipe_count; i++)
		status = build(ctx, root, plan, i);
	talloc_free(ctx);
	return status;
}
