/* SPDX-License-Identifier: MIT */
#ifndef DISTRIBUTIONS_WORK_H
#define DISTRIBUTIONS_WORK_H

#include "base/err.h"

/* Where programs that change the machine leave all that they print. */
struct work {
	int log;              /* descriptor, open for reading and appending */
	const char *log_path; /* for a person */
};

/* Opens the log (made when it is not there) below the descriptor `dir`; `name` is told to a person.
 * The caller closes work->log. */
int work_open(int dir, const char *path, const char *name, struct work *ret, struct err *err);

/*
 * Runs a program with its output in the log. Anything but exit status 0 is an error whose sentence
 * names the program, what went wrong as far as the output tells (a held lock -EBUSY, no network
 * -ENETUNREACH, a package that nobody has -ENOENT, a full disk -ENOSPC, else -EIO) and the log.
 * `ret_output` (a talloc child of `ctx`) may be NULL.
 */
int work_run(void *ctx, const struct work *work, const char *const *argv, int timeout_seconds,
	char **ret_output, struct err *err);

/* The same of a program that says what is wanted and fails by design: how it ends does not matter.
 * The output, "" when there is none. */
char *work_try(void *ctx, const struct work *work, const char *const *argv, int timeout_seconds);

/* What a failed package manager's output says: one of the codes above, and in `ret_line` the line
 * of the output that tells, as a talloc child of `ctx`. Pure. */
int work_blame(void *ctx, const char *output, char **ret_line);

#endif
