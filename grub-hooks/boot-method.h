/* SPDX-License-Identifier: MIT */
/*
 * A way to boot an entry of ours once and then go back to the machine's default by itself.
 * One table of operations a boot loader; boot_method_get() is the only place that chooses.
 *
 * `root` is everywhere a path that stands before /boot: "" on the real machine.
 */
#ifndef GRUB_HOOKS_BOOT_METHOD_H
#define GRUB_HOOKS_BOOT_METHOD_H

#include <stdbool.h>

#include "base/complaints.h"
#include "base/err.h"

/* What is to be booted. Paths are absolute. */
struct boot_entry {
	const char *id;    /* "latcampaign-TOKEN": never the same twice */
	const char *title; /* for a person who looks at the menu */
	const char *kernel;
	const char *initrd;
	const char *cmdline;    /* whole */
	const char *hypervisor; /* NULL: none */
	const char *hypervisor_cmdline;
};

#define BOOT_ID_PREFIX "latcampaign-"

struct boot_method {
	const char *name;

	/* What keeps this machine from booting our entries once, a sentence with its remedy each,
	 * appended to `complaints`. Changes nothing. */
	void (*check)(void *ctx, const char *root, struct complaints *complaints);

	/* Makes the entry the one-shot: writes it, verifies that the boot loader will read it and
	 * finds its files, arms it and reads that back. Idempotent. */
	int (*arm)(const char *root, const struct boot_entry *entry, struct err *err);

	/* Is a one-shot of ours armed? */
	int (*armed)(const char *root, bool *ret_armed, struct err *err);

	/* Takes back a one-shot of ours; somebody else's is left alone. None is a success. */
	int (*clear)(const char *root, struct err *err);

	/* Do files of ours stand beside the boot loader's? */
	bool (*entries)(const char *root);

	/* Removes them. None is a success. */
	int (*tidy)(const char *root, struct err *err);
};

/* Never NULL. */
const struct boot_method *boot_method_get(void);

#endif
