/* SPDX-License-Identifier: MIT */
/*
 * Runs a program: no shell, own process group, a deadline, output to descriptors, a clean
 * environment. The caller sleeps in poll(2) until the program ends, the deadline passes or it is
 * told to cancel.
 */
#ifndef BASE_SPAWN_H
#define BASE_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/* Where programs are looked up. */
#define SPAWN_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

enum spawn_how {
	SPAWN_EXITED,      /* code: the exit status, 0..255 */
	SPAWN_SIGNALLED,   /* code: the signal's number */
	SPAWN_TIMED_OUT,   /* the deadline passed; the whole process group was killed */
	SPAWN_NOT_BEGUN,   /* has_begun() said no; the whole process group was killed */
	SPAWN_CANCELLED,   /* cancel_fd became readable; the whole process group was killed */
	SPAWN_LEFT_ALONE,  /* beside_fd became readable; the whole process group was killed */
	SPAWN_TOO_MUCH,    /* wrote beyond output_limit, which killed it (SIGXFSZ) */
	SPAWN_NOT_STARTED, /* code: the errno of execve or fork */
};

struct spawn_options {
	const char *const *argv; /* argv[0] without a slash is looked up in our PATH */
	int output_fd;           /* gets stdout and stderr; -1: /dev/null */
	int keep_fd;             /* stays open in the program, under its number; -1: none */
	int directory;           /* its working directory; -1: ours */
	int timeout_seconds;     /* > 0, from the start on, begin_seconds included */
	int cancel_fd;           /* readable = cancel; -1: none */
	int beside_fd;           /* readable = what has to run beside it has ended; -1: none */
	bool leaves_daemon;      /* what it leaves in its group when it exits may live on */
	size_t output_limit;     /* RLIMIT_FSIZE of the program in bytes; 0: no limit */

	/* Called once, as soon as the program runs. When it fails, the whole process group is
	 * killed and its error is spawn_run's. NULL: not called. */
	int (*started)(void *argument, pid_t pid, struct err *err);

	/* Asked once, after this many seconds: a program that has not begun its work by then will
	 * hardly do so. NULL: not asked. */
	bool (*has_begun)(void *argument);
	void *argument;    /* of both */
	int begin_seconds; /* > 0, below timeout_seconds */
};

/* Options that ask for nothing but the program: each descriptor is -1. Never begin with others: a
 * descriptor that is forgotten is 0 there, and that is stdin. */
struct spawn_options spawn_options(const char *const *argv);

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

/* A program that runs beside others until it is stopped. */
struct spawned {
	pid_t pid;  /* leads its process group */
	int pid_fd; /* readable = it has ended */
	int stdin_fd;
};

/* Starts such a program. Of the options argv, output_fd, keep_fd and output_limit count. A program
 * that cannot be started is an error. */
int spawn_start(const struct spawn_options *options, struct spawned *ret, struct err *err);

/* Kills the program with its whole process group and tells how it ended: SPAWN_CANCELLED when it
 * still ran. */
int spawn_stop(struct spawned *spawned, struct spawn_result *ret, struct err *err);

/* Whether the program has ended by itself. */
bool spawn_has_ended(const struct spawned *spawned);

/*
 * Runs a program of the host that has to succeed, and reads its stdout and stderr as a talloc child
 * of `ctx`: at most 1 MiB, which is also the most that a file may get which it writes. Anything but
 * exit status 0 is an error whose sentence names the command, how it ended and the last line that
 * it printed. `ret_output` may be NULL.
 */
int spawn_read(void *ctx, const char *const *argv, int timeout_seconds, char **ret_output,
	struct err *err);

/* The same for a program that writes files of its own into the folder `directory`, which it runs
 * in. spawn_read() would bound their size as well. */
int spawn_in(int directory, const char *const *argv, int timeout_seconds, struct err *err);

/* The same for a program that leaves a process in the background, which may write as much. */
int spawn_daemon(const char *const *argv, int timeout_seconds, struct err *err);

/* "exited with status 3", "was killed by signal 9 (Killed)", ... as a talloc child of `ctx`. */
char *spawn_describe(void *ctx, const struct spawn_result *result);

#endif
