/* SPDX-License-Identifier: MIT */
/*
 * A QEMU for tests: its monitor is played by a thread that remembers what it is asked, the vCPUs'
 * threads are real ones, and whether they are granted a policy is decided by the test. That is
 * linked with --wrap for the calls of sched.h below.
 */
#ifndef TESTS_UNIT_QEMU_H
#define TESTS_UNIT_QEMU_H

#include "tests/unit/unit.h"

#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

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

#endif
