/* SPDX-License-Identifier: MIT */
#include "statemachine/command.h"
#include "statemachine/person.h"

int command_leaving(const struct command_line *line)
{
	struct err err = {""};

	if (person_leaving(line->root, &err) < 0)
		return command_fail(COMMAND_FAILED, "%s", err.text);
	return COMMAND_FINE;
}
