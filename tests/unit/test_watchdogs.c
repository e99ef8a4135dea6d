/* SPDX-License-Identifier: MIT */
/* Watchdogs, on machines that are directories and with an ipmitool that is listened to. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "base/spawn.h"
#include "statemachine/reboot.h"
#include "watchdogs/watchdogs.h"

static char calls[512];     /* "COMMAND|COMMAND|", as they were asked for */
static int answer;          /* of every call, */
static const char *refused; /* or of the one of this command alone */

int __wrap_spawn_read(void *ctx, const char *const *argv, int timeout_seconds, char **ret_output,
	struct err *err);

int __wrap_spawn_read(
	void *ctx, const char *const *argv, int timeout_seconds, char **ret_output, struct err *err)
{
	(void)ctx;
	assert_true(timeout_seconds > 0);
	assert_null(ret_output);
	bool meant = !refused;
	for (unsigned i = 0; argv[i]; i++) {
		meant |= refused && strcmp(argv[i], refused) == 0;
		size_t length = strlen(calls);
		snprintf(calls + length, sizeof(calls) - length, "%s%s", argv[i],
			argv[i + 1] ? " " : "|");
	}
	return answer < 0 && meant ? err_set(err, answer, "ipmitool said no") : 0;
}

static void expect_calls(const char *expected)
{
	assert_string_equal(calls, expected);
	*calls = '\0';
}

static int fresh(void **state)
{
	answer = 0;
	refused = NULL;
	*calls = '\0';
	return scratch_setup(state);
}

/* The bytes of IPMI's Set Watchdog Timer: use, action, pre-timeout, flags, tenths low, high. */
static void the_bmc_is_armed_and_turned_off(void **state)
{
	(void)state;
	assert_int_equal(bmc_set(1200, NULL), 0);
	expect_calls("ipmitool raw 0x06 0x24 0x03 0x01 0x00 0x08 0xe0 0x2e|");
	assert_int_equal(bmc_set(6553, NULL), 0);
	expect_calls("ipmitool raw 0x06 0x24 0x03 0x01 0x00 0x08 0xfa 0xff|");
	assert_int_equal(bmc_start(NULL), 0);
	expect_calls("ipmitool raw 0x06 0x22|");
	assert_int_equal(bmc_off(NULL), 0);
	expect_calls("ipmitool raw 0x06 0x24 0x03 0x00 0x00 0x08 0x00 0x00|");
}

/* A machine with a BMC, and an ipmitool to ask it. */
static void put_bmc(struct scratch *s)
{
	scratch_file(s, "dev/ipmi0", "");
	scratch_file(s, "usr/bin/ipmitool", "");
	assert_int_equal(fchmodat(s->fd, "usr/bin/ipmitool", 0755, 0), 0);
}

static void a_machine_without_a_bmc_is_left_alone(void **state)
{
	struct scratch *s = *state;

	assert_int_equal(reboot_watch(s->fd, s->fd, 60, NULL), 0);
	assert_int_equal(reboot_arrived(s->fd, NULL), 0);
	expect_calls("");
	/* Nobody could turn it off again. */
	scratch_file(s, "dev/ipmi0", "");
	assert_int_equal(reboot_watch(s->fd, s->fd, 60, NULL), 0);
	assert_false(file_exists(s->fd, "bmc-armed"));
	expect_calls("");
}

static void one_that_cannot_be_set_is_not_noted(void **state)
{
	struct scratch *s = *state;

	put_bmc(s);
	answer = -EIO;
	assert_int_equal(reboot_watch(s->fd, s->fd, 60, NULL), -EIO);
	/* Not started when it was not set: it might be somebody else's. */
	expect_calls("ipmitool raw 0x06 0x24 0x03 0x01 0x00 0x08 0x58 0x02|");
	assert_int_equal(reboot_arrived(s->fd, NULL), 0);
	expect_calls("");
}

static void what_was_armed_is_turned_off_once(void **state)
{
	struct scratch *s = *state;

	put_bmc(s);
	assert_int_equal(reboot_watch(s->fd, s->fd, 60, NULL), 0);
	assert_true(file_exists(s->fd, "bmc-armed"));
	expect_calls(
		"ipmitool raw 0x06 0x24 0x03 0x01 0x00 0x08 0x58 0x02|ipmitool raw 0x06 0x22|");
	assert_int_equal(reboot_arrived(s->fd, NULL), 0);
	expect_calls("ipmitool raw 0x06 0x24 0x03 0x00 0x00 0x08 0x00 0x00|");
	assert_int_equal(reboot_arrived(s->fd, NULL), 0);
	expect_calls("");
}

static void one_that_cannot_be_turned_off_is_an_error_until_it_is(void **state)
{
	struct scratch *s = *state;
	struct err err = {""};

	put_bmc(s);
	/* Started or not is not known: it is noted. */
	refused = "0x22";
	answer = -EIO;
	assert_int_equal(reboot_watch(s->fd, s->fd, 60, NULL), -EIO);
	refused = NULL;
	assert_int_equal(unlinkat(s->fd, "dev/ipmi0", 0), 0);
	assert_int_equal(reboot_arrived(s->fd, &err), -EIO);
	assert_string_equal(err.text,
		"the BMC's watchdog is armed and cannot be turned off, it may "
		"reset this boot: ipmitool said no");
	answer = 0;
	assert_int_equal(reboot_arrived(s->fd, NULL), 0);
	assert_false(file_exists(s->fd, "bmc-armed"));
}

/* All that is told of the machine. */
static const char *told(struct scratch *s, int silence_seconds)
{
	const struct watchdog_times times = {1200, silence_seconds, 30};
	struct complaints sentences = {0};
	char *text = talloc_strdup(s->ctx, "");

	watchdogs_tell(s->ctx, s->fd, &times, &sentences);
	for (unsigned i = 0; i < sentences.count; i++)
		text = talloc_asprintf_append(text, "%s\n", sentences.lines[i]);
	return text;
}

static void a_bare_machine_is_told_what_is_not_covered(void **state)
{
	struct scratch *s = *state;

	assert_non_null(strstr(told(s, 60), "early kernel: NOT covered, this machine has no BMC"));
	assert_non_null(strstr(told(s, 60), "its end: NOT covered, there is no hardware watchdog"));
	assert_non_null(strstr(told(s, 60), "panic: Linux reboots after 30 s"));
	scratch_file(s, "sys/firmware/dmi/entries/38-0/raw", "");
	assert_non_null(strstr(told(s, 60), "modprobe -a ipmi_si ipmi_devintf"));
	scratch_file(s, "dev/ipmi0", "");
	assert_non_null(strstr(told(s, 60), "cannot be asked without ipmitool; install it"));
}

static void what_covers_is_told_with_its_time(void **state)
{
	struct scratch *s = *state;

	put_bmc(s);
	scratch_file(s, "sys/class/watchdog/watchdog0/identity", "iTCO_wdt\n");
	assert_non_null(strstr(told(s, 60),
		"shutdown, firmware, GRUB, Xen and the early kernel: the BMC resets the machine "
		"1200 s after the reboot was asked for\n"));
	assert_non_null(strstr(told(s, 60), "from systemd's start to its end: iTCO_wdt resets the "
					    "machine when systemd is silent for 60 s\n"));
	assert_non_null(strstr(told(s, 0), "its end: NOT covered, limits.watchdog is 0"));
}

static void only_an_active_hardware_watchdog_counts(void **state)
{
	struct scratch *s = *state;

	assert_null(hardware_watchdog(s->ctx, s->fd));
	scratch_file(s, "sys/class/watchdog/watchdog0/identity", "iTCO_wdt\n");
	scratch_file(s, "sys/class/watchdog/watchdog0/timeout", "60\n");
	scratch_file(s, "sys/class/watchdog/watchdog0/state", "inactive\n");
	assert_null(hardware_watchdog(s->ctx, s->fd));
	scratch_file(s, "sys/class/watchdog/watchdog0/state", "active\n");
	assert_string_equal(
		hardware_watchdog(s->ctx, s->fd), "iTCO_wdt resets the machine after 60 s");
}

#define fresh_test(function) cmocka_unit_test_setup_teardown(function, fresh, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		fresh_test(the_bmc_is_armed_and_turned_off),
		fresh_test(a_machine_without_a_bmc_is_left_alone),
		fresh_test(one_that_cannot_be_set_is_not_noted),
		fresh_test(what_was_armed_is_turned_off_once),
		fresh_test(one_that_cannot_be_turned_off_is_an_error_until_it_is),
		fresh_test(a_bare_machine_is_told_what_is_not_covered),
		fresh_test(what_covers_is_told_with_its_time),
		fresh_test(only_an_active_hardware_watchdog_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
