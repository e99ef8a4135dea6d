/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <talloc.h>

#include "report/log.h"
#include "statemachine/command.h"
#include "statemachine/opened.h"

int command_log(const struct command_line *line)
{
	void *ctx = talloc_new(NULL);
	struct err err = {""};
	struct opened *opened;
	char *text;
	int r = opened_open(ctx, line->root, line->operand, &opened, &err);

	if (r == 0)
		r = log_read(ctx, opened->campaign, &text, NULL, &err);
	if (r == 0)
		fputs(text, stdout);
	talloc_free(ctx);
	return r < 0 ? command_fail(COMMAND_FAILED, "%s", err.text) : COMMAND_FINE;
}
