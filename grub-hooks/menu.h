/* SPDX-License-Identifier: MIT */
/*
 * The menu that grub-mkconfig makes, as far as it tells what boots by default.
 */
#ifndef GRUB_HOOKS_MENU_H
#define GRUB_HOOKS_MENU_H

#include <stdbool.h>

#include "base/err.h"

struct menu_entry {
	int parent; /* index of the submenu it is in; -1: none */
	bool submenu;
	char *title;
	char *id;     /* NULL: none */
	char *kernel; /* what stands behind linux or the first module: path and command line; NULL
		       */
	char *hypervisor; /* what stands behind multiboot; NULL: none */
};

struct menu {
	struct menu_entry *entries;
	int count;
	char *preset; /* the value of `default` where no one-shot is armed; may be "${saved_entry}"
		       */
};

/* Parses the text of a grub.cfg; the members are talloc children of `ctx`. Pure. */
struct menu menu_parse(void *ctx, const char *text);

/* The entry that boots by default, as GRUB finds it: by number, title or id in each level, the
 * first one wins. `saved` is the environment's saved_entry ("" when there is none). -1 when no
 * entry is. Pure. */
int menu_default(const struct menu *menu, const char *saved);

/* Where the entry stands, ids (or else titles) with '>' between; a talloc child of `ctx`. */
char *menu_path(void *ctx, const struct menu *menu, int entry);

/* An entry that boots the same as `entry` and will still do so when kernels are installed or
 * removed: one in a submenu, which has its kernel's release in its id. `entry` itself when there is
 * none. */
int menu_stable(const struct menu *menu, int entry);

#endif
