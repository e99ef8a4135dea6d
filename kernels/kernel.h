/* SPDX-License-Identifier: MIT */
/*
 * Finding and identifying kernels and hypervisors on this machine.
 *
 * Identity comes from the kernel itself, never from its name: the release from the image's own
 * header (the boot protocol's kernel_version string), PREEMPT_RT from its configuration.
 */
#ifndef KERNELS_KERNEL_H
#define KERNELS_KERNEL_H

#include "campaigns/campaign.h"
#include "campaigns/plan.h"

/*
 * Resolves kernel->wanted ("nrt" and "rt": newest installed one without and with PREEMPT_RT;
 * else a release; else an absolute path to a bzImage) and fills in the other members as talloc
 * children of `ctx`. The initrd is /boot/initrd.img-RELEASE (or initramfs-RELEASE.img) when it is
 * there; a host kernel has to have one. -ENOENT with the remedy in the sentence when there is no
 * such kernel.
 */
int kernel_resolve(void *ctx, int root, struct kernel *kernel, struct err *err);

/* Newest Xen in /boot (xen-VERSION.gz and the like, no symbolic links) into the three hypervisor_
 * members of `setup`. */
int hypervisor_resolve(void *ctx, int root, struct setup *setup, struct err *err);

/*
 * Resolves the whole plan: every setup's and every guest's kernel, the hypervisor, and
 * base_cmdline from /proc/cmdline (without BOOT_IMAGE= and latcampaign.*). Everything that is
 * missing goes to `complaints` (children of `plan`), a sentence with its remedy each.
 */
void plan_resolve(struct plan *plan, int root, struct complaints *complaints);

/* Compares every file that the plan names (images, initrds, hypervisor) with its digest;
 * -ESTALE names the first that changed or is gone. */
int plan_verify_files(const struct plan *plan, int root, struct err *err);

#endif
