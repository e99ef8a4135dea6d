/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <talloc.h>

#include "base/files.h"
#include "base/programs.h"
#include "base/spawn.h"
#include "watchdogs/watchdogs.h"

#define IPMITOOL_SECONDS 30
#define BMC_IN_SMBIOS "sys/firmware/dmi/entries/38-0" /* SMBIOS 7.39, IPMI Device Information */

/* IPMI v2.0, 27.5 to 27.7, NetFn App: one argument of `ipmitool raw` for each byte. */
#define NETFN_APP "0x06"
#define RESET_WATCHDOG_TIMER "0x22"
#define SET_WATCHDOG_TIMER "0x24"
#define USE_OS_LOAD "0x03" /* the timer stops when it is set */
#define ACTION_NONE "0x00"
#define ACTION_HARD_RESET "0x01"
#define NO_PRETIMEOUT "0x00"
#define CLEAR_OS_LOAD_EXPIRED "0x08"
#define BYTE_SIZE sizeof("0xff")

bool bmc_can_be_asked(int root)
{
	char *ipmitool = program_path(NULL, root, "ipmitool");
	bool can = ipmitool && bmc_exists(root);

	talloc_free(ipmitool);
	return can;
}

bool bmc_exists(int root)
{
	return file_exists(root, "dev/ipmi0");
}

bool bmc_is_there(int root)
{
	return bmc_exists(root) || file_exists(root, BMC_IN_SMBIOS);
}

static int set_timer(const char *action, int seconds, struct err *err)
{
	char low[BYTE_SIZE], high[BYTE_SIZE];
	unsigned tenths = (unsigned)seconds * 10;
	const char *const argv[] = {"ipmitool", "raw", NETFN_APP, SET_WATCHDOG_TIMER, USE_OS_LOAD,
		action, NO_PRETIMEOUT, CLEAR_OS_LOAD_EXPIRED, low, high, NULL};

	snprintf(low, sizeof(low), "0x%02x", tenths & 0xff);
	snprintf(high, sizeof(high), "0x%02x", tenths >> 8 & 0xff);
	return spawn_read(NULL, argv, IPMITOOL_SECONDS, NULL, err);
}

int bmc_set(int seconds, struct err *err)
{
	return set_timer(ACTION_HARD_RESET, seconds, err);
}

int bmc_start(struct err *err)
{
	static const char *const argv[] = {
		"ipmitool", "raw", NETFN_APP, RESET_WATCHDOG_TIMER, NULL};

	return spawn_read(NULL, argv, IPMITOOL_SECONDS, NULL, err);
}

int bmc_off(struct err *err)
{
	return set_timer(ACTION_NONE, 0, err);
}
