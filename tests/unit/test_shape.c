/* SPDX-License-Identifier: MIT */
/* What a machine lacks of what is asked of its guests, told before anything is measured. */
#include "tests/unit/experiments.h"
#include "tests/unit/unit.h"

#include "guests/shape.h"

static char *complaints_of(
	struct scratch *s, enum place place, struct experiment *experiment, struct setup *setup)
{
	struct run run = {.place = place};
	struct plan plan = {.experiments = experiment, .setups = setup};
	struct complaints complaints = {0};
	char *text = talloc_strdup(s->ctx, "");

	experiment->name = (char *)"e";
	setup->name = (char *)"s";
	shape_check(s->ctx, s->fd, &plan, &run, &complaints);
	for (unsigned i = 0; i < complaints.count; i++)
		text = talloc_asprintf_append(text, "%s\n", complaints.lines[i]);
	return text;
}

static void a_machine_without_what_is_asked_is_told(void **state)
{
	struct scratch *s = *state;
	struct experiment experiment = plain();
	char *lists[] = {(char *)"1", (char *)"4-5", NULL};
	char *tuning[] = {(char *)"hugepages=255", NULL};
	struct setup setup = {.tuning = no_words};

	scratch_file(s, "sys/devices/system/cpu/present", "0-3\n");
	scratch_file(s, "proc/sys/vm/nr_hugepages", "511\n");
	scratch_file(s, "proc/meminfo", "MemTotal: 1 kB\nHugepagesize:       2048 kB\n");
	assert_string_equal(complaints_of(s, PLACE_KVM, &experiment, &setup), "");
	experiment.shape.vcpu_cpus = lists;
	experiment.shape.emulator_cpus = (char *)"9";
	experiment.shape.hugepages = TOGGLE_ON;
	experiment.shape.neighbours = 1;
	assert_string_equal(complaints_of(s, PLACE_KVM, &experiment, &setup),
		"experiment e asks for CPUs 4-5 (vcpu_cpus), and this machine has 0-3; name "
		"others\n"
		"experiment e asks for CPUs 9 (emulator_cpus), and this machine has 0-3; name "
		"others\n"
		"experiment e needs 512 huge pages of 2048 KiB under setup s, and 511 are "
		"reserved; give the setup tuning = [ \"hugepages=512\" ]\n");
	/* The setup's own word decides what its boot has. */
	experiment.shape = plain().shape;
	experiment.shape.hugepages = TOGGLE_ON;
	assert_string_equal(complaints_of(s, PLACE_KVM, &experiment, &setup), "");
	setup.tuning = tuning;
	assert_non_null(
		strstr(complaints_of(s, PLACE_KVM, &experiment, &setup), "and 255 are reserved"));
	/* dom0 sees its own vCPUs alone. */
	scratch_file(s, "sys/hypervisor/type", "xen\n");
	experiment = plain();
	experiment.shape.emulator_cpus = (char *)"9";
	assert_string_equal(complaints_of(s, PLACE_KVM, &experiment, &setup), "");
}

static void a_scheduler_without_what_is_asked_is_told(void **state)
{
	struct scratch *s = *state;
	struct experiment experiment = in_pool();
	struct setup setup = {.tuning = no_words, .scheduler = SCHEDULER_NULL};

	scratch_file(s, "sys/devices/system/cpu/present", "0-3\n");
	assert_string_equal(complaints_of(s, PLACE_XEN, &experiment, &setup), "");
	experiment.shape.pool_scheduler = SCHEDULER_DEFAULT;
	experiment.shape.pool_cpus = (char *)"0-3";
	experiment.shape.cap = 50;
	assert_string_equal(complaints_of(s, PLACE_XEN, &experiment, &setup),
		"experiment e takes all CPUs for its pool (0-3) and leaves none for dom0; name "
		"fewer in pool_cpus\n"
		"experiment e has rtds_period and rtds_budget, and runs under Xen's scheduler null "
		"in setup s; say scheduler = \"rtds\" there, or pool_scheduler = \"rtds\" with "
		"pool_cpus\n"
		"experiment e has a weight or a cap, which Xen's scheduler null does not know; "
		"take them out, or run it under credit or credit2\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(a_machine_without_what_is_asked_is_told),
		scratch_test(a_scheduler_without_what_is_asked_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
