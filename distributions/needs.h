/* SPDX-License-Identifier: MIT */
/*
 * What a campaign needs of a machine that packages and builds can bring, and what of it is missing.
 */
#ifndef DISTRIBUTIONS_NEEDS_H
#define DISTRIBUTIONS_NEEDS_H

#include <stdbool.h>

#include "campaigns/plan.h"

/* One kernel from source that is missing, or whose package is not installed. */
struct missing_kernel {
	const struct recipe *recipe; /* of the plan */
	bool built;                  /* its build stands */
	char **files; /* packages to be installed, absolute paths; NULL until it is built */
};

struct missing {
	char **needs; /* as distribution_packages() knows them, in no order; NULL-terminated */
	struct missing_kernel *kernels;
	unsigned kernel_count;
	bool unsigned_parts; /* Xen or a host kernel that was built here: Secure Boot refuses them
			      */
};

/* Looks at the machine below the descriptor `root`; changes nothing, and leaves the plan as it is.
 * A talloc child of `ctx`. */
struct missing *missing_find(void *ctx, const struct plan *plan, int root);

#endif
