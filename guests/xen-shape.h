/* SPDX-License-Identifier: MIT */
/*
 * The shape of a Xen guest: the domain is made paused, gets what its configuration cannot say, all
 * is read back, and only then it is let go.
 */
#ifndef GUESTS_XEN_SHAPE_H
#define GUESTS_XEN_SHAPE_H

#include <jansson.h>

#include "base/err.h"
#include "campaigns/plan.h"

/* Sets, reads back (`ret_found`, a new reference) and compares (-EXDEV). `domain` is its name. */
int xen_shape_set(const struct experiment *experiment, const char *domain, json_t **ret_found,
	struct err *err);

/* What xl printed of a domain. */
struct xen_answers {
	const char *info;      /* xl info */
	const char *vcpus;     /* xl vcpu-list DOMAIN */
	const char *pools;     /* xl cpupool-list */
	const char *pool_cpus; /* xl cpupool-list -c */
	const char *list;      /* xl list -c DOMAIN */
	const char *schedule;  /* xl sched-SCHEDULER of the domain; "" when that has none */
};

/* The scheduler of the pool in which the domain runs, "" when that is not told; a talloc child of
 * `ctx`. Pure. */
const char *xen_scheduler_of(void *ctx, const struct xen_answers *answers, const char *domain);

/* The shape in these answers; a new reference. Pure. */
json_t *xen_shape_found(const struct xen_answers *answers, const char *domain);

#endif
