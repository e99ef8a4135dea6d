/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <talloc.h>

#include "base/files.h"
#include "base/programs.h"
#include "grub-hooks/boot-method.h"
#include "guests/platform.h"
#include "guests/tool.h"
#include "kernels/kernel.h"
#include "loads/load.h"
#include "statemachine/command.h"
#include "statemachine/proof.h"
#include "watchdogs/watchdogs.h"

/* What one run leaves at most in practice: console, histogram, image. */
#define RUN_BYTES ((uint64_t)8 << 20)

static void check_space(
	void *ctx, const struct plan *plan, const char *root, struct complaints *complaints)
{
	char *path = talloc_asprintf(ctx, "%s/var/lib", root);
	struct statvfs fs;
	uint64_t needed = RUN_BYTES * plan->run_count;

	if (statvfs(path, &fs) == 0 && (uint64_t)fs.f_bavail * fs.f_frsize < needed)
		complaints_add(ctx, complaints,
			"%s has no room for the results of %u runs (%lu MiB); free some, or mount "
			"a larger file system at %s",
			path, plan->run_count, needed >> 20, STATEDIR);
	talloc_free(path);
}

static void check_programs(void *ctx, const char *root, int root_fd, struct complaints *complaints)
{
	char *systemd = talloc_asprintf(ctx, "%s/run/systemd/system", root);

	if (!file_exists(AT_FDCWD, systemd))
		complaints_add(ctx, complaints,
			"systemd does not run this machine, and nothing else can resume a campaign "
			"after a reboot; boot with systemd");
	talloc_free(systemd);
	program_need(ctx, root_fd, "gnuplot", "gnuplot-nox", complaints);
}

/* Runs of one experiment in one place all need the same: each is asked about once. */
static bool asked_before(const struct plan *plan, unsigned run)
{
	for (unsigned earlier = 0; earlier < run; earlier++)
		if (plan->runs[earlier].experiment == plan->runs[run].experiment &&
			plan->runs[earlier].place == plan->runs[run].place)
			return true;
	return false;
}

/* What measures needs its tracer in the kernel on which it measures. */
static void check_tracer(
	struct plan *plan, int root, const struct run *run, struct complaints *complaints)
{
	const struct experiment *experiment = &plan->experiments[run->experiment];
	const struct tool_operations *tool = tool_get(experiment->tool);
	const struct kernel *kernel =
		run->place == PLACE_HOST ? &plan->setups[run->setup].kernel : &experiment->kernel;

	/* One that was not found has been complained about. */
	if (tool->config && kernel->image && !kernel_has_option(root, kernel, tool->config))
		complaints_add(plan, complaints,
			"kernel %s has no %s, which %s needs to measure there (experiment %s); "
			"take another kernel or tool = \"cyclictest\"",
			kernel->release, tool->config, tool->program, experiment->name);
}

/* Two experiments may lack the same program: it is said once. */
static void add_new(void *ctx, struct complaints *complaints, const struct complaints *more)
{
	for (unsigned i = 0; i < more->count; i++) {
		bool known = false;
		for (unsigned k = 0; k < complaints->count; k++)
			known = known || strcmp(complaints->lines[k], more->lines[i]) == 0;
		if (!known)
			complaints_add(ctx, complaints, "%s", more->lines[i]);
	}
}

void machine_check(struct plan *plan, const char *root, struct complaints *complaints)
{
	autoclose int root_fd = open(*root ? root : "/", O_PATH | O_CLOEXEC);

	plan_resolve(plan, root_fd, complaints);
	for (unsigned i = 0; i < plan->run_count; i++) {
		const struct run *run = &plan->runs[i];
		struct complaints more = {0};
		check_tracer(plan, root_fd, run, &more);
		if (!asked_before(plan, i)) {
			platform_get(run->place)->check(plan, root_fd, plan, run, &more);
			load_check(plan, root_fd, &plan->experiments[run->experiment], &more);
		}
		add_new(plan, complaints, &more);
	}
	boot_method_get()->check(plan, root, complaints);
	check_programs(plan, root, root_fd, complaints);
	check_space(plan, plan, root, complaints);
}

/* Not what is wrong with the machine, but what it can be helped with. */
static void tell_watchdogs(const struct plan *plan, const char *root)
{
	autoclose int root_fd = open(*root ? root : "/", O_PATH | O_CLOEXEC);
	const struct watchdog_times times = {
		.boot_seconds = (int)plan->limits.boot_seconds,
		.silence_seconds = (int)plan->limits.watchdog_seconds,
		.panic_seconds = PROOF_PANIC_SECONDS,
	};
	struct complaints sentences = {0};
	void *ctx = talloc_new(NULL);

	watchdogs_tell(ctx, root_fd, &times, &sentences);
	printf("When it hangs:\n");
	for (unsigned i = 0; i < sentences.count; i++)
		printf("  %s\n", sentences.lines[i]);
	talloc_free(ctx);
}

int command_check(const struct command_line *line)
{
	void *ctx = talloc_new(NULL);
	struct complaints complaints = {0};
	const char *path;
	struct plan *plan;
	int status = command_read_campaign(ctx, line, &plan, &path);

	if (status == COMMAND_FINE && line->machine) {
		machine_check(plan, line->root, &complaints);
		command_complain(&complaints);
		status = complaints.count > 0 ? COMMAND_FAILED : COMMAND_FINE;
	}
	if (status == COMMAND_FINE)
		printf("%s: campaign %s is fine%s: %u runs in %u visits\n", path, plan->name,
			line->machine ? " and this machine can run it" : "", plan->run_count,
			plan->visit_count);
	if (status == COMMAND_FINE && line->machine)
		tell_watchdogs(plan, line->root);
	talloc_free(ctx);
	return status;
}
