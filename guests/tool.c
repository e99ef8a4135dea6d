/* SPDX-License-Identifier: MIT */
#include "guests/tool.h"

#include <string.h>
#include <talloc.h>

#include "base/programs.h"

/* "-p 0" makes cyclictest choose a real-time priority by itself; SCHED_OTHER is no -p. */
static char *cyclictest_options(void *ctx, const struct cyclictest *asked)
{
	char *options = talloc_asprintf(ctx, "-q -m -h %ld -i %ld -D %ld", asked->histogram_us,
		asked->interval_us, asked->duration_s);

	if (asked->priority > 0)
		options = talloc_asprintf_append(options, " -p %d", asked->priority);
	return talloc_asprintf_append(
		options, " -t %d%s", asked->threads, asked->threads > 1 ? " -a" : "");
}

/* Its threads are the kernel's, one for each CPU. cyclictest keeps CPUs from sleeping deeply by
 * itself, this has to be told. All rows are printed, so that the histogram tells how wide it is, as
 * cyclictest's does. */
static char *timerlat_options(void *ctx, const struct cyclictest *asked)
{
	return talloc_asprintf(ctx,
		"timerlat hist -p %ld -d %lds -P %c:%d -c 0-%d -E %ld -b 1 --with-zeros "
		"--dma-latency 0",
		asked->interval_us, asked->duration_s, asked->priority > 0 ? 'f' : 'o',
		asked->priority, asked->threads - 1, asked->histogram_us);
}

const struct tool_operations *tool_get(enum tool tool)
{
	static const struct tool_operations tools[] = {
		[TOOL_CYCLICTEST] = {.program = "cyclictest",
			.package = "rt-tests",
			.options = cyclictest_options,
			.threads = ""},
		[TOOL_TIMERLAT] = {.program = "rtla",
			.package = "rtla",
			.config = "CONFIG_TIMERLAT_TRACER=y",
			.options = timerlat_options,
			.threads = "timerlat/"},
	};

	return &tools[tool];
}

static const struct tool_operations *tool_of(const struct experiment *experiment)
{
	return tool_get(experiment->tool);
}

void tool_check(
	void *ctx, int root, const struct experiment *experiment, struct complaints *complaints)
{
	const struct tool_operations *tool = tool_of(experiment);

	program_need(ctx, root, tool->program, tool->package, complaints);
}

const char **tool_argv(void *ctx, const struct experiment *experiment)
{
	const char **argv = talloc_zero_array(ctx, const char *, 2);
	char *options = tool_of(experiment)->options(ctx, &experiment->cyclictest), *rest;
	unsigned count = 1;

	argv[0] = tool_of(experiment)->program;
	for (char *word = strtok_r(options, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		argv = talloc_realloc(ctx, argv, const char *, count + 2);
		argv[count++] = word;
		argv[count] = NULL;
	}
	return argv;
}

char *tool_line(void *ctx, const struct experiment *experiment)
{
	const struct tool_operations *tool = tool_of(experiment);

	return talloc_asprintf(
		ctx, "%s %s", tool->program, tool->options(ctx, &experiment->cyclictest));
}

char *tool_words(void *ctx, const struct experiment *experiment)
{
	const struct tool_operations *tool = tool_of(experiment);
	char *options = tool->options(ctx, &experiment->cyclictest);

	for (char *c = options; *c; c++)
		if (*c == ' ')
			*c = ',';
	return talloc_asprintf(
		ctx, "latcampaign.tool=%s latcampaign.options=%s", tool->program, options);
}
