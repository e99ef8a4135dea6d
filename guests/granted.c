/* SPDX-License-Identifier: MIT */
#include "guests/granted.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "guests/tool.h"

/* Threads are looked for until they are as asked; five seconds are for a slow machine under load.
 */
#define LOOKS 500
#define LOOK_MS 10

static const char *policy_word(int policy)
{
	return policy == SCHED_FIFO ? "fifo" : policy == SCHED_OTHER ? "other" : "another";
}

static bool is_granted(const struct cyclictest *asked, int policy, int priority)
{
	return priority == asked->priority &&
	       policy == (asked->priority > 0 ? SCHED_FIFO : SCHED_OTHER);
}

/* Notes one thread; false when it is not as asked. */
static bool note(json_t *threads, const struct cyclictest *asked, int policy, int priority)
{
	json_array_append_new(threads,
		json_pack("{s:s, s:i}", "policy", policy_word(policy), "priority", priority));
	return is_granted(asked, policy, priority);
}

static int complain(const struct cyclictest *asked, const json_t *threads, struct err *err)
{
	const char *expected = policy_word(asked->priority > 0 ? SCHED_FIFO : SCHED_OTHER);
	const char *policy = "";
	int priority = 0;

	for (size_t i = 0; i < json_array_size(threads); i++) {
		json_t *thread = json_array_get(threads, i);
		json_unpack(thread, "{s:s, s:i}", "policy", &policy, "priority", &priority);
		if (priority != asked->priority || strcmp(policy, expected) != 0)
			break;
	}
	return err_set(err, -EPERM,
		"a thread that measures has policy %s, priority %d, asked was priority %d; what "
		"starts it has to be allowed real-time priorities (CAP_SYS_NICE, RLIMIT_RTPRIO)",
		policy, priority, asked->priority);
}

/* --- on the host ------------------------------------------------------------------------- */

/* cyclictest's threads are its own, all but the first; timerlat's are the kernel's. */
static bool measures(const char *folder, const char *thread, pid_t pid, const char *names)
{
	char *name, *path = talloc_asprintf(NULL, "%s/%s/comm", folder, thread);
	bool is = *names ? file_read_line(path, AT_FDCWD, path, &name, NULL) == 0 &&
				   strncmp(name, names, strlen(names)) == 0
			 : strtol(thread, NULL, 10) != pid;

	talloc_free(path);
	return is;
}

/* One look: all threads that measure into `threads`. Returns how many are not as asked. */
static int look(const struct experiment *experiment, pid_t pid, json_t *threads)
{
	const char *names = tool_get(experiment->tool)->threads;
	char *folder = *names ? talloc_strdup(NULL, "/proc")
			      : talloc_asprintf(NULL, "/proc/%d/task", (int)pid),
	     **tasks;
	int others = 0;

	if (directory_list(folder, AT_FDCWD, folder, &tasks, NULL) == 0)
		for (char **task = tasks; *task; task++) {
			pid_t thread = (pid_t)strtol(*task, NULL, 10);
			struct sched_param param = {0};
			int policy;
			if (thread > 0 && measures(folder, *task, pid, names) &&
				(policy = sched_getscheduler(thread)) >= 0 &&
				sched_getparam(thread, &param) == 0)
				others += !note(threads, &experiment->cyclictest,
					policy & ~SCHED_RESET_ON_FORK, param.sched_priority);
		}
	talloc_free(folder);
	return others;
}

/* Replaces what an earlier look has seen, unless the program has ended since. Returns whether there
 * is something left to wait for. */
static bool look_again(
	const struct experiment *experiment, pid_t pid, json_t **threads, int *others)
{
	json_t *seen = json_array();
	int not_as_asked = look(experiment, pid, seen);

	if (json_array_size(seen) == 0 && json_array_size(*threads) > 0) {
		json_decref(seen);
		return false;
	}
	json_decref(*threads);
	*threads = seen;
	*others = not_as_asked;
	return not_as_asked > 0 || json_array_size(seen) < (size_t)experiment->cyclictest.threads;
}

int granted_on_host(const struct experiment *experiment, pid_t pid, json_t **ret, struct err *err)
{
	json_t *threads = json_array();
	int others = 0;

	for (int i = 0; i < LOOKS && look_again(experiment, pid, &threads, &others); i++)
		poll(NULL, 0, LOOK_MS);
	*ret = threads;
	return others > 0 ? complain(&experiment->cyclictest, threads, err) : 0;
}

/* --- in the guest ------------------------------------------------------------------------- */

int granted_in_guest(
	const struct experiment *experiment, int directory, json_t *found, struct err *err)
{
	json_t *threads = json_array();
	int others = 0;
	char *text, *rest;
	int r = file_read(NULL, directory, "threads.txt", 65536, &text, NULL, err);

	json_object_set_new(found, "threads", threads);
	if (r < 0)
		return r;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *priority;
		long policy = strtol(line, &priority, 10);
		others += !note(threads, &experiment->cyclictest, (int)policy,
			(int)strtol(priority, NULL, 10));
	}
	talloc_free(text);
	if (others > 0)
		return complain(&experiment->cyclictest, threads, err);
	return *experiment->script ? 0 : granted_all(experiment, threads, err);
}

int granted_all(const struct experiment *experiment, const json_t *threads, struct err *err)
{
	size_t seen = json_array_size(threads);

	if (seen >= (size_t)experiment->cyclictest.threads)
		return 0;
	return err_set(err, -EIO,
		"%zu threads were seen to measure, asked were %d; where they leave nobody else any CPU "
		"time, nobody can look: a longer interval helps",
		seen, experiment->cyclictest.threads);
}
