/* SPDX-License-Identifier: MIT */
/*
 * Bringing a machine to where a campaign can be started, and back. The order makes each moment safe
 * to be cut short: what is ours is noted first, home is kept next, and only then something is
 * installed.
 */
#ifndef DISTRIBUTIONS_PREPARE_H
#define DISTRIBUTIONS_PREPARE_H

#include <signal.h>
#include <stdbool.h>

#include "base/complaints.h"
#include "base/err.h"
#include "campaigns/plan.h"
#include "distributions/distribution.h"
#include "distributions/needs.h"
#include "distributions/prepared.h"

/* What is to be done on a machine. */
struct preparation {
	const char *root; /* stands before every path: "" on the real machine */
	int root_fd;
	int store; /* the state directory; -1 until it is there */
	struct distribution *distribution;
	struct missing *missing;
	char **packages;            /* to be asked of the package manager; NULL-terminated */
	struct estimate estimate;   /* what these take */
	struct complaints helpless; /* what neither a package nor a build brings */
	struct home home;           /* what boots by default, and will */
	struct prepared *prepared;  /* what earlier rounds did; NULL: nothing */
	struct work work;           /* a file in memory until prepare_do() */
};

/* Looks at the machine below `root` for a campaign; changes nothing. `store` is the state
 * directory, -1 when there is none. A talloc child of `ctx`, its descriptors are closed when it is
 * freed. */
int prepare_look(void *ctx, const struct plan *plan, const char *root, int store,
	struct preparation **ret, struct err *err);

/* Is there nothing to install, to build and to keep? */
bool prepare_is_done(const struct preparation *preparation);

/* What keeps a preparation from being begun (Secure Boot, a full disk), a sentence each. */
void prepare_refuse(
	void *ctx, const struct preparation *preparation, struct complaints *complaints);

/* Told at the begin of each step, and while one goes on that knows how far it is: `done` of `total`
 * (0: nobody knows). A note is told in between with step 0. */
typedef void prepare_progress(void *argument, unsigned step, unsigned steps, const char *text,
	unsigned done, unsigned total);

/* Does it, in the state directory `store`. Can be repeated after any failure. */
int prepare_do(struct preparation *preparation, int store, prepare_progress *progress,
	void *argument, struct err *err);

/* What is to be taken back. */
struct unpreparation {
	const char *root;
	int store;
	struct distribution *distribution;
	struct prepared *prepared;
	char **packages; /* that go */
	struct work work;
};

/* Looks at what there is to take back; -ENOENT when nothing was prepared. A talloc child of `ctx`,
 * its descriptors but `store` are closed when it is freed. */
int unprepare_look(
	void *ctx, const char *root, int store, struct unpreparation **ret, struct err *err);

/* -EBUSY when what runs now would be removed. */
int unprepare_refuse(const struct unpreparation *unpreparation, struct err *err);

/* Takes it back: packages, built kernels, the pin, the record of it and the log. Can be repeated
 * after any failure. A default entry that is not the one of before is an error (-EXDEV), when all
 * the rest is done. */
int unprepare_do(struct unpreparation *unpreparation, prepare_progress *progress, void *argument,
	struct err *err);

/* What waits until the step under way is over: a package manager that is killed, as it is with us,
 * leaves a machine in pieces. SIGHUP comes when a connection is lost. */
void prepare_stop_signals(sigset_t *ret);

/* Makes GRUB's menu anew. */
int prepare_menu(const struct distribution *distribution, const struct work *work, struct err *err);

/* -EXDEV unless the machine boots by default what it did before. */
int prepare_prove_home(const struct distribution *distribution, const char *root,
	const struct work *work, const struct home *home, struct err *err);

#endif
