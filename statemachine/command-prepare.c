/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "distributions/prepare.h"
#include "statemachine/command.h"
#include "statemachine/progress.h"
#include "statemachine/store.h"

/* "123 MB"; a talloc child of `ctx`. */
static char *megabytes(void *ctx, int64_t bytes)
{
	return talloc_asprintf(ctx, "%ld MB", (long)((bytes + 999999) / 1000000));
}

static void show_packages(void *ctx, const struct preparation *preparation)
{
	const struct estimate *estimate = &preparation->estimate;

	if (!*preparation->packages)
		return;
	printf("To install by %s, with what they need", preparation->distribution->manager->name);
	if (estimate->download >= 0)
		printf(", %s to fetch", megabytes(ctx, estimate->download));
	if (estimate->disk >= 0)
		printf(", %s on the disk", megabytes(ctx, estimate->disk));
	printf(":\n");
	for (char **name = preparation->packages; *name; name++)
		printf("  %s\n", *name);
}

static void show_kernels(const struct missing *missing)
{
	for (unsigned i = 0; i < missing->kernel_count; i++) {
		const struct missing_kernel *kernel = &missing->kernels[i];
		if (i == 0)
			printf("To build from source:\n");
		printf("  %s, %s PREEMPT_RT, %s\n", kernel->recipe->name,
			kernel->recipe->rt ? "with" : "without",
			kernel->built                         ? "is built already, to be installed"
			: kernel->recipe->base == RECIPE_HOST ? "for the host: 10 minutes to hours"
							      : "for guests: some minutes");
	}
}

static void show_changes(const struct preparation *preparation)
{
	const struct home *home = &preparation->home;
	const char *file = preparation->distribution->home->file;

	printf("To change:\n");
	if (home->under_xen)
		printf("  nothing that keeps the default boot, \"%s\": it runs under Xen and "
		       "cannot be named safely; whether it stays is looked at in the end\n",
			home->title);
	else if (file)
		printf("  %s: keeps the default boot, \"%s\"\n", file, home->title);
	else
		printf("  GRUB's saved_entry: keeps the default boot, \"%s\"\n", home->title);
	printf("  GRUB's menu, made anew by `%s`\n", preparation->distribution->menu[0]);
}

static void show(const struct preparation *preparation)
{
	void *ctx = talloc_new(NULL);

	printf("%s\n", preparation->distribution->release);
	show_packages(ctx, preparation);
	show_kernels(preparation->missing);
	show_changes(preparation);
	for (unsigned i = 0; i < preparation->helpless.count; i++)
		printf("Cannot be helped here: %s\n", preparation->helpless.lines[i]);
	fflush(stdout);
	talloc_free(ctx);
}

/* What packages and builds do not bring is said at once, and once more in the end. */
static int tell_rest(struct plan *plan, const struct command_line *line, const char *path)
{
	struct complaints complaints = {0};

	machine_check(plan, line->root, &complaints);
	if (complaints.count == 0) {
		printf("this machine can run %s: `latcampaign start %s`\n", path, line->operand);
		return COMMAND_FINE;
	}
	fprintf(stderr, "still missing:\n");
	command_complain(&complaints);
	return COMMAND_FAILED;
}

static int go(struct preparation *preparation, const struct command_line *line)
{
	struct progress progress = {.terminal = isatty(STDOUT_FILENO) == 1};
	struct err err = {""};
	autoclose int store = -1;
	int r = store_open(line->root, true, &store, &err);

	if (r == 0)
		r = prepare_do(preparation, store, progress_tell, &progress, &err);
	progress_end(&progress);
	return r < 0 ? command_fail(COMMAND_FAILED, "%s", err.text) : COMMAND_FINE;
}

static int need_idle(int store, const char *name)
{
	char *active = store < 0 ? NULL : store_active(NULL, store);
	int status = COMMAND_FINE;

	if (active)
		status = command_fail(COMMAND_FAILED,
			"the campaign %s is under way, and %s would change its machine; `latcampaign "
			"stop` ends it",
			active, name);
	talloc_free(active);
	return status;
}

int command_need_idle(const struct command_line *line, const char *name)
{
	autoclose int store = -1;

	store_open(line->root, false, &store, NULL);
	return need_idle(store, name);
}

int command_need_consent(const struct command_line *line)
{
	char answer[16] = "";

	if (geteuid() != 0)
		return command_fail(COMMAND_FAILED, "this needs root; run it with sudo");
	if (*line->root)
		return command_fail(COMMAND_USAGE,
			"only this machine itself can be changed; with --root there is only --dry-run");
	if (line->yes)
		return COMMAND_FINE;
	if (!isatty(STDIN_FILENO))
		return command_fail(COMMAND_FAILED,
			"nobody is there to be asked; --yes says that it may be done");
	printf("Go on? [y/N] ");
	fflush(stdout);
	if (fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y'))
		return COMMAND_FINE;
	return command_fail(COMMAND_FAILED, "nothing was changed");
}

/* Has the store what an earlier preparation noted? */
static int look(void *ctx, const struct plan *plan, const struct command_line *line,
	struct preparation **ret)
{
	struct err err = {""};
	autoclose int store = -1;

	store_open(line->root, false, &store, NULL);
	if (prepare_look(ctx, plan, line->root, store, ret, &err) < 0)
		return command_fail(COMMAND_FAILED, "%s", err.text);
	return COMMAND_FINE;
}

static int prepare(void *ctx, struct plan *plan, const char *path, const struct command_line *line)
{
	struct complaints refused = {0};
	struct preparation *preparation;
	int status = look(ctx, plan, line, &preparation);

	if (status != COMMAND_FINE)
		return status;
	if (prepare_is_done(preparation)) {
		printf("%s: nothing is to be installed or built\n",
			preparation->distribution->release);
		return tell_rest(plan, line, path);
	}
	show(preparation);
	prepare_refuse(ctx, preparation, &refused);
	command_complain(&refused);
	if (refused.count > 0)
		return COMMAND_FAILED;
	if (line->dry_run)
		return COMMAND_FINE;
	status = command_need_consent(line);
	if (status == COMMAND_FINE)
		status = go(preparation, line);
	return status == COMMAND_FINE ? tell_rest(plan, line, path) : status;
}

int command_prepare(const struct command_line *line)
{
	void *ctx = talloc_new(NULL);
	const char *path;
	struct plan *plan;
	int status = command_read_campaign(ctx, line, &plan, &path);

	if (status == COMMAND_FINE)
		status = command_need_idle(line, "prepare");
	if (status == COMMAND_FINE)
		status = prepare(ctx, plan, path, line);
	talloc_free(ctx);
	return status;
}
