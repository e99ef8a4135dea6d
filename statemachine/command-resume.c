/* SPDX-License-Identifier: MIT */
#include "statemachine/command.h"
#include "statemachine/drive.h"

int command_resume(const struct command_line *line)
{
	struct err err = {""};

	if (drive(line->root, &err) < 0)
		return command_fail(COMMAND_FAILED, "%s", err.text);
	return COMMAND_FINE;
}
