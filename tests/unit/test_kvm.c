/* SPDX-License-Identifier: MIT */
/*
 * KVM guests: what QEMU is asked for, and that its threads are where they belong before the guest's
 * first instruction.
 */
#include "tests/unit/experiments.h"
#include "tests/unit/qemu.h"

#include "guests/cpus.h"
#include "guests/kvm-shape.h"
#include "guests/kvm.h"
#include "guests/shape.h"
#include "guests/threads.h"

/* A machine of the tests may have one CPU only. */
static char *first_lists[] = {(char *)"0", (char *)"0", NULL};

static struct experiment pinned(void)
{
	struct experiment experiment = plain();

	experiment.shape.vcpu_cpus = first_lists;
	experiment.shape.vcpu_policy = POLICY_FIFO;
	experiment.shape.vcpu_priority = 1;
	return experiment;
}

/* The whole conversation; what the guest would have begun with. */
static int begin(struct scratch *s, struct qemu *qemu, const struct experiment *experiment,
	json_t **found, struct err *err)
{
	struct qmp *qmp = NULL;
	int r = qmp_open(s->ctx, qemu->monitor[0], 10, -1, &qmp, err);

	return r == 0 ? kvm_shape_begin(experiment, getpid(), qmp, found, err) : r;
}

/* --- tests -------------------------------------------------------------------------------- */

static void expect_argv(const char **argv, const char *const *expected)
{
	for (; *expected; argv++, expected++)
		assert_string_equal(*argv, *expected);
	assert_null(*argv);
}

static void qemu_is_asked_for_kvm_and_nothing_else(void **state)
{
	struct scratch *s = *state;
	struct experiment experiment = plain();
	struct guest guest = {.experiment = &experiment,
		.name = "guest",
		.cmdline = (char *)"console=ttyS0 quiet",
		.image = (char *)"/run/guest.img"};
	static const char *const expected[] = {"qemu-system-x86_64", "-name", "latcampaign-guest",
		"-machine", "q35,accel=kvm", "-cpu", "host", "-smp", "2", "-m", "512M", "-chardev",
		"socket,id=monitor,fd=7", "-mon", "chardev=monitor,mode=control", "-display",
		"none", "-serial", "stdio", "-kernel", "/boot/vmlinuz-6.1-rt", "-initrd",
		"/run/guest.img", "-append", "console=ttyS0 quiet", "-nodefaults",
		"-no-user-config", "-no-reboot", "-S", NULL};

	expect_argv(kvm_argv(s->ctx, &guest, 7), expected);
}

static void qemu_is_asked_for_the_shape(void **state)
{
	struct scratch *s = *state;
	struct experiment experiment = plain();
	struct guest guest = {.experiment = &experiment,
		.name = "neighbour-1",
		.cmdline = (char *)"c",
		.image = (char *)"i"};
	static const char *const expected[] = {"qemu-system-x86_64", "-name",
		"latcampaign-neighbour-1", "-machine", "microvm,accel=kvm,memory-backend=ram",
		"-cpu", "host", "-smp", "2", "-m", "512M", "-object",
		"memory-backend-memfd,id=ram,size=512M,hugetlb=on,prealloc=on", "-overcommit",
		"mem-lock=on", "-overcommit", "cpu-pm=off", "-chardev", "socket,id=monitor,fd=7",
		"-mon", "chardev=monitor,mode=control", "-display", "none", "-serial", "stdio",
		"-kernel", "/boot/vmlinuz-6.1-rt", "-initrd", "i", "-append", "c", "-nodefaults",
		"-no-user-config", "-no-reboot", "-S", NULL};

	experiment.shape.machine = (char *)"microvm";
	experiment.shape.hugepages = experiment.shape.lock_memory = TOGGLE_ON;
	experiment.shape.cpu_pm = TOGGLE_OFF;
	expect_argv(kvm_argv(s->ctx, &guest, 7), expected);
}

static void threads_are_set_and_read_back_before_the_guest_runs(void **state)
{
	struct scratch *s = *state;
	struct qemu *qemu = start_qemu(s);
	struct experiment experiment = pinned();
	char *cpus = cpus_answer(s->ctx, qemu);
	const char *const answers[] = {
		greeting, event_and_done, cpus, cpus, type, machines, no_mwait, done, "", NULL};
	json_t *found = NULL;
	struct err err = {""};

	answer_with(qemu, answers);
	if (begin(s, qemu, &experiment, &found, &err) < 0)
		fail_msg("%s", err.text);
	char *text = json_dumps(found, JSON_COMPACT | JSON_SORT_KEYS);
	assert_non_null(strstr(text, "\"vcpu_cpus\":[\"0\",\"0\"]"));
	assert_non_null(strstr(text, "\"vcpu_policy\":[\"fifo\",\"fifo\"]"));
	assert_non_null(strstr(text, "\"vcpu_priority\":[1,1],\"vcpus\":2"));
	assert_non_null(strstr(text, "\"machine\":\"q35\",\"machine_version\":\"pc-q35-7.2\""));
	assert_non_null(strstr(text, "\"cpu_pm\":false"));
	free(text);
	json_decref(found);
	stop_qemu(qemu);
	assert_string_equal(qemu->heard, "qmp_capabilities query-cpus-fast query-cpus-fast qom-get "
					 "query-machines qom-get cont ");
}

/* The guest must not have been let go. */
static int refused(struct scratch *s, const struct experiment *experiment,
	const char *const *answers, struct qemu *qemu, struct err *err)
{
	json_t *found = NULL;

	answer_with(qemu, answers);
	int r = begin(s, qemu, experiment, &found, err);
	stop_qemu(qemu);
	assert_null(found);
	assert_null(strstr(qemu->heard, "cont"));
	return r;
}

static void a_priority_that_is_not_granted_ends_the_run(void **state)
{
	struct scratch *s = *state;
	struct experiment experiment = pinned();
	struct qemu *qemu = start_qemu(s);
	const char *const answers[] = {greeting, done, cpus_answer(s->ctx, qemu), "", NULL};
	struct err err = {""};

	kernel.refuse = true;
	assert_int_equal(refused(s, &experiment, answers, qemu, &err), -EPERM);
	assert_non_null(strstr(err.text,
		"the thread of vCPU 0 was not granted policy fifo, priority 1: Operation not "
		"permitted"));
}

/* The kernel said yes, and it is not so. */
static void a_priority_that_did_not_take_effect_ends_the_run(void **state)
{
	struct scratch *s = *state;
	struct experiment experiment = pinned();
	struct qemu *qemu = start_qemu(s);
	char *cpus = cpus_answer(s->ctx, qemu);
	const char *const answers[] = {
		greeting, done, cpus, cpus, type, machines, no_mwait, "", NULL};
	struct err err = {""};

	kernel.ignore = true;
	assert_int_equal(refused(s, &experiment, answers, qemu, &err), -EXDEV);
	assert_string_equal(err.text, "the guest's vcpu_policy: asked [\"fifo\",\"fifo\"], found "
				      "[\"other\",\"other\"]");
}

/* CPU 8000 does not exist; of "0,8000" the kernel takes what it has, and says yes. */
static void cpus_that_are_not_there_end_the_run(void **state)
{
	struct scratch *s = *state;
	struct experiment experiment = plain();
	struct qemu *qemu = start_qemu(s);
	char *cpus = cpus_answer(s->ctx, qemu);
	const char *const answers[] = {
		greeting, done, cpus, cpus, type, machines, no_mwait, "", NULL};
	char *lists[] = {(char *)"0", (char *)"0,8000", NULL}, *nowhere[] = {(char *)"8000", NULL};
	struct err err = {""};

	experiment.shape.vcpu_cpus = lists;
	assert_int_equal(refused(s, &experiment, answers, qemu, &err), -EXDEV);
	assert_string_equal(
		err.text, "the guest's vcpu_cpus: asked [\"0\",\"0,8000\"], found [\"0\",\"0\"]");
	qemu = start_qemu(s);
	const char *const few[] = {greeting, done, cpus_answer(s->ctx, qemu), "", NULL};
	experiment.shape.vcpu_cpus = nowhere;
	assert_int_equal(refused(s, &experiment, few, qemu, &err), -EINVAL);
	assert_non_null(strstr(err.text, "the thread of vCPU 0 cannot be pinned on CPUs 8000"));
}

static void memory_that_is_not_locked_ends_the_run(void **state)
{
	struct scratch *s = *state;
	struct experiment experiment = plain();
	struct qemu *qemu = start_qemu(s);
	char *cpus = cpus_answer(s->ctx, qemu);
	const char *const answers[] = {
		greeting, done, cpus, cpus, type, machines, no_mwait, "", NULL};
	struct err err = {""};

	experiment.shape.lock_memory = TOGGLE_ON;
	assert_int_equal(refused(s, &experiment, answers, qemu, &err), -EXDEV);
	assert_string_equal(err.text, "the guest's lock_memory: asked true, found false");
}

static void a_qemu_that_ends_or_refuses_is_told(void **state)
{
	struct scratch *s = *state;
	struct experiment experiment = plain();
	struct qemu *qemu = start_qemu(s);
	const char *const ends[] = {greeting, NULL};
	const char *const refuses[] = {greeting, done, refusal, "", NULL};
	const char *const babbles[] = {"SSH-2.0-OpenSSH\r\n", "", NULL};
	struct err err = {""};

	assert_int_equal(refused(s, &experiment, ends, qemu, &err), -EIO);
	assert_non_null(strstr(err.text, "QEMU ended before its guest was started"));
	assert_int_equal(refused(s, &experiment, refuses, start_qemu(s), &err), -EIO);
	assert_string_equal(err.text, "QEMU refused query-cpus-fast: no such command");
	assert_int_equal(refused(s, &experiment, babbles, start_qemu(s), &err), -EBADMSG);
	assert_non_null(strstr(err.text, "says what is not QMP: SSH-2.0"));
}

static void a_qemu_that_says_nothing_is_not_waited_for(void **state)
{
	struct scratch *s = *state;
	struct err err = {""};
	struct qmp *qmp;
	int ends[2], cancel[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(pipe(cancel), 0);
	assert_int_equal(qmp_open(s->ctx, ends[0], 1, cancel[0], &qmp, &err), -ETIMEDOUT);
	assert_int_equal(write(cancel[1], "x", 1), 1);
	assert_int_equal(qmp_open(s->ctx, ends[0], 60, cancel[0], &qmp, &err), -ECANCELED);
	for (int i = 0; i < 2; i++) {
		close(ends[i]);
		close(cancel[i]);
	}
}

/* All of a process's threads but the vCPUs', here those of the test itself. */
static void other_threads_are_pinned_too(void **state)
{
	struct scratch *s = *state;
	struct experiment experiment = pinned();
	struct qemu *qemu = start_qemu(s);
	char *cpus = cpus_answer(s->ctx, qemu), *list;
	const char *const answers[] = {
		greeting, done, cpus, cpus, type, machines, no_mwait, done, "", NULL};
	const char *policy;
	json_t *found = NULL;
	struct err err = {""};
	struct cpus before;
	int priority;

	assert_int_equal(sched_getaffinity(0, sizeof(before), before.sets), 0);
	experiment.shape.emulator_cpus = (char *)"0";
	answer_with(qemu, answers);
	if (begin(s, qemu, &experiment, &found, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(json_string_value(json_object_get(found, "emulator_cpus")), "0");
	assert_int_equal(thread_read(s->ctx, getpid(), &list, &policy, &priority, NULL), 0);
	assert_string_equal(list, "0");
	json_decref(found);
	stop_qemu(qemu);
	sched_setaffinity(0, sizeof(before), before.sets);
}

static void only_what_the_campaign_decides_is_asked(void **state)
{
	struct experiment experiment = pinned();
	char *one_for_all[] = {(char *)"3,1-2", NULL};

	(void)state;
	experiment.shape.vcpu_cpus = one_for_all;
	experiment.shape.cpu_pm = TOGGLE_OFF;
	experiment.shape.weight = 300;
	experiment.shape.neighbours = 2;
	json_t *asked = shape_asked(&experiment, PLACE_KVM);
	char *text = json_dumps(asked, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text,
		"{\"cpu_pm\":false,\"machine\":\"q35\",\"neighbours\":2,\"vcpu_cpus\":[\"1-3\","
		"\"1-3\"],\"vcpu_policy\":[\"fifo\",\"fifo\"],\"vcpu_priority\":[1,1],\"vcpus\":2}");
	free(text);
	json_decref(asked);
	asked = shape_asked(&experiment, PLACE_XEN);
	text = json_dumps(asked, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text, "{\"neighbours\":2,\"vcpu_cpus\":[\"1-3\",\"1-3\"],\"vcpus\":2,"
				  "\"weight\":300}");
	free(text);
	json_decref(asked);
}

static void lists_of_cpus_have_one_form(void **state)
{
	struct scratch *s = *state;
	struct cpus few, many;

	assert_string_equal(cpus_tidy(s->ctx, "3,0-1,2,7"), "0-3,7");
	assert_string_equal(cpus_tidy(s->ctx, "8191"), "8191");
	assert_string_equal(cpus_tidy(s->ctx, "8192"), "8192"); /* no CPU that there could be */
	assert_string_equal(cpus_tidy(s->ctx, "0-"), "0-");
	assert_true(cpus_parse("0-3", &many) && cpus_parse("2,5", &few));
	assert_int_equal(cpus_beyond(&few, &many), 1);
	assert_int_equal(cpus_beyond(&many, &few), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(qemu_is_asked_for_kvm_and_nothing_else),
		scratch_test(qemu_is_asked_for_the_shape),
		scratch_test(threads_are_set_and_read_back_before_the_guest_runs),
		scratch_test(a_priority_that_is_not_granted_ends_the_run),
		scratch_test(a_priority_that_did_not_take_effect_ends_the_run),
		scratch_test(cpus_that_are_not_there_end_the_run),
		scratch_test(memory_that_is_not_locked_ends_the_run),
		scratch_test(a_qemu_that_ends_or_refuses_is_told),
		scratch_test(a_qemu_that_says_nothing_is_not_waited_for),
		scratch_test(other_threads_are_pinned_too),
		scratch_test(only_what_the_campaign_decides_is_asked),
		scratch_test(lists_of_cpus_have_one_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
