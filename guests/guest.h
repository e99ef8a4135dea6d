/* SPDX-License-Identifier: MIT */
/*
 * What KVM and Xen guests have in common: image, command line, console, answer.
 */
#ifndef GUESTS_GUEST_H
#define GUESTS_GUEST_H

#include "base/digest.h"
#include "base/spawn.h"
#include "guests/platform.h"

/* A guest that is about to run. Strings are talloc children of the context given to
 * guest_prepare(). */
struct guest {
	const struct measurement *measurement;
	const struct experiment *experiment;
	char nonce[TOKEN_HEX + 1]; /* marks this guest's answer */
	char *cmdline;             /* of its kernel */
	char *directory;           /* path of the run's directory, for programs: /proc/PID/fd/N */
	char *image;               /* path of its initramfs */
};

/* cyclictest's options for an experiment, separated by `separator` ("-q,-m,..."); a talloc child
 * of `ctx`. Pure. */
char *guest_cyclictest(void *ctx, const struct cyclictest *cyclictest, char separator);

/* Draws a nonce, writes the image into the run's directory, makes the command line. */
int guest_prepare(void *ctx, const struct measurement *measurement, const char *console,
	struct guest *ret, struct err *err);

/* Runs `argv`, which has to bring the guest's console to its stdout and to end with the guest;
 * takes the answer and checks what really ran, see platform.measure. */
int guest_run(
	const struct guest *guest, const char *const *argv, json_t **ret_found, struct err *err);

/* How a program that measures ended, as an error unless it exited with 0. */
int guest_check_end(const struct spawn_result *result, const char *what, struct err *err);

#endif
