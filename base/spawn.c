/* SPDX-License-Identifier: MIT */
#include "base/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"

/* Programs print in one language wherever we run, and nothing of the caller's leaks into them. */
static const char *const clean_environment[] = {
	"PATH=" SPAWN_PATH,
	"LC_ALL=C",
	"HOME=/root",
	NULL,
};

struct spawn_options spawn_options(const char *const *argv)
{
	return (struct spawn_options){.argv = argv,
		.output_fd = -1,
		.keep_fd = -1,
		.directory = -1,
		.cancel_fd = -1,
		.beside_fd = -1};
}

static void child(const struct spawn_options *options, int stdin_fd, int output_fd, int report_fd)
{
	struct rlimit limit = {options->output_limit, options->output_limit};
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* The kernel bounds the output, so that nobody has to wake up to look at its size. */
	if (options->output_limit > 0)
		setrlimit(RLIMIT_FSIZE, &limit);
	setpgid(0, 0);
	/* Nothing goes on when the runner dies. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (options->keep_fd >= 0)
		fcntl(options->keep_fd, F_SETFD, 0);
	bool there = options->directory < 0 || fchdir(options->directory) == 0;
	if (there && dup2(stdin_fd, 0) >= 0 && dup2(output_fd, 1) >= 0 && dup2(output_fd, 2) >= 0)
		execvpe(options->argv[0], (char *const *)options->argv,
			(char *const *)clean_environment);
	int code = errno;
	if (write(report_fd, &code, sizeof(code)) < 0)
		_exit(126);
	_exit(127);
}

/* Forks and waits for the exec: the report pipe closes on success and carries errno otherwise. */
static int start(const struct spawn_options *options, int stdin_fd, pid_t *ret_pid, int *ret_errno)
{
	int report[2];
	autoclose int null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null_fd < 0 || pipe2(report, O_CLOEXEC) < 0)
		return -errno;
	pid_t pid = fork();
	if (pid == 0)
		child(options, stdin_fd, options->output_fd >= 0 ? options->output_fd : null_fd,
			report[1]);
	int code = errno;
	close(report[1]);
	if (pid > 0) {
		setpgid(pid, pid);
		if (read(report[0], &code, sizeof(code)) != (ssize_t)sizeof(code))
			code = 0;
	}
	close(report[0]);
	*ret_pid = pid;
	*ret_errno = code;
	return 0;
}

static int set_timer(int timer, int seconds)
{
	struct itimerspec when = {.it_value = {.tv_sec = seconds}};

	return timerfd_settime(timer, 0, &when, NULL) < 0 ? -errno : 0;
}

/* Sleeps until the child ends or has to be ended: no tick disturbs a measured CPU. */
static int wait_for_event(
	const struct spawn_options *options, int pid_fd, int timer, enum spawn_how *ret_how)
{
	struct pollfd wait_for[] = {
		{.fd = pid_fd, .events = POLLIN},
		{.fd = timer, .events = POLLIN},
		{.fd = options->cancel_fd, .events = POLLIN},
		{.fd = options->beside_fd, .events = POLLIN},
	};

	while (poll(wait_for, 4, -1) < 0)
		if (errno != EINTR)
			return -errno;
	if (wait_for[0].revents)
		*ret_how = SPAWN_EXITED;
	else if (wait_for[1].revents)
		*ret_how = SPAWN_TIMED_OUT;
	else
		*ret_how = wait_for[2].revents ? SPAWN_CANCELLED : SPAWN_LEFT_ALONE;
	return 0;
}

static int watch(
	const struct spawn_options *options, int pid_fd, int timer, enum spawn_how *ret_how)
{
	int first = options->has_begun ? options->begin_seconds : options->timeout_seconds;
	int r = set_timer(timer, first);

	if (r == 0)
		r = wait_for_event(options, pid_fd, timer, ret_how);
	if (r < 0 || *ret_how != SPAWN_TIMED_OUT || !options->has_begun)
		return r;
	*ret_how = SPAWN_NOT_BEGUN;
	if (!options->has_begun(options->argument))
		return 0;
	r = set_timer(timer, options->timeout_seconds - first);
	return r == 0 ? wait_for_event(options, pid_fd, timer, ret_how) : r;
}

static int reap(pid_t pid, enum spawn_how how, bool spare, struct spawn_result *ret)
{
	int status;

	if (!spare)
		kill(-pid, SIGKILL); /* whatever the child left behind in its group goes too */
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	*ret = (struct spawn_result){.how = how};
	if (how == SPAWN_EXITED && WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ)
		ret->how = SPAWN_TOO_MUCH;
	else if (how == SPAWN_EXITED && WIFSIGNALED(status))
		*ret = (struct spawn_result){SPAWN_SIGNALLED, WTERMSIG(status)};
	else if (how == SPAWN_EXITED)
		ret->code = WEXITSTATUS(status);
	return 0;
}

/* Forks; `ret_code` is the errno of a program that could not be started, 0 otherwise. */
static int fork_program(
	const struct spawn_options *options, struct spawned *ret, int *ret_code, struct err *err)
{
	int input[2];
	struct spawn_result result;

	if (pipe2(input, O_CLOEXEC) < 0)
		return err_set(err, -errno, "%s: no pipe: %s", options->argv[0], strerror(errno));
	autoclose int read_end = input[0];
	/* The write end is held open: see the header about stdin. */
	struct spawned spawned = {.pid = -1, .pid_fd = -1, .stdin_fd = input[1]};
	int r = start(options, read_end, &spawned.pid, ret_code);

	if (r == 0 && *ret_code == 0)
		spawned.pid_fd = (int)syscall(SYS_pidfd_open, spawned.pid, 0);
	if (spawned.pid_fd >= 0) {
		*ret = spawned;
		return 0;
	}
	if (r == 0 && *ret_code == 0)
		r = -errno;
	close_fd(&spawned.stdin_fd);
	if (spawned.pid > 0)
		reap(spawned.pid, SPAWN_CANCELLED, false, &result);
	return r < 0 ? err_set(err, r, "%s: cannot be run: %s", options->argv[0], strerror(-r)) : 0;
}

static int end(struct spawned *spawned, enum spawn_how how, bool spare, struct spawn_result *ret)
{
	int r = reap(spawned->pid, how, spare, ret);

	close_fd(&spawned->pid_fd);
	close_fd(&spawned->stdin_fd);
	return r;
}

int spawn_start(const struct spawn_options *options, struct spawned *ret, struct err *err)
{
	int code = 0;
	int r = fork_program(options, ret, &code, err);

	if (r == 0 && code != 0)
		return err_set(err, -code, "%s could not be started: %s", options->argv[0],
			strerror(code));
	return r;
}

bool spawn_has_ended(const struct spawned *spawned)
{
	struct pollfd ended = {.fd = spawned->pid_fd, .events = POLLIN};

	return poll(&ended, 1, 0) > 0;
}

int spawn_stop(struct spawned *spawned, struct spawn_result *ret, struct err *err)
{
	int r = end(spawned, spawn_has_ended(spawned) ? SPAWN_EXITED : SPAWN_CANCELLED, false, ret);

	return r < 0 ? err_set(err, r, "a program cannot be waited for: %s", strerror(-r)) : 0;
}

/* Watches over a program that runs, to its end. */
static int run_started(const struct spawn_options *options, struct spawned *spawned,
	struct spawn_result *ret, struct err *err)
{
	autoclose int timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
	enum spawn_how how = SPAWN_CANCELLED;
	int refused = options->started ? options->started(options->argument, spawned->pid, err) : 0;
	int r = timer < 0 ? -errno : 0;

	if (r == 0 && refused == 0)
		r = watch(options, spawned->pid_fd, timer, &how);
	int reaped = end(spawned, how, options->leaves_daemon && how == SPAWN_EXITED, ret);
	if (refused < 0)
		return refused;
	if (r == 0)
		r = reaped;
	if (r < 0)
		return err_set(err, r, "%s: cannot be run: %s", options->argv[0], strerror(-r));
	return 0;
}

int spawn_run(const struct spawn_options *options, struct spawn_result *ret, struct err *err)
{
	struct spawned spawned = {.pid = -1, .pid_fd = -1, .stdin_fd = -1};
	int code = 0;
	int r = fork_program(options, &spawned, &code, err);

	if (r < 0)
		return r;
	if (code != 0) {
		*ret = (struct spawn_result){SPAWN_NOT_STARTED, code};
		return 0;
	}
	return run_started(options, &spawned, ret, err);
}

char *spawn_describe(void *ctx, const struct spawn_result *result)
{
	switch (result->how) {
	case SPAWN_EXITED:
		return talloc_asprintf(ctx, "exited with status %d", result->code);
	case SPAWN_SIGNALLED:
		return talloc_asprintf(
			ctx, "was killed by signal %d (%s)", result->code, strsignal(result->code));
	case SPAWN_TIMED_OUT:
		return talloc_strdup(ctx, "did not end before its deadline and was killed");
	case SPAWN_NOT_BEGUN:
		return talloc_strdup(ctx, "did not begin its work in time and was killed");
	case SPAWN_CANCELLED:
		return talloc_strdup(ctx, "was cancelled");
	case SPAWN_LEFT_ALONE:
		return talloc_strdup(ctx, "was killed because what ran beside it ended");
	case SPAWN_TOO_MUCH:
		return talloc_strdup(ctx, "printed more than its limit and was killed");
	case SPAWN_NOT_STARTED:
		break;
	}
	return talloc_asprintf(ctx, "could not be started: %s", strerror(result->code));
}
