/* SPDX-License-Identifier: MIT */
#include "loads/running.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"
#include "base/spawn.h"
#include "loads/cpu-time.h"
#include "loads/load.h"
#include "loads/proof.h"

/* A load that cannot run says so within this time; the others get their workers up. */
#define SETTLE_MS 1000

/* A process that writes to a slow disk takes its time to die. */
#define GONE_WAITS 1000
#define GONE_WAIT_MS 10

struct running {
	const struct load *load;
	const char **argv;
	struct spawned spawned;
	double cpu_before; /* seconds of CPU time when the measurement began */
};

struct loads {
	int root;                /* "/" */
	int directory;           /* of the run */
	int any_ended;           /* epoll over all of them; -1 without loads */
	char *scratch;           /* absolute path; NULL without loads */
	double began;            /* CLOCK_BOOTTIME */
	struct running *running; /* talloc array */
	unsigned count;
	bool all_run; /* so that something is measured beside them */
};

/* --- scratch ----------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

/* Not durably, as directory_remove() does: a kernel's tree is 80 000 files, and whatever is left by
 * a power cut goes with the unfinished run. */
static int remove_scratch(const char *path, struct err *err)
{
	if (nftw(path, remove_one, 64, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT)
		return err_set(err, -errno, "%s: the loads' scratch cannot be removed: %s", path,
			strerror(errno));
	return 0;
}

/* The run's directory by its name: a load's command is kept, and tells nothing with /proc in it. */
static int make_scratch(struct loads *loads, struct err *err)
{
	char link[64], path[4096];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", loads->directory);
	ssize_t size = readlink(link, path, sizeof(path) - 1);
	if (size < 0)
		return err_set(err, -errno, "%s: cannot be read: %s", link, strerror(errno));
	loads->scratch = talloc_asprintf(loads, "%.*s/scratch", (int)size, path);
	return directory_make(loads->directory, "scratch", err);
}

/* --- starting ---------------------------------------------------------------------------- */

static int watch_end(struct loads *loads, int pid_fd, struct err *err)
{
	struct epoll_event event = {.events = EPOLLIN};

	if (epoll_ctl(loads->any_ended, EPOLL_CTL_ADD, pid_fd, &event) < 0)
		return err_set(err, -errno, "a load cannot be watched: %s", strerror(errno));
	return 0;
}

static int start(struct loads *loads, const char *name, struct err *err)
{
	char *output_name = talloc_asprintf(loads, "load-%s.out", name);
	autoclose int output = openat(
		loads->directory, output_name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct running *running = &loads->running[loads->count];
	char *scratch = talloc_asprintf(loads, "%s/%s", loads->scratch, name);

	if (output < 0)
		return err_set(err, -errno, "%s: cannot be made: %s", output_name, strerror(errno));
	running->load = load_find(name);
	running->argv =
		load_argv(loads, running->load, (int)sysconf(_SC_NPROCESSORS_ONLN), scratch);
	struct spawn_options options = spawn_options(running->argv);
	options.output_fd = output;
	int r = directory_make(AT_FDCWD, scratch, err);
	if (r == 0)
		r = spawn_start(&options, &running->spawned, err);
	if (r < 0)
		return r;
	loads->count++;
	return watch_end(loads, running->spawned.pid_fd, err);
}

/* The last line that a load printed, for the sentence of an error. */
static char *last_words(void *ctx, int directory, const char *name)
{
	char *words, *path = talloc_asprintf(ctx, "load-%s.out", name);

	if (file_read_line(ctx, directory, path, &words, NULL) < 0)
		return talloc_strdup(ctx, "");
	const char *newline = strrchr(words, '\n');
	return newline ? talloc_strdup(ctx, newline + 1) : words;
}

static int complain_ended(const struct loads *loads, const struct running *running,
	const struct spawn_result *result, struct err *err)
{
	void *ctx = talloc_new(NULL);
	int r = err_set(err, -ECHILD, "load %s %s before the measurement was over: %.200s",
		running->load->name, spawn_describe(ctx, result),
		last_words(ctx, loads->directory, running->load->name));

	talloc_free(ctx);
	return r;
}

static bool any_ended(const struct loads *loads, int milliseconds)
{
	struct pollfd ended = {.fd = loads->any_ended, .events = POLLIN};

	return poll(&ended, 1, milliseconds) > 0;
}

static int start_all(struct loads *loads, char *const *names, struct err *err)
{
	int r = make_scratch(loads, err);

	for (; r == 0 && *names; names++)
		r = start(loads, *names, err);
	if (r == 0 && any_ended(loads, SETTLE_MS))
		r = -EIO; /* loads_stop() says which one, and why */
	loads->began = boottime();
	for (unsigned i = 0; i < loads->count; i++)
		loads->running[i].cpu_before =
			group_cpu_seconds(loads->root, loads->running[i].spawned.pid);
	return r;
}

static int close_loads(struct loads *loads)
{
	close_fd(&loads->any_ended);
	close_fd(&loads->root);
	return 0;
}

int loads_start(void *ctx, const struct experiment *experiment, int directory, struct loads **ret,
	struct err *err)
{
	struct loads *loads = talloc_zero(ctx, struct loads);
	unsigned count = 0;
	int r = 0;

	loads->directory = directory;
	loads->root = open("/", O_PATH | O_CLOEXEC);
	loads->any_ended = -1;
	talloc_set_destructor(loads, close_loads);
	while (experiment->load_place == LOAD_HOST && experiment->load[count])
		count++;
	if (count > 0) {
		loads->running = talloc_zero_array(loads, struct running, count);
		loads->any_ended = epoll_create1(EPOLL_CLOEXEC);
		r = start_all(loads, experiment->load, err);
	}
	if (r < 0) {
		/* -EIO: one has ended, and which one is told there. */
		loads_stop(loads, NULL, r == -EIO ? err : NULL);
		talloc_free(loads);
		return r;
	}
	loads->all_run = true;
	*ret = loads;
	return 0;
}

int loads_fd(const struct loads *loads)
{
	return loads->any_ended;
}

/* --- stopping ---------------------------------------------------------------------------- */

/* The last of a load's processes may still be dying: they would be part of what comes next, and
 * write into the scratch that is removed. Who reaps them is not us. */
static void wait_until_gone(pid_t group)
{
	for (int waits = 0; waits < GONE_WAITS && kill(-group, 0) == 0; waits++)
		poll(NULL, 0, GONE_WAIT_MS);
}

/* `prove`: it had the time to use some. */
static int stop(struct loads *loads, struct running *running, double seconds, bool prove,
	json_t *list, struct err *err)
{
	double used = group_cpu_seconds(loads->root, running->spawned.pid) - running->cpu_before;
	struct spawn_result result = {SPAWN_CANCELLED, 0};
	int r = spawn_stop(&running->spawned, &result, err);
	wait_until_gone(running->spawned.pid);
	bool ran = result.how == SPAWN_CANCELLED;
	char *status = ran ? talloc_strdup(loads, "ran until it was stopped")
			   : spawn_describe(loads, &result);

	json_array_append_new(
		list, load_proof_json(&(struct load_proof){running->load->name,
			      load_line(loads, running->argv), ran, used, seconds, status}));
	if (r == 0 && !ran)
		r = complain_ended(loads, running, &result, err);
	if (r < 0 || !prove)
		return r;
	return load_proof_check(running->load->name, used, seconds, err);
}

int loads_stop(struct loads *loads, json_t **ret_json, struct err *err)
{
	double seconds = boottime() - loads->began;
	json_t *list = json_array();
	int first = 0;

	for (unsigned i = 0; i < loads->count; i++) {
		int r = stop(loads, &loads->running[i], seconds, loads->all_run, list,
			first < 0 ? NULL : err);
		first = first < 0 ? first : r;
	}
	loads->count = 0;
	int r = loads->scratch ? remove_scratch(loads->scratch, first < 0 ? NULL : err) : 0;
	if (ret_json && json_array_size(list) > 0)
		*ret_json = json_pack("{s:s, s:o}", "place", "host", "loads", list);
	else
		json_decref(list);
	return first < 0 ? first : r;
}
