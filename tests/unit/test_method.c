/* SPDX-License-Identifier: MIT */
#include "tests/unit/plans.h"

#include "report/page-parts.h"

/* All sentences as one text. */
static char *method_of(struct scratch *s, const char *campaign)
{
	char *text = talloc_strdup(s->ctx, "\n");

	scratch_file(s, "measure.sh", "exit 0\n");
	for (char **sentence = method_sentences(s->ctx, make_plan(s, "night", campaign)); *sentence;
		sentence++)
		text = talloc_asprintf_append(text, "%s\n", *sentence);
	return text;
}

static void expect(const char *text, const char *what)
{
	if (!strstr(text, what))
		fail_msg("no \"%s\" in%s", what, text);
}

static void what_was_not_said_is_not_told(void **state)
{
	const char *text =
		method_of(*state, "setups = { kvm-rt = {}; xen-rt = {}; }; experiments = { rt = {};"
				  " host = { place = \"host\"; repetitions = 2; }; };");

	expect(text,
		"\nExperiment rt: cyclictest ran once in each boot for 60 s in a guest (KVM, or "
		"pv under Xen) of 1 vCPU and 256 MiB with kernel \"rt\": 1 thread of priority "
		"99 that woke up every 1000 us;");
	expect(text, "\nExperiment host: cyclictest ran 2 times in each boot for 60 s on the host, "
		     "or in dom0 under Xen: 1 thread");
	assert_null(strstr(text, "In experiment"));
	assert_null(strstr(text, "script"));
	assert_null(strstr(text, "tuned"));
}

static void a_guest_of_kvm_is_told_as_it_was_said(void **state)
{
	const char *text = method_of(*state,
		"setups = { kvm-rt = {}; xen-rt = {}; }; experiments = { rt = { place = \"kvm\";"
		" vcpus = 2; vcpu_cpus = [ \"1\", \"2-3\" ]; emulator_cpus = \"0\";"
		" vcpu_policy = \"fifo\"; vcpu_priority = 7; lock_memory = true; cpu_pm = false;"
		" hugepages = true; machine = \"pc\"; neighbours = 2; script = \"measure.sh\";"
		" tuning = [ \"halt_poll_ns=0\" ]; }; };");

	expect(text, "ran once in each boot of kvm-rt for 60 s in a KVM guest of 2 vCPUs");
	expect(text, "\nFor the runs of experiment rt the host was tuned further with "
		     "halt_poll_ns=0, read back before each run and put back after it.\n");
	expect(text,
		"\nIn the guest of experiment rt the script measure.sh (SHA-256 not known) took "
		"the place of latcampaign's own and decided what was measured.\n");
	expect(text, "\nIn experiment rt vCPU 0 was pinned to the host's CPUs 1, vCPU 1 was pinned "
		     "to the host's CPUs 2-3, the vCPUs' threads ran under SCHED_FIFO at priority "
		     "7, QEMU's other threads were pinned to the host's CPUs 0, the guest's memory "
		     "was locked, the guest could not put the host's CPUs to sleep (cpu-pm=off), "
		     "the guest's memory was of huge pages, QEMU's machine type was pc and 2 more "
		     "guests of the same shape ran beside it, idle.\n");
	assert_null(strstr(text, "in a KVM guest (KVM"));
}

static void a_guest_of_xen_is_told_as_it_was_said(void **state)
{
	const char *text = method_of(*state,
		"setups = { xen-rt = {}; xen-nrt = {}; }; experiments = {"
		" a = { guest_type = \"pvh\"; hap = false; vcpu_cpus = [ \"1\" ]; weight = 512;"
		" cap = 50; load = [ \"hackbench\" ]; load_place = \"neighbour\"; };"
		" b = { place = \"xen\"; pool_cpus = \"1\"; pool_scheduler = \"rtds\";"
		" rtds_period = \"10ms\"; rtds_budget = \"4ms\"; };"
		" c = { place = \"host\"; }; };");

	expect(text, "\nExperiment a: cyclictest ran once in each boot for 60 s in a pvh guest of "
		     "Xen of 1 vCPU");
	expect(text,
		"\nIn experiment a the vCPUs were pinned to the host's CPUs 1, the guest's "
		"weight was 512, the guest's cap was 50 % of a CPU, paging was not assisted by "
		"the hardware (no hap) and 1 more guest of the same shape ran beside it, under "
		"the load.\n");
	expect(text, "\nIn experiment b the guest ran in a cpupool of its own, of the CPUs 1, with "
		     "the scheduler rtds and each vCPU was given 4000 us in every 10000 us.\n");
	expect(text, "\nExperiment c: cyclictest ran once in each boot for 60 s in dom0: 1 thread");
}

/* One hypervisor's words are not told of the other. */
static void where_both_run_each_has_its_own_words(void **state)
{
	const char *text = method_of(*state,
		"setups = { kvm-rt = {}; xen-rt = {}; };"
		" experiments = { rt = { lock_memory = true; weight = 512; }; };");

	expect(text, "\nIn experiment rt under KVM the guest's memory was locked and under Xen the "
		     "guest's weight was 512.\n");
}

static void only_what_was_computed_is_claimed(void **state)
{
	const char *setups = "setups = { kvm-rt = {}; }; experiments = { rt = {}; };";
	const char *one = method_of(*state, setups);
	const char *many = method_of(
		*state, talloc_asprintf(((struct scratch *)*state)->ctx, "blocks = 8; %s", setups));

	expect(one, "no interval and no test is stated");
	assert_null(strstr(one, "Whitney"));
	assert_null(strstr(one, "bootstrap"));
	expect(many, "Intervals are of 95 %, from 6 boots on:");
	expect(many, "quantiles, from 4 boots on, corrected by Holm's method");
	assert_null(strstr(many, "no test"));
	for (const char *text = one; text; text = text == one ? many : NULL)
		expect(text, "Nor was one of which a run was disturbed: the processor throttled");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(what_was_not_said_is_not_told),
		scratch_test(a_guest_of_kvm_is_told_as_it_was_said),
		scratch_test(a_guest_of_xen_is_told_as_it_was_said),
		scratch_test(where_both_run_each_has_its_own_words),
		scratch_test(only_what_was_computed_is_claimed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
