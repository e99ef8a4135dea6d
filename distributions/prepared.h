/* SPDX-License-Identifier: MIT */
/*
 * What `prepare` has done to this machine, written before it is done: prepared.json (sealed) in the
 * state directory. `unprepare` takes back exactly that, also after a prepare that was cut short.
 */
#ifndef DISTRIBUTIONS_PREPARED_H
#define DISTRIBUTIONS_PREPARED_H

#include <stdbool.h>

#include "base/err.h"
#include "distributions/home.h"

#define PREPARED_FILE "prepared.json"
#define PREPARED_LOG "prepare.log"

struct prepared {
	struct home home; /* what booted by default before */
	bool pinned;      /* the keeper was asked to keep it */
	bool under_way;   /* packages are being installed: whatever is new since `before` is ours */
	bool settled;     /* that failed: what is ours is in `came`, what is new is a person's */
	char **before; /* the packages that were installed when this began; NULL-terminated, as all
			*/
	char **asked;  /* what we asked the package manager for */
	char **came;   /* what has come by that, in all rounds */
};

/* Reads it from the state directory. A talloc child of `ctx`; -ENOENT when nothing was prepared,
 * -EBADMSG when it is damaged. */
int prepared_load(void *ctx, int store, struct prepared **ret, struct err *err);

int prepared_save(int store, const struct prepared *prepared, struct err *err);

/* Adds to `list` (talloc) what it does not have yet; both NULL-terminated. */
char **prepared_join(void *ctx, char **list, char *const *more);

/* What is ours of the packages that are installed now. A talloc child of `ctx`. Pure. */
char **prepared_packages(void *ctx, const struct prepared *prepared, char *const *installed);

#endif
