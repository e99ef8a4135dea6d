/* SPDX-License-Identifier: MIT */
/*
 * Keeping the machine's default boot what it is while kernels and hypervisors are installed: one
 * table of operations for each way, one file each; home_keeper_get() is the only place that
 * chooses.
 *
 * `root` is everywhere a path that stands before /boot and /etc: "" on the real machine.
 */
#ifndef DISTRIBUTIONS_HOME_H
#define DISTRIBUTIONS_HOME_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "distributions/work.h"

/* What boots by default. */
struct home {
	char *title;    /* for a person */
	char *entry;    /* how the keeper names it for ever: an id path, a kernel's path */
	char *boots;    /* hypervisor, kernel and command line: the proof that it is the same */
	char *saved;    /* saved_entry of GRUB's environment; "" when it is not set */
	bool under_xen; /* it cannot be named safely, and is left as it is */
};

struct home_keeper {
	const char *name; /* as in distributions.conf */
	const char *file; /* the file that pin() makes, below the root; NULL when it makes none */

	/* What boots by default now; a talloc child of `ctx`. */
	int (*read)(void *ctx, const char *root, const struct work *work, struct home *ret,
		struct err *err);

	/* Makes it the default from now on. Idempotent. */
	int (*pin)(const char *root, const struct work *work, const struct home *home,
		struct err *err);

	/* Takes the pin back. Idempotent. */
	int (*unpin)(const char *root, const struct work *work, const struct home *home,
		struct err *err);
};

/* NULL when there is none of this name. */
const struct home_keeper *home_keeper_get(const char *name);

extern const struct home_keeper home_file, home_saved, home_grubby;

/* What the menu and GRUB's environment say, for the keepers: read() of all but grubby. */
int home_of_menu(
	void *ctx, const char *root, const struct work *work, struct home *ret, struct err *err);

/* saved_entry in GRUB's environment; "" when it is not set. A talloc child of `ctx`. */
int home_saved_entry(void *ctx, const char *root, char **ret, struct err *err);

/* Puts it back to what it was. */
int home_restore_saved(
	const char *root, const struct work *work, const struct home *home, struct err *err);

/* A home as JSON (new reference) and back; -EBADMSG for anything else. */
json_t *home_to_json(const struct home *home);
int home_from_json(void *ctx, const json_t *json, struct home *ret, struct err *err);

#endif
