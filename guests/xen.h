/* SPDX-License-Identifier: MIT */
#ifndef GUESTS_XEN_H
#define GUESTS_XEN_H

#include "guests/guest.h"

extern const struct platform xen_platform;

/* The domain's configuration, see xl.cfg(5); a talloc child of `ctx`. Pure. */
char *xen_config(void *ctx, const struct guest *guest);

#endif
