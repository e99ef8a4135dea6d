/* SPDX-License-Identifier: MIT */
/*
 * KVM guests: what QEMU is asked for, and that its threads are where they belong before the guest's
 * first instruction. QEMU's monitor is played by a thread that checks what it is asked; the vCPUs'
 * threads are real ones.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "guests/cpus.h"
#include "guests/kvm-shape.h"
#include "guests/kvm.h"
#include "guests/shape.h"
#include "guests/threads.h"

/* --- priorities that are, or are not, granted: the linker hands these calls to us ----------- */

static struct {
	bool refuse; /* EPERM */
	bool ignore; /* says yes and does nothing */
	int policy, priority;
} kernel;

int __real_sched_getscheduler(pid_t thread);
int __wrap_sched_getscheduler(pid_t thread);
int __wrap_sched_setscheduler(pid_t thread, int policy, const struct sched_param *param);
int __wrap_sched_getparam(pid_t thread, struct sched_param *param);

int __wrap_sched_setscheduler(pid_t thread, int policy, const struct sched_param *param)
{
	(void)thread;
	if (kernel.refuse) {
		errno = EPERM;
		return -1;
	}
	if (!kernel.ignore) {
		kernel.policy = policy;
		kernel.priority = param->sched_priority;
	}
	return 0;
}

int __wrap_sched_getscheduler(pid_t thread)
{
	return __real_sched_getscheduler(thread) < 0 ? -1 : kernel.policy;
}

int __wrap_sched_getparam(pid_t thread, struct sched_param *param)
{
	(void)thread;
	param->sched_priority = kernel.priority;
	return 0;
}

/* --- a QEMU with one thread for each vCPU --------------------------------------------------- */

struct vcpu {
	pthread_t thread;
	pid_t id;
	int stop; /* reads until this ends */
};

static void *run_vcpu(void *argument)
{
	struct vcpu *vcpu = argument;
	char byte;

	__atomic_store_n(&vcpu->id, (pid_t)syscall(SYS_gettid), __ATOMIC_RELEASE);
	(void)!read(vcpu->stop, &byte, 1);
	return NULL;
}

struct qemu {
	struct vcpu vcpus[2];
	int stop[2];    /* a pipe that keeps the vCPUs */
	int monitor[2]; /* ours, QEMU's */
	const char *const *answers;
	pthread_t thread;
	char *heard; /* the commands, one space behind each */
};

/* One answer for each command that comes; the commands are remembered. */
static void *speak(void *argument)
{
	struct qemu *qemu = argument;
	char line[4096];

	for (const char *const *answer = qemu->answers; *answer; answer++) {
		if (send(qemu->monitor[1], *answer, strlen(*answer), MSG_NOSIGNAL) < 0)
			break;
		ssize_t size = recv(qemu->monitor[1], line, sizeof(line) - 1, 0);
		if (size <= 0)
			break;
		line[size] = '\0';
		json_t *json = json_loads(line, 0, NULL);
		qemu->heard = talloc_asprintf_append(
			qemu->heard, "%s ", json_string_value(json_object_get(json, "execute")));
		json_decref(json);
	}
	shutdown(qemu->monitor[1], SHUT_RDWR);
	return NULL;
}

static const char greeting[] = "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\r\n";
static const char done[] = "{\"return\": {}}\r\n";
static const char event_and_done[] =
	"{\"timestamp\": {\"seconds\": 1}, \"event\": \"RESUME\"}\r\n{\"return\": {}}\r\n";
static const char type[] = "{\"return\": \"pc-q35-7.2-machine\"}\r\n";
static const char machines[] = "{\"return\": [{\"name\": \"pc-q35-7.1\"}, {\"name\": "
			       "\"pc-q35-7.2\", \"alias\": \"q35\"}]}\r\n";
static const char no_mwait[] = "{\"return\": false}\r\n";
static const char refusal[] =
	"{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"no such command\"}}\n";

/* As query-cpus-fast tells them: in any order. */
static char *cpus_answer(void *ctx, const struct qemu *qemu)
{
	return talloc_asprintf(ctx,
		"{\"return\": [{\"thread-id\": %d, \"props\": {}, \"cpu-index\": 1, \"target\": "
		"\"x86_64\", \"qom-path\": \"/machine/unattached/device[1]\"}, {\"thread-id\": %d, "
		"\"cpu-index\": 0, \"qom-path\": \"/machine/unattached/device[0]\"}]}\r\n",
		qemu->vcpus[1].id, qemu->vcpus[0].id);
}

static struct qemu *start_qemu(struct scratch *s)
{
	struct qemu *qemu = talloc_zero(s->ctx, struct qemu);

	kernel.refuse = kernel.ignore = false;
	kernel.policy = SCHED_OTHER;
	kernel.priority = 0;
	qemu->heard = talloc_strdup(qemu, "");
	assert_int_equal(pipe(qemu->stop), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, qemu->monitor), 0);
	for (int i = 0; i < 2; i++) {
		qemu->vcpus[i].stop = qemu->stop[0];
		assert_int_equal(
			pthread_create(&qemu->vcpus[i].thread, NULL, run_vcpu, &qemu->vcpus[i]), 0);
		while (__atomic_load_n(&qemu->vcpus[i].id, __ATOMIC_ACQUIRE) == 0)
			sched_yield();
	}
	return qemu;
}

static void answer_with(struct qemu *qemu, const char *const *answers)
{
	qemu->answers = answers;
	assert_int_equal(pthread_create(&qemu->thread, NULL, speak, qemu), 0);
}

static void stop_qemu(struct qemu *qemu)
{
	shutdown(qemu->monitor[0], SHUT_RDWR);
	pthread_join(qemu->thread, NULL);
	close(qemu->stop[1]);
	for (int i = 0; i < 2; i++)
		pthread_join(qemu->vcpus[i].thread, NULL);
	close(qemu->stop[0]);
	close(qemu->monitor[0]);
	close(qemu->monitor[1]);
}

static char *no_lists[] = {NULL};

static struct experiment plain(void)
{
	return (struct experiment){
		.kernel = {.image = (char *)"/boot/vmlinuz-6.1-rt"},
		.vcpus = 2,
		.memory_mib = 512,
		.shape = {.vcpu_cpus = no_lists,
			.emulator_cpus = (char *)"",
			.machine = (char *)"q35",
			.pool_cpus = (char *)""},
	};
}

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
