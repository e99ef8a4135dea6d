/* SPDX-License-Identifier: MIT */
#include "statemachine/unit.h"

#include <string.h>
#include <talloc.h>

#include "base/spawn.h"

#define SYSTEMCTL_SECONDS 60
#define UNIT "latcampaign.service"

bool unit_is_idle(void)
{
	static const char *const argv[] = {
		"systemctl", "show", "--property=ActiveState,Job", UNIT, NULL};
	char *properties;

	if (spawn_read(NULL, argv, SYSTEMCTL_SECONDS, &properties, NULL) < 0)
		return false;
	const char *job = strstr(properties, "Job=");
	bool idle = (strstr(properties, "ActiveState=inactive") ||
			    strstr(properties, "ActiveState=failed")) &&
		    !(job && job[4] > '0' && job[4] <= '9');
	talloc_free(properties);
	return idle;
}

int unit_wake(const char *verb, struct err *err)
{
	static const char *const reset[] = {"systemctl", "reset-failed", UNIT, NULL};
	const char *const wake[] = {"systemctl", "--no-block", verb, UNIT, NULL};

	/* It counts its failures, and would not be started again. Fails when nothing has failed. */
	spawn_read(NULL, reset, SYSTEMCTL_SECONDS, NULL, NULL);
	return spawn_read(NULL, wake, SYSTEMCTL_SECONDS, NULL, err);
}
