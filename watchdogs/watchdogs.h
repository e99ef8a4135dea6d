/* SPDX-License-Identifier: MIT */
/*
 * What resets a machine that hangs.
 *
 * The hardware watchdog watches from systemd's start to the end of the shutdown: our entries'
 * command line has PID 1 feed it (systemd.watchdog_sec=). A reset disarms it, so that it says
 * nothing about the way up. The watchdog of the board's management controller (BMC) outlives a
 * reset: it is armed before the reboot and turned off after the arrival.
 *
 * `root` is a descriptor of the machine's "/".
 */
#ifndef WATCHDOGS_WATCHDOGS_H
#define WATCHDOGS_WATCHDOGS_H

#include <stdbool.h>

#include "base/complaints.h"
#include "base/err.h"

/* How long what is watched may take; of limits in campaigns/campaign.h. */
struct watchdog_times {
	int boot_seconds;    /* from the reboot to the arrival of the runner */
	int silence_seconds; /* of PID 1; 0: the hardware watchdog is not used */
	int panic_seconds;   /* from a kernel panic to the reboot */
};

/* A sentence for each stretch of a boot: what resets the machine there, or that nothing does, and
 * what would. Appended to `sentences`, whose lines are talloc children of `ctx`. */
void watchdogs_tell(
	void *ctx, int root, const struct watchdog_times *times, struct complaints *sentences);

/* Has the board a BMC? Has Linux its device? Can it be asked, too: is there an ipmitool? */
bool bmc_is_there(int root);
bool bmc_exists(int root);
bool bmc_can_be_asked(int root);

/*
 * Sets the BMC's watchdog, which stops it, and starts it: it resets the machine when nobody turns
 * it off in `seconds` (1..6553, since it counts tenths of a second in 16 bits). Negative errno and
 * a sentence when the BMC or ipmitool does not do it.
 */
int bmc_set(int seconds, struct err *err);
int bmc_start(struct err *err);

/* Stops it. Stopping one that does not run is a success. */
int bmc_off(struct err *err);

/*
 * The hardware watchdog of this boot in words ("iTCO_wdt resets the machine after 60 s"), NULL when
 * none is armed. A talloc child of `ctx`.
 */
char *hardware_watchdog(void *ctx, int root);

#endif
