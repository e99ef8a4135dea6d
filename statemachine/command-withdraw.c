/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <talloc.h>

#include "base/files.h"
#include "statemachine/command.h"
#include "statemachine/recover.h"
#include "statemachine/store.h"

int command_withdraw(const struct command_line *line)
{
	struct err err = {""};
	autoclose int store = -1;
	int r = store_open(line->root, false, &store, &err);
	char *active = r == 0 ? store_active(NULL, store) : NULL;

	if (r == 0)
		r = recover_machine(line->root, store, &err);
	if (r == 0)
		printf("%s%snothing of latcampaign is left in the boot loader; the next boot is the "
		       "default entry\n",
			active ? active : "", active ? " is ended, its results stay; " : "");
	talloc_free(active);
	return r < 0 ? command_fail(COMMAND_FAILED, "%s", err.text) : COMMAND_FINE;
}
