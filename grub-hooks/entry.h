/* SPDX-License-Identifier: MIT */
#ifndef GRUB_HOOKS_ENTRY_H
#define GRUB_HOOKS_ENTRY_H

#include "grub-hooks/boot-method.h"

/* The entry's files as GRUB sees them. */
struct entry_paths {
	const char *fs_uuid; /* of the file system that holds them */
	const char *kernel;  /* relative to that file system's root: grub-mkrelpath */
	const char *initrd;
	const char *hypervisor; /* NULL: none */
};

/* The text of latcampaign.cfg with one top-level menu entry; a talloc child of `ctx`. Pure. */
char *entry_text(void *ctx, const struct boot_entry *entry, const struct entry_paths *paths);

#endif
