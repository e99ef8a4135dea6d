/* SPDX-License-Identifier: MIT */
/*
 * What this machine's distribution calls things: dist/distributions.conf, read for /etc/os-release.
 */
#ifndef DISTRIBUTIONS_DISTRIBUTION_H
#define DISTRIBUTIONS_DISTRIBUTION_H

#include <stdbool.h>

#include "base/err.h"
#include "distributions/home.h"
#include "distributions/manager.h"

/* The packages that bring what is needed under one name. */
struct need {
	char *name;      /* "rt-kernel", "cyclictest", ... */
	char **packages; /* NULL-terminated; empty: the distribution has none */
};

struct distribution {
	char *name;    /* as the file calls it: "debian" */
	char *release; /* for a person: "Debian GNU/Linux 12 (bookworm)" */
	const struct package_manager *manager;
	const struct home_keeper *home;
	char **menu; /* argv that makes grub.cfg anew */
	bool kernel_sources;
	struct need *needs;
	unsigned need_count;
};

/* Finds the distribution of the machine below the descriptor `root` in the file
 * $LATCAMPAIGN_DATADIR or what is installed has. A talloc child of `ctx`; -ENOTSUP for one that the
 * file does not know. */
int distribution_find(void *ctx, int root, struct distribution **ret, struct err *err);

/* The packages for a need, NULL-terminated, owned by `distribution`: an entry of its file, or
 * "kernel-source:NAME". -ENOENT with a sentence when the distribution has none. */
int distribution_packages(
	struct distribution *distribution, const char *need, char ***ret, struct err *err);

#endif
