/* SPDX-License-Identifier: MIT */
/*
 * cyclictest on the host itself or, under Xen, in dom0.
 */
#include "guests/host.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "base/programs.h"
#include "base/spawn.h"
#include "guests/guest.h"

#define OUTPUT_LIMIT ((size_t)64 << 20)
#define CLOCKSOURCE "sys/devices/system/clocksource/clocksource0/current_clocksource"

static void host_check(void *ctx, int root, const struct plan *plan, const struct run *run,
	struct complaints *complaints)
{
	(void)plan;
	(void)run;
	program_need(ctx, root, "cyclictest", "rt-tests", complaints);
}

static int host_clean(struct err *err)
{
	(void)err;
	return 0;
}

/* "cyclictest -q ..." as words; `options` is cut up. */
static const char **host_argv(void *ctx, char *options)
{
	const char **argv = talloc_zero_array(ctx, const char *, 2);
	unsigned count = 1;
	char *rest;

	argv[0] = "cyclictest";
	for (char *word = strtok_r(options, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		argv = talloc_realloc(ctx, argv, const char *, count + 2);
		argv[count++] = word;
		argv[count] = NULL;
	}
	return argv;
}

static int run_cyclictest(
	const struct measurement *measurement, const char *const *argv, struct err *err)
{
	autoclose int output = openat(measurement->directory, "histogram.txt",
		O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct spawn_options options = {
		.argv = argv,
		.output_fd = output,
		.timeout_seconds = (int)plan_run_seconds(measurement->plan, measurement->run),
		.cancel_fd = measurement->cancel_fd,
		.output_limit = OUTPUT_LIMIT,
	};
	struct spawn_result result;

	if (output < 0)
		return err_set(err, -errno, "histogram.txt: cannot be made: %s", strerror(errno));
	int r = spawn_run(&options, &result, err);
	if (r == 0)
		r = guest_check_end(&result, argv[0], err);
	return r == 0 ? file_write(measurement->directory, "console.txt", "", 0, err) : r;
}

static int read_found(void *ctx, const struct measurement *measurement, const char *cyclictest,
	json_t **ret_found, struct err *err)
{
	char *release = NULL, *cmdline = NULL, *clocksource = NULL, *realtime = NULL;
	int root = measurement->root;
	int r = file_read_line(ctx, root, "proc/sys/kernel/osrelease", &release, err);

	if (r == 0)
		r = file_read_line(ctx, root, "proc/cmdline", &cmdline, err);
	if (r == 0)
		r = file_read_line(ctx, root, CLOCKSOURCE, &clocksource, err);
	if (r < 0)
		return r;
	bool rt = file_read_line(ctx, root, "sys/kernel/realtime", &realtime, NULL) == 0 &&
		  strcmp(realtime, "1") == 0;
	*ret_found = json_pack("{s:s, s:b, s:s, s:s, s:[s], s:s}", "release", release, "preempt_rt",
		rt, "cmdline", cmdline, "clocksource", clocksource, "command", "cyclictest",
		"cyclictest", cyclictest);
	return 0;
}

static int host_measure(const struct measurement *measurement, json_t **ret_found, struct err *err)
{
	const struct cyclictest *asked =
		&measurement->plan->experiments[measurement->run->experiment].cyclictest;
	void *ctx = talloc_new(NULL);
	const char **argv = host_argv(ctx, guest_cyclictest(ctx, asked, ' '));
	int r = run_cyclictest(measurement, argv, err);

	if (r == 0)
		r = read_found(ctx, measurement, guest_cyclictest(ctx, asked, ' '), ret_found, err);
	talloc_free(ctx);
	return r;
}

const struct platform host_platform = {
	.name = "host",
	.check = host_check,
	.clean = host_clean,
	.measure = host_measure,
};
