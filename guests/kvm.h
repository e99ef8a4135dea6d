/* SPDX-License-Identifier: MIT */
#ifndef GUESTS_KVM_H
#define GUESTS_KVM_H

#include "guests/guest.h"

extern const struct platform kvm_platform;

/* QEMU's argv, NULL-terminated, a talloc child of `ctx`: with its vCPUs stopped, and its monitor at
 * the descriptor `monitor_fd`. Pure. */
const char **kvm_argv(void *ctx, const struct guest *guest, int monitor_fd);

#endif
