/* SPDX-License-Identifier: MIT */
/* What is read of a machine for run.json; the machine is a directory. */
#include "tests/unit/evidence.h"

#include <errno.h>
#include <jansson.h>

#include "base/spawn.h"
#include "evidence/binaries.h"
#include "evidence/cpus.h"
#include "evidence/environment.h"
#include "evidence/host.h"
#include "evidence/parse.h"

/* A member by its path, such as "hardware.cpu.model"; fails when it is not there. */
static const json_t *at(const json_t *json, const char *path)
{
	char *copy = talloc_strdup(NULL, path), *rest;

	for (char *key = strtok_r(copy, ".", &rest); key; key = strtok_r(NULL, ".", &rest)) {
		json = json_is_array(json) ? json_array_get(json, strtoul(key, NULL, 10))
					   : json_object_get(json, key);
		if (!json)
			fail_msg("there is no %s", path);
	}
	talloc_free(copy);
	return json;
}

static const char *word(const json_t *json, const char *path)
{
	const char *text = json_string_value(at(json, path));

	return text ? text : "(no text)";
}

static json_int_t number(const json_t *json, const char *path)
{
	assert_true(json_is_integer(at(json, path)));
	return json_integer_value(at(json, path));
}

/* Every null has its reason, and nothing else has one. Returns how many there are. */
static unsigned count_nulls(const json_t *json)
{
	const json_t *reasons = json_object_get(json, "not_read"), *value;
	const char *key;
	unsigned count = 0;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)json, i, value) count += count_nulls(value);
	json_object_foreach((json_t *)(uintptr_t)json, key, value)
	{
		bool has_reason = json_object_get(reasons, key) != NULL;
		if (has_reason != json_is_null(value))
			fail_msg("%s is%s null and has %s reason", key,
				json_is_null(value) ? "" : " not", has_reason ? "a" : "no");
		if (json_is_null(value)) {
			assert_true(*json_string_value(json_object_get(reasons, key)));
			count++;
		} else if (strcmp(key, "not_read") != 0) {
			count += count_nulls(value);
		}
	}
	return count;
}

/* --- the host ----------------------------------------------------------------------------- */

static void a_host_is_described(void **state)
{
	struct scratch *s = *state;

	put_machine(s);
	json_t *host = host_describe(s->fd);
	assert_int_equal(count_nulls(host), 0);
	assert_string_equal(word(host, "hardware.cpu.model"), "Intel(R) Xeon(R) Gold");
	assert_string_equal(word(host, "hardware.cpu.model_number"), "85");
	assert_string_equal(word(host, "hardware.cpu.microcode"), "0x5003605");
	assert_true(json_is_false(at(host, "hardware.cpu.virtual")));
	assert_int_equal(number(host, "hardware.topology.sockets"), 2);
	assert_int_equal(number(host, "hardware.topology.cores"), 4);
	assert_int_equal(number(host, "hardware.topology.threads"), 5);
	assert_int_equal(number(host, "hardware.topology.numa_nodes"), 2);
	assert_string_equal(word(host, "hardware.dmi.bios_version"), "2.1");
	assert_int_equal(number(host, "hardware.memory_kib"), 65536);
	assert_true(json_is_false(at(host, "power.boost")));
	assert_true(json_is_true(at(host, "power.intel_no_turbo")));
	assert_string_equal(word(host, "power.intel_pstate"), "active");
	assert_string_equal(word(host, "time.available"), "tsc hpet acpi_pm");
	assert_string_equal(word(host, "isolation.isolated"), "2-3");
	assert_string_equal(word(host, "isolation.nohz_full"), "(null)");
	assert_string_equal(word(host, "isolation.vulnerabilities.meltdown"), "Mitigation: PTI");
	json_decref(host);
}

static void cpus_that_tell_the_same_are_told_once(void **state)
{
	struct scratch *s = *state;

	put_machine(s);
	scratch_file(s, CPU "cpu1/cpufreq/scaling_governor", "powersave\n");
	json_t *host = host_describe(s->fd);
	assert_int_equal(json_array_size(at(host, "power.cpufreq")), 2);
	assert_string_equal(word(host, "power.cpufreq.0.cpus"), "0,2-3,10");
	assert_string_equal(word(host, "power.cpufreq.0.governor"), "performance");
	assert_int_equal(number(host, "power.cpufreq.0.max_khz"), 3500000);
	assert_string_equal(word(host, "power.cpufreq.1.cpus"), "1");
	assert_string_equal(word(host, "power.cpufreq.1.governor"), "powersave");
	assert_int_equal(json_array_size(at(host, "power.cpuidle")), 1);
	assert_string_equal(word(host, "power.cpuidle.0.cpus"), "0-3,10");
	assert_string_equal(word(host, "power.cpuidle.0.states.1.name"), "C6");
	assert_int_equal(number(host, "power.cpuidle.0.states.1.latency_us"), 133);
	assert_true(json_is_true(at(host, "power.cpuidle.0.states.1.disabled")));
	json_decref(host);
}

/* It costs what is missing, and each has its reason. */
static void an_empty_machine_is_described_as_well(void **state)
{
	struct scratch *s = *state;
	json_t *host = host_describe(s->fd);

	assert_int_equal(count_nulls(host), 30);
	assert_string_equal(word(host, "isolation.not_read.isolated"),
		CPU "isolated: cannot be opened: No such file or directory");
	assert_int_equal(json_array_size(at(host, "power.cpufreq")), 0);
	json_decref(host);
	/* What JSON cannot hold, or is no number, costs that member alone. */
	put_machine(s);
	scratch_file(s, "sys/class/dmi/id/sys_vendor", "\xff\xfe\n");
	scratch_file(s, CPU "smt/active", "maybe\n");
	scratch_file(s, CPU "cpufreq/boost", "7\n");
	host = host_describe(s->fd);
	assert_int_equal(count_nulls(host), 3);
	json_decref(host);
}

static void a_host_that_is_a_guest_says_so(void **state)
{
	struct scratch *s = *state;

	put_machine(s);
	scratch_file(s, "proc/cpuinfo",
		"vendor_id : A\nflags : fpu hypervisor\n\nmicrocode : of another processor\n");
	json_t *host = host_describe(s->fd);
	assert_true(json_is_true(at(host, "hardware.cpu.virtual")));
	assert_true(json_is_null(at(host, "hardware.cpu.microcode")));
	json_decref(host);
}

/* --- binaries ----------------------------------------------------------------------------- */

static unsigned questions; /* that programs were asked */
static bool answers;       /* do they? */

int __wrap_spawn_read(void *ctx, const char *const *argv, int timeout_seconds, char **ret_output,
	struct err *err);
int __wrap_spawn_read(
	void *ctx, const char *const *argv, int timeout_seconds, char **ret_output, struct err *err)
{
	assert_string_equal(argv[0], "cyclictest");
	assert_string_equal(argv[1], "--help");
	assert_true(timeout_seconds > 0);
	questions++;
	if (!answers)
		return err_set(err, -EIO, "cyclictest --help: exited with status 1");
	*ret_output = talloc_strdup(ctx, "\ncyclictest V 2.40\nUsage:\n");
	return 0;
}

static void a_program_is_read_and_asked_once(void **state)
{
	struct scratch *s = *state;
	struct binaries *binaries = binaries_new(s->ctx, digests_new(s->ctx));
	json_t *first, *second, *third;

	answers = true;
	questions = 0;
	scratch_file(s, "usr/bin/cyclictest", "one");
	first = binaries_program(binaries, s->fd, "cyclictest");
	second = binaries_program(binaries, s->fd, "cyclictest");
	assert_true(json_equal(first, second));
	assert_int_equal(questions, 1);
	assert_int_equal(count_nulls(first), 0);
	assert_string_equal(word(first, "path"), "/usr/bin/cyclictest");
	assert_string_equal(word(first, "version"), "cyclictest V 2.40");
	/* sha256sum of "one" */
	assert_string_equal(word(first, "sha256"),
		"7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed");
	scratch_file(s, "usr/bin/cyclictest", "another");
	third = binaries_program(binaries, s->fd, "cyclictest");
	assert_string_not_equal(word(first, "sha256"), word(third, "sha256"));
	assert_int_equal(questions, 2);
	json_decref(first);
	json_decref(second);
	json_decref(third);
}

static void a_program_that_is_silent_or_missing_has_its_reason(void **state)
{
	struct scratch *s = *state;
	struct binaries *binaries = binaries_new(s->ctx, digests_new(s->ctx));
	json_t *json = binaries_program(binaries, s->fd, "cyclictest");

	answers = false;
	questions = 0;
	assert_int_equal(count_nulls(json), 3);
	assert_int_equal(questions, 0);
	json_decref(json);
	scratch_file(s, "usr/bin/cyclictest", "one");
	json = binaries_program(binaries, s->fd, "cyclictest");
	assert_int_equal(count_nulls(json), 1);
	assert_string_equal(
		word(json, "not_read.version"), "cyclictest --help: exited with status 1");
	json_decref(json);
	scratch_file(s, "usr/sbin/xl", "xl");
	json = binaries_program(binaries, s->fd, "xl");
	assert_int_equal(count_nulls(json), 1);
	json_decref(json);
}

static void the_runner_and_images_are_told(void **state)
{
	struct scratch *s = *state;
	struct binaries *binaries = binaries_new(s->ctx, digests_new(s->ctx));
	json_t *self = binaries_self(binaries);

	assert_int_equal(count_nulls(self), 0);
	assert_non_null(strstr(word(self, "path"), "test_evidence"));
	assert_string_equal(word(self, "version"), VERSION);
	json_decref(self);
	scratch_file(s, "boot/vmlinuz-6.1", "one");
	json_t *image = binaries_image(binaries, s->fd, "host kernel", "/boot/vmlinuz-6.1", "6.1");
	assert_int_equal(count_nulls(image), 0);
	assert_int_equal(strncmp(word(image, "sha256"), "7692c3ad", 8), 0);
	json_decref(image);
	image = binaries_image(binaries, s->fd, "host initrd", "/boot/gone", NULL);
	assert_int_equal(count_nulls(image), 2);
	json_decref(image);
}

/* --- the environment ----------------------------------------------------------------------- */

static void add_messages(struct scratch *s, const char *text)
{
	int fd = openat(s->fd, "dev/kmsg", O_WRONLY | O_APPEND | O_CLOEXEC);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void what_happened_meanwhile_is_told(void **state)
{
	struct scratch *s = *state;

	put_environment(s);
	struct environment *environment = environment_begin(s->ctx, s->fd);
	put_interrupts(s, 160, 1);
	put_stat(s, 1500, 225);
	put_smi_count(s, 3);
	scratch_file(s, "sys/class/thermal/thermal_zone0/temp", "61000\n");
	scratch_file(s, CPU "cpu1/thermal_throttle/core_throttle_count", "7\n");
	scratch_file(s, CPU "cpu10/thermal_throttle/core_throttle_count", "4\n");
	add_messages(s, "4,2,3,-;CPU1: Core temperature above threshold\n SUBSYSTEM=cpu\n"
			"6,3,4,-;an information\n12,4,5,-;a warning of a daemon\n");
	json_t *json = environment_end(environment);
	assert_int_equal(count_nulls(json), 0);
	assert_int_equal(number(json, "before.throttle_count.core_throttle_count"), 15);
	assert_int_equal(json_object_size(at(json, "before.throttle_count")), 2);
	assert_int_equal(number(json, "change.throttle_count.core_throttle_count"), 5);
	assert_int_equal(number(json, "change.throttle_count.core_power_limit_count"), 0);
	assert_int_equal(json_array_size(at(json, "before.temperatures")), 2);
	assert_string_equal(word(json, "before.temperatures.1.name"), "coretemp Package id 0");
	assert_true(json_real_value(at(json, "after.temperatures.0.celsius")) == 61.0);
	assert_true(json_real_value(at(json, "change.temperatures.0.celsius")) == 15.5);
	assert_int_equal(number(json, "before.smi_count"), 0xfffffffe);
	assert_int_equal(number(json, "change.smi_count"), 5);
	assert_int_equal(number(json, "change.context_switches"), 500);
	assert_true(
		json_real_value(at(json, "change.steal_s")) == 25.0 / (double)sysconf(_SC_CLK_TCK));
	assert_true(json_is_false(at(json, "change.clocksource")));
	assert_int_equal(number(json, "change.kernel_messages.count"), 2);
	assert_string_equal(word(json, "change.kernel_messages.last.0"),
		"warning: CPU1: Core temperature above threshold");
	json_decref(json);
}

static void only_interrupts_that_moved_are_told(void **state)
{
	struct scratch *s = *state;

	put_environment(s);
	struct environment *environment = environment_begin(s->ctx, s->fd);
	put_interrupts(s, 160, 1);
	json_t *json = environment_end(environment);
	assert_int_equal(json_array_size(at(json, "change.interrupts")), 2);
	assert_string_equal(word(json, "change.interrupts.0.irq"), "LOC");
	assert_string_equal(word(json, "change.interrupts.0.name"), "Local timer interrupts");
	assert_int_equal(number(json, "change.interrupts.0.count"), 60);
	assert_string_equal(word(json, "change.interrupts.1.irq"), "ERR");
	assert_null(json_object_get(at(json, "before"), "interrupts"));
	json_decref(json);
}

static void the_last_messages_are_kept_and_all_counted(void **state)
{
	struct scratch *s = *state;

	put_environment(s);
	struct environment *environment = environment_begin(s->ctx, s->fd);
	for (unsigned i = 1; i <= 25; i++)
		add_messages(s, talloc_asprintf(s->ctx, "2,%u,1,-;trouble %u\n", i, i));
	json_t *json = environment_end(environment);
	assert_int_equal(number(json, "change.kernel_messages.count"), 25);
	assert_int_equal(json_array_size(at(json, "change.kernel_messages.last")), 20);
	assert_string_equal(word(json, "change.kernel_messages.last.0"), "critical: trouble 6");
	json_decref(json);
}

static void an_exchanged_clock_is_noticed(void **state)
{
	struct scratch *s = *state;

	put_environment(s);
	struct environment *environment = environment_begin(s->ctx, s->fd);
	scratch_file(
		s, "sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n");
	json_t *json = environment_end(environment);
	assert_string_equal(word(json, "before.clocksource"), "tsc");
	assert_string_equal(word(json, "after.clocksource"), "hpet");
	assert_true(json_is_true(at(json, "change.clocksource")));
	json_decref(json);
}

/* As in the unit's sandbox, or on a machine that counts nothing. */
static void what_cannot_be_read_has_its_reason(void **state)
{
	struct scratch *s = *state;
	json_t *json = environment_end(environment_begin(s->ctx, s->fd));

	assert_int_equal(count_nulls(json), 6 + 6 + 8);
	assert_non_null(strstr(word(json, "change.not_read.kernel_messages"),
		"dev/kmsg: cannot be read: No such file or directory; latcampaign.service keeps"));
	assert_non_null(strstr(word(json, "change.not_read.smi_count"), "module msr"));
	json_decref(json);
	/* A file that goes away in between costs the difference. */
	put_environment(s);
	struct environment *environment = environment_begin(s->ctx, s->fd);
	assert_int_equal(unlinkat(s->fd, "proc/stat", 0), 0);
	json = environment_end(environment);
	assert_int_equal(count_nulls(json), 4);
	assert_int_equal(number(json, "before.context_switches"), 1000);
	assert_string_equal(
		word(json, "change.not_read.steal_s"), "proc/stat: tells no steal time");
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(a_host_is_described),
		scratch_test(cpus_that_tell_the_same_are_told_once),
		scratch_test(an_empty_machine_is_described_as_well),
		scratch_test(a_host_that_is_a_guest_says_so),
		scratch_test(a_program_is_read_and_asked_once),
		scratch_test(a_program_that_is_silent_or_missing_has_its_reason),
		scratch_test(the_runner_and_images_are_told),
		scratch_test(what_happened_meanwhile_is_told),
		scratch_test(only_interrupts_that_moved_are_told),
		scratch_test(the_last_messages_are_kept_and_all_counted),
		scratch_test(an_exchanged_clock_is_noticed),
		scratch_test(what_cannot_be_read_has_its_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
