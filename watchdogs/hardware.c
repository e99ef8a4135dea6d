/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "watchdogs/watchdogs.h"

#define SYSFS "sys/class/watchdog/watchdog0/"

/* One attribute of the first watchdog, which is the one that systemd takes; "" when there is none.
 */
static char *attribute(void *ctx, int root, const char *path)
{
	char *text;

	return file_read_line(ctx, root, path, &text, NULL) < 0 ? talloc_strdup(ctx, "") : text;
}

char *hardware_watchdog(void *ctx, int root)
{
	char *state = attribute(ctx, root, SYSFS "state");
	char *identity = attribute(ctx, root, SYSFS "identity");
	char *seconds = attribute(ctx, root, SYSFS "timeout");
	char *words = strcmp(state, "active") == 0
			      ? talloc_asprintf(
					ctx, "%s resets the machine after %s s", identity, seconds)
			      : NULL;

	talloc_free(state);
	talloc_free(identity);
	talloc_free(seconds);
	return words;
}

static void tell_way_up(
	void *ctx, int root, const struct watchdog_times *times, struct complaints *sentences)
{
	static const char stretch[] = "shutdown, firmware, GRUB, Xen and the early kernel";

	if (bmc_can_be_asked(root))
		complaints_add(ctx, sentences,
			"%s: the BMC resets the machine %d s after the reboot was asked for",
			stretch, times->boot_seconds);
	else if (bmc_exists(root))
		complaints_add(ctx, sentences,
			"%s: NOT covered, the BMC cannot be asked without ipmitool; install it",
			stretch);
	else if (bmc_is_there(root))
		complaints_add(ctx, sentences,
			"%s: NOT covered, /dev/ipmi0 is missing, although the board has a BMC; "
			"modprobe -a ipmi_si ipmi_devintf, and install ipmitool",
			stretch);
	else
		complaints_add(ctx, sentences,
			"%s: NOT covered, this machine has no BMC (/dev/ipmi0); a person or a "
			"switchable outlet has to reset it, then the campaign goes on by itself",
			stretch);
}

static void tell_systemd(
	void *ctx, int root, const struct watchdog_times *times, struct complaints *sentences)
{
	static const char stretch[] = "from systemd's start to its end";
	char *identity = attribute(ctx, root, SYSFS "identity");

	if (times->silence_seconds == 0)
		complaints_add(ctx, sentences,
			"%s: NOT covered, limits.watchdog is 0; leave it out", stretch);
	else if (*identity)
		complaints_add(ctx, sentences,
			"%s: %s resets the machine when systemd is silent for %d s", stretch,
			identity, times->silence_seconds);
	else
		complaints_add(ctx, sentences,
			"%s: NOT covered, there is no hardware watchdog (/dev/watchdog0); load its "
			"driver (for most boards: iTCO_wdt or sp5100_tco) by /etc/modules-load.d",
			stretch);
	talloc_free(identity);
}

void watchdogs_tell(
	void *ctx, int root, const struct watchdog_times *times, struct complaints *sentences)
{
	tell_way_up(ctx, root, times, sentences);
	tell_systemd(ctx, root, times, sentences);
	complaints_add(
		ctx, sentences, "a kernel panic: Linux reboots after %d s", times->panic_seconds);
	complaints_add(ctx, sentences,
		"a boot that does not get ready: systemd reboots after 15 min "
		"(latcampaign-guard.timer)");
}
