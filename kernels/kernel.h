/* SPDX-License-Identifier: MIT */
/*
 * Finding and identifying kernels and hypervisors on this machine.
 *
 * Identity comes from the kernel itself, never from its name: the release from the image's own
 * header (the boot protocol's kernel_version string), PREEMPT_RT from its configuration.
 */
#ifndef KERNELS_KERNEL_H
#define KERNELS_KERNEL_H

#include "base/digests.h"
#include "campaigns/campaign.h"
#include "campaigns/plan.h"

/*
 * Resolves kernel->wanted and fills in the other members as talloc children of `ctx`. It is "nrt"
 * or "rt": the newest installed one without and with PREEMPT_RT; the name of a recipe of `plan`: a
 * guest's kernel where it was built, a host's as it was installed; a release or a pattern of
 * releases (fnmatch(3)): the newest installed one; or the absolute path of a bzImage. The initrd is
 * /boot/initrd.img-RELEASE (or initramfs-RELEASE.img) when it is there; a host kernel has to have
 * one. -ENOENT with the remedy in the sentence when there is no such kernel.
 */
int kernel_resolve(
	void *ctx, int root, const struct plan *plan, struct kernel *kernel, struct err *err);

/* Whether the configuration of a resolved kernel has the line, such as "CONFIG_SMP=y". One that is
 * nowhere has none. */
bool kernel_has_option(int root, const struct kernel *kernel, const char *line);

/* Newest Xen in /boot (xen-VERSION.gz and the like, no symbolic links) into the three hypervisor_
 * members of `setup`. */
int hypervisor_resolve(void *ctx, int root, struct setup *setup, struct err *err);

/* The value of a line "KEY   : VALUE" of what `xl info` prints, without spaces at its front; ""
 * when there is no such line. A talloc child of `ctx`. */
char *hypervisor_info(void *ctx, const char *info, const char *key);

/*
 * Resolves the whole plan: every setup's and every guest's kernel, the hypervisor, the digests of
 * the guests' scripts, and base_cmdline from /proc/cmdline (without BOOT_IMAGE= and latcampaign.*).
 * Everything that is missing goes to `complaints` (children of `plan`), a sentence with its remedy
 * each.
 */
void plan_resolve(struct plan *plan, int root, struct complaints *complaints);

/* Compares every file of an experiment (its guest's kernel and script), or of a setup
 * (its kernel and hypervisor) with its digest of the start; -ESTALE names the first that changed or
 * is gone, another error one that cannot be read now. */
int experiment_verify(
	struct digests *digests, int root, const struct experiment *experiment, struct err *err);
int setup_verify(struct digests *digests, int root, const struct setup *setup, struct err *err);

/* What went wrong in the running kernel since it was booted; all 0 when nothing did or nobody
 * knows. */
struct kernel_damage {
	unsigned long bits;             /* of /proc/sys/kernel/tainted, which stay set */
	unsigned long warnings, oopses; /* /sys/kernel/warn_count, oops_count (Linux 6.2, 6.1.7) */
};

/* `root` is the descriptor of "/". */
struct kernel_damage kernel_damage(int root);

/* What went wrong since then, as such bits; 0 for nothing. What is not counted but only a bit that
 * was set already is not noticed. */
unsigned long kernel_damage_since(int root, const struct kernel_damage *before);

/* "an oops, a kernel warning"; a talloc child of `ctx`. */
char *kernel_damage_words(void *ctx, unsigned long bits);

#endif
