/* SPDX-License-Identifier: MIT */
#include "base/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"

/* Programs print in one language wherever we run, and nothing of the caller's leaks into them. */
static const char *const clean_environment[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"LC_ALL=C",
	"HOME=/root",
	NULL,
};

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
	if (dup2(stdin_fd, 0) >= 0 && dup2(output_fd, 1) >= 0 && dup2(output_fd, 2) >= 0)
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

/* Sleeps until the child ends or has to be ended: no tick disturbs a measured CPU. */
static int watch(
	const struct spawn_options *options, int pid_fd, int timer, enum spawn_how *ret_how)
{
	struct pollfd wait_for[] = {
		{.fd = pid_fd, .events = POLLIN},
		{.fd = timer, .events = POLLIN},
		{.fd = options->cancel_fd, .events = POLLIN},
	};

	while (poll(wait_for, 3, -1) < 0)
		if (errno != EINTR)
			return -errno;
	if (wait_for[0].revents)
		*ret_how = SPAWN_EXITED;
	else
		*ret_how = wait_for[1].revents ? SPAWN_TIMED_OUT : SPAWN_CANCELLED;
	return 0;
}

static int reap(pid_t pid, enum spawn_how how, struct spawn_result *ret)
{
	int status;

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

static int run_child(const struct spawn_options *options, pid_t pid, struct spawn_result *ret)
{
	autoclose int pid_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	autoclose int timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
	struct itimerspec deadline = {.it_value = {.tv_sec = options->timeout_seconds}};
	enum spawn_how how = SPAWN_CANCELLED;
	int r = 0;

	if (pid_fd < 0 || timer < 0 || timerfd_settime(timer, 0, &deadline, NULL) < 0)
		r = -errno;
	if (r == 0)
		r = watch(options, pid_fd, timer, &how);
	int reaped = reap(pid, how, ret);
	return r < 0 ? r : reaped;
}

int spawn_run(const struct spawn_options *options, struct spawn_result *ret, struct err *err)
{
	int input[2], code = 0;
	pid_t pid = -1;

	if (pipe2(input, O_CLOEXEC) < 0)
		return err_set(err, -errno, "%s: no pipe: %s", options->argv[0], strerror(errno));
	autoclose int read_end = input[0];
	autoclose int write_end = input[1]; /* held open: see the header about stdin */
	(void)write_end;
	int r = start(options, read_end, &pid, &code);
	if (r == 0 && code != 0) {
		if (pid > 0)
			waitpid(pid, NULL, 0);
		*ret = (struct spawn_result){SPAWN_NOT_STARTED, code};
		return 0;
	}
	if (r == 0)
		r = run_child(options, pid, ret);
	if (r < 0)
		return err_set(err, r, "%s: cannot be run: %s", options->argv[0], strerror(-r));
	return 0;
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
	case SPAWN_CANCELLED:
		return talloc_strdup(ctx, "was cancelled");
	case SPAWN_TOO_MUCH:
		return talloc_strdup(ctx, "printed more than its limit and was killed");
	case SPAWN_NOT_STARTED:
		break;
	}
	return talloc_asprintf(ctx, "could not be started: %s", strerror(result->code));
}

/* The last line that is not empty, for the sentence of an error. */
static const char *last_line(char *output)
{
	size_t size = strlen(output);

	while (size > 0 && strchr(" \r\n", output[size - 1]))
		output[--size] = '\0';
	const char *newline = strrchr(output, '\n');
	return newline ? newline + 1 : output;
}

static char *join(void *ctx, const char *const *argv)
{
	char *line = talloc_strdup(ctx, argv[0]);

	for (argv++; *argv; argv++)
		line = talloc_asprintf_append(line, " %s", *argv);
	return line;
}

#define READ_LIMIT ((size_t)1 << 20)

int spawn_read(
	void *ctx, const char *const *argv, int timeout_seconds, char **ret_output, struct err *err)
{
	autoclose int fd = memfd_create("output", MFD_CLOEXEC);
	struct spawn_options options = {argv, fd, timeout_seconds, -1, READ_LIMIT};
	struct spawn_result result = {SPAWN_NOT_STARTED, 0};
	char *output = NULL;

	if (fd < 0)
		return err_set(err, -errno, "%s: no memory file: %s", argv[0], strerror(errno));
	int r = spawn_run(&options, &result, err);
	if (r < 0)
		return r;
	char *self = talloc_asprintf(ctx, "/proc/self/fd/%d", fd);
	r = file_read(ctx, AT_FDCWD, self, 2 * READ_LIMIT, &output, NULL, err);
	talloc_free(self);
	if (r < 0)
		return r;
	if (result.how != SPAWN_EXITED || result.code != 0)
		return err_set(err, -EIO, "%s: %s: %s", join(output, argv),
			spawn_describe(output, &result), last_line(output));
	if (ret_output)
		*ret_output = output;
	return 0;
}
