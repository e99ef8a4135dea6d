/* SPDX-License-Identifier: MIT */
/*
 * Runs a program: no shell, own process group, a deadline, output to descriptors, a clean
 * environment. The caller sleeps in poll(2) until the program ends, the deadline passes or it is
 * told to cancel.
 */
#ifndef BASE_SPAWN_H
#define BASE_SPAWN_H

#include <stddef.h>

#include "base/err.h"

enum spawn_how {
	SPAWN_EXITED,      /* code: the exit status, 0..255 */
	SPAWN_SIGNALLED,   /* code: the signal's number */
	SPAWN_TIMED_OUT,   /* the deadline passed; the whole process group was killed */
	SPAWN_CANCELLED,   /* cancel_fd became readable; the whole process group was killed */
	SPAWN_TOO_MUCH,    /* wrote beyond output_limit, which killed it (SIGXFSZ) */
	SPAWN_NOT_STARTED, /* code: the errno of execve or fork */
};

struct spawn_options {
	const char *const *argv; /* argv[0] is looked up in PATH when it has no slash */
	int output_fd;           /* gets stdout and stderr; -1: /dev/null */
	int timeout_seconds;     /* > 0 */
	int cancel_fd;           /* readable = cancel; -1: none */
	size_t output_limit;     /* RLIMIT_FSIZE of the program in bytes; 0: no limit */
};

struct spawn_result {
	enum spawn_how how;
	int code;
};

/*
 * Runs the program to its end. Returns 0 when it is known how it ended (see `ret`), a negative
 * errno when the runner itself failed (pipe, poll). The child's stdin is a pipe that nobody
 * writes to: it neither delivers an end of file (xl console ends at one) nor a terminal.
 */
int spawn_run(const struct spawn_options *options, struct spawn_result *ret, struct err *err);

/*
 * Runs a program of the host that has to succeed, and reads its stdout and stderr (at most 1 MiB)
 * as a talloc child of `ctx`. Anything but exit status 0 is an error whose sentence names the
 * command, how it ended and the last line that it printed. `ret_output` may be NULL.
 */
int spawn_read(void *ctx, const char *const *argv, int timeout_seconds, char **ret_output,
	struct err *err);

/* "exited with status 3", "was killed by signal 9 (Killed)", ... as a talloc child of `ctx`. */
char *spawn_describe(void *ctx, const struct spawn_result *result);

#endif
