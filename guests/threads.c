/* SPDX-License-Identifier: MIT */
#include "guests/threads.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "guests/cpus.h"

int threads_list(void *ctx, pid_t pid, pid_t **ret, unsigned *ret_count, struct err *err)
{
	char *path = talloc_asprintf(ctx, "/proc/%d/task", (int)pid), **names;
	int r = directory_list(path, AT_FDCWD, path, &names, err);

	if (r == 0) {
		unsigned count = (unsigned)talloc_array_length(names) - 1;
		pid_t *threads = talloc_array(ctx, pid_t, count);
		for (unsigned i = 0; i < count; i++)
			threads[i] = (pid_t)strtol(names[i], NULL, 10);
		*ret = threads;
		*ret_count = count;
	}
	talloc_free(path);
	return r;
}

int thread_pin(pid_t thread, const char *what, const char *list, struct err *err)
{
	struct cpus cpus;

	if (!cpus_parse(list, &cpus))
		return err_set(err, -EINVAL, "\"%s\" is no list of CPUs", list);
	if (sched_setaffinity(thread, sizeof(cpus), cpus.sets) < 0)
		return err_set(err, -errno, "%s cannot be pinned on CPUs %s: %s", what, list,
			strerror(errno));
	return 0;
}

int thread_schedule(
	pid_t thread, const char *what, enum policy policy, int priority, struct err *err)
{
	static const int policies[] = {
		[POLICY_OTHER] = SCHED_OTHER, [POLICY_FIFO] = SCHED_FIFO, [POLICY_RR] = SCHED_RR};
	struct sched_param param = {.sched_priority = priority};

	if (policy == POLICY_DEFAULT || sched_setscheduler(thread, policies[policy], &param) == 0)
		return 0;
	return err_set(err, -errno,
		"%s was not granted policy %s, priority %d: %s; the runner needs CAP_SYS_NICE, and "
		"a kernel with RT_GROUP_SCHED a budget for its control group",
		what, policy_name(policy), priority, strerror(errno));
}

static const char *policy_found(int policy)
{
	switch (policy & ~SCHED_RESET_ON_FORK) {
	case SCHED_OTHER:
		return policy_name(POLICY_OTHER);
	case SCHED_FIFO:
		return policy_name(POLICY_FIFO);
	case SCHED_RR:
		return policy_name(POLICY_RR);
	default:
		return "another";
	}
}

int thread_read(void *ctx, pid_t thread, char **ret_list, const char **ret_policy,
	int *ret_priority, struct err *err)
{
	struct cpus cpus = {0};
	struct sched_param param = {0};
	int policy = sched_getscheduler(thread);

	if (policy < 0 || sched_getparam(thread, &param) < 0 ||
		sched_getaffinity(thread, sizeof(cpus), cpus.sets) < 0)
		return err_set(err, -errno, "thread %d cannot be read back: %s", (int)thread,
			strerror(errno));
	*ret_list = cpus_list(ctx, &cpus);
	*ret_policy = policy_found(policy);
	*ret_priority = param.sched_priority;
	return 0;
}

long process_kib(pid_t pid, const char *key)
{
	char *path = talloc_asprintf(NULL, "/proc/%d/status", (int)pid), *text;
	char *mark = talloc_asprintf(path, "\n%s:", key);
	long kib = 0;

	if (file_read(path, AT_FDCWD, path, 1 << 16, &text, NULL, NULL) == 0) {
		const char *at = strstr(text, mark);
		kib = at ? strtol(at + strlen(mark), NULL, 10) : 0;
	}
	talloc_free(path);
	return kib;
}
