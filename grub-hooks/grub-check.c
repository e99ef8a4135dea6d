/* SPDX-License-Identifier: MIT */
/*
 * What keeps a GRUB from booting an entry of ours once and going home without a person.
 */
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "base/spawn.h"
#include "grub-hooks/boot-method.h"
#include "grub-hooks/grub.h"

#define F2FS_MAGIC 0xF2F52010L
#define ZFS_MAGIC 0x2FC12FC1L

/* --- the environment block: GRUB has to write it in place ------------------------------------ */

static bool read_only(const struct grub *grub)
{
	struct statvfs fs;

	return statvfs(grub->block, &fs) == 0 && (fs.f_flag & ST_RDONLY);
}

/* File systems that GRUB reads but cannot write. */
static bool unwritable_file_system(const struct grub *grub)
{
	struct statfs fs;

	return statfs(grub->block, &fs) == 0 &&
	       (fs.f_type == BTRFS_SUPER_MAGIC || fs.f_type == F2FS_MAGIC ||
		       fs.f_type == ZFS_MAGIC);
}

/* GRUB writes to blocks that are there; a hole has none. */
static bool sparse(const struct grub *grub)
{
	struct stat st;

	return stat(grub->block, &st) == 0 && st.st_blocks * 512 < st.st_size;
}

/* "lvm", "mdraid1x", "luks" and the like: GRUB writes to plain disks alone. "" when it is one; NULL
 * when grub-probe cannot tell. */
static char *abstraction(void *ctx, const struct grub *grub, struct err *err)
{
	const char *const argv[] = {
		grub->flavour->probe, "--target=abstraction", grub->directory, NULL};
	char *words;

	if (spawn_read(ctx, argv, GRUB_TOOL_SECONDS, &words, err) < 0)
		return NULL;
	words[strcspn(words, " \n")] = '\0';
	return words;
}

/* Why a one-shot would stay for ever; NULL when GRUB can take it back. */
static const char *why_sticky(void *ctx, const struct grub *grub)
{
	struct err err = {""};
	char *layer = abstraction(ctx, grub, &err);

	if (read_only(grub))
		return "is on a file system that is mounted read-only; mount it writable";
	if (unwritable_file_system(grub))
		return "is on a file system that GRUB cannot write, so a one-shot would repeat for "
		       "ever; put /boot on ext4, XFS or FAT";
	if (sparse(grub))
		return "is a sparse file, which GRUB cannot write, so a one-shot would repeat for "
		       "ever; remove it and make it again with grub-editenv";
	if (!layer)
		return talloc_asprintf(ctx, "lies on a disk of which nothing can be told: %s%s",
			err.text, geteuid() == 0 ? "" : "; run this check as root");
	if (*layer)
		return talloc_asprintf(ctx,
			"is on %s, which GRUB cannot write, so a one-shot would repeat for ever; put "
			"/boot on a plain partition",
			layer);
	return NULL;
}

static void check_block(void *ctx, const struct grub *grub, struct complaints *complaints)
{
	struct err err = {""};
	const char *sticky;
	char *entry;

	if (!file_exists(AT_FDCWD, grub->block))
		complaints_add(ctx, complaints,
			"%s is not there, so GRUB can remember no one-shot; make it with "
			"`%s %s create`",
			grub->block, grub->flavour->editenv, grub->block);
	else if ((sticky = why_sticky(ctx, grub)))
		complaints_add(ctx, complaints, "%s %s", grub->block, sticky);
	else if (grub_next_entry(ctx, grub, &entry, &err) < 0)
		complaints_add(ctx, complaints, "%s", err.text);
	else if (entry && strncmp(entry, BOOT_ID_PREFIX, strlen(BOOT_ID_PREFIX)) != 0)
		complaints_add(ctx, complaints,
			"GRUB's next boot is already set to \"%s\" by somebody else; reboot "
			"first, or run `%s %s unset next_entry`",
			entry, grub->flavour->editenv, grub->block);
}

/* --- the menu: nobody is there to answer it --------------------------------------------------- */

/* Does a line that begins with `begin` (behind blanks) lack `word`? */
static bool any_line_without(const char *menu, const char *begin, const char *word)
{
	for (const char *line = menu; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		const char *text = line + strspn(line, " \t");
		size_t size = strcspn(text, "\n");
		if (strncmp(text, begin, strlen(begin)) == 0 &&
			!memmem(text, size, word, strlen(word)))
			return true;
	}
	return false;
}

void grub_check_menu(
	void *ctx, const struct grub *grub, const char *menu, struct complaints *complaints)
{
	if (strstr(menu, "set timeout=-1"))
		complaints_add(ctx, complaints,
			"GRUB's menu waits for a person (timeout -1 in %s); set GRUB_TIMEOUT and "
			"GRUB_RECORDFAIL_TIMEOUT to 0 or more in /etc/default/grub and run `%s`",
			grub->menu, grub->flavour->mkconfig);
	if (strstr(menu, "set superusers=") &&
		any_line_without(menu, "menuentry ", "--unrestricted"))
		complaints_add(ctx, complaints,
			"GRUB asks for a password (superusers in %s) before it boots entries without "
			"--unrestricted, so that the way home would wait for a person; give the "
			"default entry --unrestricted",
			grub->menu);
}

void grub_check(void *ctx, const char *root, struct complaints *complaints)
{
	struct err err = {""};
	struct grub *grub;
	char *menu;

	if (grub_find(ctx, root, &grub, &err) < 0) {
		complaints_add(
			ctx, complaints, "%s; latcampaign needs GRUB 2 as boot loader", err.text);
		return;
	}
	if (grub_need_hook(ctx, grub, &err) < 0)
		complaints_add(ctx, complaints, "%s", err.text);
	if (file_read(ctx, AT_FDCWD, grub->menu, GRUB_MENU_LIMIT, &menu, NULL, NULL) == 0)
		grub_check_menu(ctx, grub, menu, complaints);
	check_block(ctx, grub, complaints);
}
