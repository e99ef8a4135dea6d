/* SPDX-License-Identifier: MIT */
/*
 * A conversation with QEMU's monitor, see QEMU's qmp-spec: one JSON object a line, over a
 * connected socket.
 */
#ifndef GUESTS_QMP_H
#define GUESTS_QMP_H

#include <jansson.h>
#include <sys/types.h>

#include "base/err.h"

struct qmp;

/* What a line from QEMU is. */
enum qmp_kind {
	QMP_GREETING,
	QMP_RETURN, /* its value is what a command returned */
	QMP_ERROR,  /* its value is an object with a string "desc" */
	QMP_EVENT,
};

/* Tells what a line is; `ret_value` is a new reference for QMP_RETURN and QMP_ERROR, else NULL.
 * -EBADMSG for anything else. Pure. */
int qmp_parse(const char *line, size_t size, enum qmp_kind *ret_kind, json_t **ret_value,
	struct err *err);

/* One virtual CPU: its index, the thread that runs it, and its name in QEMU's tree of objects. */
struct qmp_cpu {
	int64_t index;
	pid_t thread;
	const char *path; /* belongs to the JSON */
};

/* The CPUs in what query-cpus-fast returned, sorted by index; a talloc child of `ctx`. -EBADMSG
 * when it is something else. Pure. */
int qmp_cpus(void *ctx, const json_t *returned, struct qmp_cpu **ret, unsigned *ret_count,
	struct err *err);

/*
 * Waits for the greeting and leaves the negotiation of capabilities; the conversation is a talloc
 * child of `ctx` and borrows `fd`. No answer takes longer than `timeout_seconds`, and a readable
 * `cancel_fd` (-1: none) ends it with -ECANCELED.
 */
int qmp_open(
	void *ctx, int fd, int timeout_seconds, int cancel_fd, struct qmp **ret, struct err *err);

/* Executes a command and waits for what it returns (new reference; `ret` may be NULL). Takes over
 * `arguments`, which may be NULL. */
int qmp_execute(
	struct qmp *qmp, const char *command, json_t *arguments, json_t **ret, struct err *err);

#endif
