/* SPDX-License-Identifier: MIT */
/*
 * Measuring on the host itself or, under Xen, in dom0.
 */
#include "guests/host.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "base/spawn.h"
#include "guests/granted.h"
#include "guests/guest.h"
#include "guests/tool.h"

#define OUTPUT_LIMIT ((size_t)64 << 20)
#define CLOCKSOURCE "sys/devices/system/clocksource/clocksource0/current_clocksource"

static void host_check(void *ctx, int root, const struct plan *plan, const struct run *run,
	struct complaints *complaints)
{
	tool_check(ctx, root, &plan->experiments[run->experiment], complaints);
}

static int host_clean(struct err *err)
{
	(void)err;
	return 0;
}

/* What the tool's threads were granted. */
struct watch {
	const struct experiment *experiment;
	json_t *threads; /* NULL until they have been looked at */
};

static int look_at_threads(void *argument, pid_t pid, struct err *err)
{
	struct watch *watch = argument;

	return granted_on_host(watch->experiment, pid, &watch->threads, err);
}

static int run_tool(const struct measurement *measurement, const char *const *argv,
	struct watch *watch, struct err *err)
{
	autoclose int output = openat(measurement->directory, "histogram.txt",
		O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct spawn_options options = spawn_options(argv);
	struct spawn_result result;

	if (output < 0)
		return err_set(err, -errno, "histogram.txt: cannot be made: %s", strerror(errno));
	options.output_fd = output;
	options.timeout_seconds = (int)plan_run_seconds(measurement->plan, measurement->run);
	options.cancel_fd = measurement->cancel_fd;
	options.beside_fd = measurement->beside_fd;
	options.output_limit = OUTPUT_LIMIT;
	options.started = look_at_threads;
	options.argument = watch;
	int r = spawn_run(&options, &result, err);
	if (r == 0)
		r = guest_check_end(&result, argv[0], err);
	if (r == 0 && watch->threads)
		r = granted_all(watch->experiment, watch->threads, err);
	return r == 0 ? file_write(measurement->directory, "console.txt", "", 0, err) : r;
}

static int read_found(void *ctx, const struct measurement *measurement, const struct watch *watch,
	json_t **ret_found, struct err *err)
{
	const struct experiment *experiment = watch->experiment;
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
	*ret_found = json_pack("{s:s, s:b, s:s, s:s, s:[s], s:s, s:O?}", "release", release,
		"preempt_rt", rt, "cmdline", cmdline, "clocksource", clocksource, "command",
		tool_get(experiment->tool)->program, "tool", tool_line(ctx, experiment), "threads",
		watch->threads);
	return 0;
}

static int host_measure(const struct measurement *measurement, json_t **ret_found, struct err *err)
{
	const struct experiment *experiment =
		&measurement->plan->experiments[measurement->run->experiment];
	void *ctx = talloc_new(NULL);
	struct watch watch = {experiment, NULL};
	int r = run_tool(measurement, tool_argv(ctx, experiment), &watch, err);

	if (r == 0)
		r = read_found(ctx, measurement, &watch, ret_found, err);
	json_decref(watch.threads);
	talloc_free(ctx);
	return r;
}

const struct platform host_platform = {
	.name = "host",
	.check = host_check,
	.clean = host_clean,
	.measure = host_measure,
};
