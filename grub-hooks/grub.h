/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the GRUB method share: where this machine's GRUB has its files.
 */
#ifndef GRUB_HOOKS_GRUB_H
#define GRUB_HOOKS_GRUB_H

#include "base/complaints.h"
#include "base/err.h"

/* Names that differ between distributions. */
struct grub_flavour {
	const char *directory;
	const char *editenv, *mkrelpath, *probe, *script_check, *mkconfig;
};

struct grub {
	const struct grub_flavour *flavour;
	char *directory; /* with the root in front, as all paths here */
	char *menu;      /* grub.cfg */
	char *entries;   /* latcampaign.cfg */
	char *block;     /* grubenv */
};

#define GRUB_TOOL_SECONDS 60
#define GRUB_MENU_LIMIT ((size_t)16 << 20)

/* A talloc child of `ctx`; -ENOENT when there is no GRUB. */
int grub_find(void *ctx, const char *root, struct grub **ret, struct err *err);

/* The value of next_entry in GRUB's environment block; NULL when it is not set. */
int grub_next_entry(void *ctx, const struct grub *grub, char **ret, struct err *err);

/* The same in what grub-editenv has listed; points into `list`, which is cut up. */
char *grub_listed_entry(char *list);

/* Complains about a menu (the text of grub.cfg) that waits for a person. Pure. */
void grub_check_menu(
	void *ctx, const struct grub *grub, const char *menu, struct complaints *complaints);

/* Does grub.cfg source our file, and know one-shots? update-grub by somebody else may have dropped
 * the hook. */
int grub_need_hook(void *ctx, const struct grub *grub, struct err *err);

/* boot_method.check */
void grub_check(void *ctx, const char *root, struct complaints *complaints);

#endif
