/* SPDX-License-Identifier: MIT */
/*
 * A cpupool of the run's own: its CPUs are taken from Pool-0, where dom0 stays, and given back.
 */
#ifndef GUESTS_XEN_POOL_H
#define GUESTS_XEN_POOL_H

#include "campaigns/plan.h"
#include "guests/guest.h"

#define XEN_POOL "latcampaign"

/* The pool's configuration, see xlcpupool.cfg(5); a talloc child of `ctx`. Pure. */
char *xen_pool_config(void *ctx, const struct shape *shape);

/* Makes the pool that the guest's experiment asks for; none is a success. */
int xen_pool_make(const struct guest *guest, struct err *err);

/* Removes our pool and gives all CPUs that belong to no pool to Pool-0. Nothing to do is a
 * success. */
int xen_pool_clean(struct err *err);

#endif
