/* SPDX-License-Identifier: MIT */
#include "statemachine/reboot.h"

#include "base/files.h"
#include "base/spawn.h"
#include "watchdogs/watchdogs.h"

#define SYSTEMCTL_SECONDS 120
#define BMC_ARMED "bmc-armed"

int reboot_watch(int root, int store, int seconds, struct err *err)
{
	if (!bmc_can_be_asked(root))
		return 0;
	int r = bmc_set(seconds, err);

	/* The note before the start: a watchdog that nobody knows of would reset a measurement. */
	if (r == 0)
		r = file_replace(store, BMC_ARMED, "", 0, 0644, err);
	return r == 0 ? bmc_start(err) : r;
}

int reboot_ask(struct err *err)
{
	static const char *const argv[] = {"systemctl", "--no-block", "reboot", NULL};
	int r = spawn_read(NULL, argv, SYSTEMCTL_SECONDS, NULL, err);

	return r < 0 ? r : 1;
}

int reboot_arrived(int store, struct err *err)
{
	struct err why = {""};

	if (!file_exists(store, BMC_ARMED))
		return 0;
	int r = bmc_off(&why);
	if (r < 0)
		return err_set(err, r,
			"the BMC's watchdog is armed and cannot be turned off, it may reset this boot: "
			"%s",
			why.text);
	return file_remove(store, BMC_ARMED, err);
}
