/* SPDX-License-Identifier: MIT */
/*
 * What KVM and Xen guests have in common: image, command line, console, answer.
 */
#ifndef GUESTS_GUEST_H
#define GUESTS_GUEST_H

#include "base/digest.h"
#include "base/spawn.h"
#include "guests/platform.h"

#define GUEST_CONSOLE_LIMIT ((size_t)64 << 20)

/* A guest that is about to run. Strings are talloc children of the context given to
 * guest_prepare(). */
struct guest {
	const struct measurement *measurement;
	const struct experiment *experiment;
	const char *name;          /* "guest", "neighbour-1", ...: of its domain and its files */
	const char *console;       /* where its kernel prints: "ttyS0", "hvc0" */
	char nonce[TOKEN_HEX + 1]; /* marks this guest's answer */
	char *cmdline;             /* of its kernel */
	char *directory;           /* path of the run's directory, for programs: /proc/PID/fd/N */
	char *image;               /* path of its initramfs */
};

/* Draws a nonce, writes the image into the run's directory, makes the command line. */
int guest_prepare(void *ctx, const struct measurement *measurement, const char *console,
	struct guest *ret, struct err *err);

/* The program that brings the guest's console to its stdout and ends with the guest. */
struct guest_console {
	const char *const *argv;
	int keep_fd; /* see spawn_options, as the next three */
	size_t output_limit;
	int (*started)(void *argument, pid_t pid, struct err *err);
	void *argument; /* of started() */
};

/* Runs that program, takes the answer and checks what really ran, see platform.measure. When
 * `beside_fd` (-1: none) becomes readable, something that has to run beside the guest has ended,
 * and so does the measurement. */
int guest_run(const struct guest *guest, const struct guest_console *console, int beside_fd,
	json_t **ret_found, struct err *err);

/* Adds to the sentence of an error what `file` in the run's directory, a console, says last. */
void guest_quote(const struct guest *guest, const char *file, struct err *err);

/* How a program that measures ended, as an error unless it exited with 0. */
int guest_check_end(const struct spawn_result *result, const char *what, struct err *err);

#endif
