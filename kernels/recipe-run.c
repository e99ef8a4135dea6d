/* SPDX-License-Identifier: MIT */
/* Programs that build: watched, told about, and ended with us. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"
#include "base/spawn.h"
#include "kernels/recipe-parts.h"

#define STEP_SECONDS ((time_t)12 * 3600) /* a whole distribution's kernel on one slow CPU */
#define TELL_MS 500
#define LINE_LIMIT 300

void building_tell(
	const struct building *building, const char *phase, unsigned done, unsigned total)
{
	if (building->progress)
		building->progress(
			building->argument, phase, total > 0 && done > total ? total : done, total);
}

/* How many lines stand in the log beyond `*offset`, which moves on. */
static unsigned new_lines(int log, off_t *offset)
{
	char buffer[65536];
	unsigned lines = 0;
	ssize_t n;

	while ((n = pread(log, buffer, sizeof(buffer), *offset)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			lines += buffer[i] == '\n';
		*offset += n;
	}
	return lines;
}

struct watched {
	const struct building *building;
	const char *phase;
	struct spawned spawned;
	int signals;
	off_t begin; /* of its output in the log */
	unsigned total;
};

/* Sleeps until the program ends (0), a person ends us (-EINTR) or it takes too long. */
static int watch(const struct watched *watched)
{
	struct pollfd wait_for[] = {
		{.fd = watched->spawned.pid_fd, .events = POLLIN},
		{.fd = watched->signals, .events = POLLIN},
	};
	time_t deadline = time(NULL) + STEP_SECONDS;
	off_t offset = watched->begin;
	unsigned done = 0;

	while (!wait_for[0].revents) {
		done += new_lines(watched->building->log, &offset);
		building_tell(watched->building, watched->phase, done, watched->total);
		if (poll(wait_for, 2, TELL_MS) < 0 && errno != EINTR)
			return -errno;
		if (wait_for[1].revents)
			return -EINTR;
		if (time(NULL) > deadline)
			return -ETIMEDOUT;
	}
	return 0;
}

/* The first line of the program's output that names an error; else its last one. */
static char *telling_line(void *ctx, int log, off_t begin)
{
	static const char *const words[] = {
		"error:", "Error ", "ERROR", "*** ", "FAILED", "rror: "};
	char *text = talloc_size(ctx, 4 << 20), *rest, *last = talloc_strdup(ctx, "");
	ssize_t size = pread(log, text, (4 << 20) - 1, begin);

	text[size > 0 ? size : 0] = '\0';
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
			if (strstr(line, words[i]))
				return talloc_strndup(ctx, line, LINE_LIMIT);
		last = line;
	}
	return talloc_strndup(ctx, last, LINE_LIMIT);
}

static int tell_failure(const struct watched *watched, const char *program,
	const struct spawn_result *result, struct err *err)
{
	const struct building *building = watched->building;

	return err_set(err, -EIO, "kernel %s: %s: %s %s: %s (all of it is in %s)",
		building->recipe->name, watched->phase, program,
		spawn_describe(building->ctx, result),
		telling_line(building->ctx, building->log, watched->begin), building->log_path);
}

static int finish(struct watched *watched, const char *program, int watched_as, struct err *err)
{
	struct spawn_result result;
	int r = spawn_stop(&watched->spawned, &result, err);

	if (watched_as == -EINTR)
		return err_set(err, -EINTR, "kernel %s: the build was interrupted",
			watched->building->recipe->name);
	if (watched_as < 0)
		return err_set(err, watched_as, "kernel %s: %s: %s: %s",
			watched->building->recipe->name, watched->phase, program,
			strerror(-watched_as));
	if (r == 0 && (result.how != SPAWN_EXITED || result.code != 0))
		return tell_failure(watched, program, &result, err);
	return r;
}

int building_run(struct building *building, const char *phase, const char *const *argv,
	unsigned total, struct err *err)
{
	struct spawn_options options = spawn_options(argv);
	struct watched watched = {.building = building,
		.phase = phase,
		.begin = lseek(building->log, 0, SEEK_END),
		.total = total};
	sigset_t ending, before;

	options.output_fd = building->log;
	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	sigprocmask(SIG_BLOCK, &ending, &before);
	autoclose int signals = signalfd(-1, &ending, SFD_CLOEXEC);
	watched.signals = signals;
	int r = spawn_start(&options, &watched.spawned, err);
	if (r == 0) {
		/* Who asks gets an end of file, and takes what it proposed: localmodconfig does. */
		close_fd(&watched.spawned.stdin_fd);
		r = finish(&watched, argv[0], watch(&watched), err);
	}
	struct signalfd_siginfo taken;
	if (r == -EINTR && read(signals, &taken, sizeof(taken)) < 0)
		r = -errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

const char *const *building_make(const struct building *building, const char *const *targets)
{
	/* The same inputs make the same image: nothing of when, where and by whom. */
	const char *const always[] = {"make", "-C", building->tree,
		talloc_asprintf(building->ctx, "-j%ld", sysconf(_SC_NPROCESSORS_ONLN)),
		"KBUILD_BUILD_TIMESTAMP=Thu Jan  1 00:00:00 UTC 1970",
		"KBUILD_BUILD_USER=latcampaign", "KBUILD_BUILD_HOST=latcampaign",
		"KBUILD_BUILD_VERSION=1", "LOCALVERSION="};
	unsigned count = sizeof(always) / sizeof(*always), more = 0;

	while (targets[more])
		more++;
	const char **argv = talloc_zero_array(building->ctx, const char *, count + more + 1);
	memcpy(argv, always, sizeof(always));
	memcpy(argv + count, targets, more * sizeof(*targets));
	return argv;
}
