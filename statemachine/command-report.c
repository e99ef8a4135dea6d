/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "report/report.h"
#include "results/result.h"
#include "statemachine/command.h"
#include "statemachine/journal.h"
#include "statemachine/opened.h"

#define REPORT_LIMIT ((size_t)64 << 20)

/* Root writes the report anew from the results; everybody else reads the one that stands. */
static int write_report(const struct opened *opened, struct err *err)
{
	if (geteuid() != 0)
		return 0;
	char **warnings = journal_warnings(NULL, opened->campaign);
	int r = report_write(opened->plan, opened->campaign, (const char *const *)warnings, err);

	talloc_free(warnings);
	return r;
}

/* Failed: what was measured is not what the campaign expects. */
static int exit_status(const struct opened *opened)
{
	const struct plan *plan = opened->plan;
	int status = COMMAND_FINE;

	for (unsigned run = 0; run < plan->run_count; run++) {
		struct result *result;
		if (result_load(NULL, opened->campaign, plan->runs[run].id, &result, NULL) < 0)
			continue;
		if (result->outcome == OUTCOME_FAIL)
			status = COMMAND_FAILED;
		talloc_free(result);
	}
	return status;
}

static int make_text(
	void *ctx, const struct opened *opened, char **ret, int *ret_undrawn, struct err *err)
{
	int r = write_report(opened, err);

	if (r < 0)
		return r;
	*ret_undrawn = r;
	return file_read(ctx, opened->campaign, "report.txt", REPORT_LIMIT, ret, NULL, err);
}

/* The report goes before whatever is said about it. */
static int tell(const struct opened *opened, const char *text, int undrawn)
{
	fputs(text, stdout);
	if (undrawn == 0)
		return exit_status(opened);
	fflush(stdout);
	return command_fail(COMMAND_FAILED,
		"%d figures could not be drawn; DEVIATIONS in the report tell which and why",
		undrawn);
}

int command_report(const struct command_line *line)
{
	struct err err = {""};
	struct opened *opened;
	int status = COMMAND_FAILED, undrawn = 0;
	char *text;

	if (line->text && line->latex)
		return command_fail(
			COMMAND_USAGE, "--text and --latex are two forms of the report; give one");
	void *ctx = talloc_new(NULL);
	int r = opened_open(ctx, line->root, line->operand, &opened, &err);
	if (r == 0)
		r = opened_need(opened, false, &err);
	if (r == 0 && line->latex)
		text = report_latex(ctx, opened->plan, opened->campaign);
	else if (r == 0)
		r = make_text(ctx, opened, &text, &undrawn, &err);
	if (r == 0)
		status = tell(opened, text, undrawn);
	talloc_free(ctx);
	return r < 0 ? command_fail(status, "%s", err.text) : status;
}
