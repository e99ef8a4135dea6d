/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "kernels/recipe.h"
#include "statemachine/command.h"

#define BAR_WIDTH 30

/* A line that is written over on a terminal, and one line for each phase elsewhere. */
struct shown {
	const char *name; /* of the kernel */
	char phase[32];
	bool terminal;
};

static void show(void *argument, const char *phase, unsigned done, unsigned total)
{
	struct shown *shown = argument;
	bool is_new = strcmp(shown->phase, phase) != 0;

	snprintf(shown->phase, sizeof(shown->phase), "%s", phase);
	if (!shown->terminal && is_new)
		fprintf(stderr, "kernel %s: %s\n", shown->name, phase);
	if (!shown->terminal)
		return;
	fprintf(stderr, "\r\033[Kkernel %s: %s", shown->name, phase);
	if (total > 0) {
		int filled = (int)((uint64_t)done * BAR_WIDTH / total);
		fprintf(stderr, " [%.*s%*s] %u %%", filled, "##############################",
			BAR_WIDTH - filled, "", done * 100 / total);
	}
	fflush(stderr);
}

static int build(void *ctx, int root, const struct recipe *recipe)
{
	struct shown shown = {.name = recipe->name, .terminal = isatty(STDERR_FILENO)};
	struct err err = {""};
	char *folder;
	bool stands = recipe_find(ctx, root, recipe, &folder, NULL) == 0;
	int r = stands ? 0 : recipe_build(root, recipe, show, &shown, &err);

	if (*shown.phase && shown.terminal)
		fputs("\r\033[K", stderr);
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
		status = build(ctx, root, &plan->recipes[i]);
	talloc_free(ctx);
	return status;
}
