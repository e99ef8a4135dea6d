/* SPDX-License-Identifier: MIT */
/*
 * GRUB 2 with its environment block. 00_header's code boots next_entry once and clears it before
 * it boots; our entry stands in latcampaign.cfg beside grub.cfg, which the hook sources.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "base/spawn.h"
#include "grub-hooks/boot-method.h"
#include "grub-hooks/entry.h"
#include "grub-hooks/grub.h"

static const struct grub_flavour flavours[] = {
	{"/boot/grub", "grub-editenv", "grub-mkrelpath", "grub-probe", "grub-script-check",
		"update-grub"},
	{"/boot/grub2", "grub2-editenv", "grub2-mkrelpath", "grub2-probe", "grub2-script-check",
		"grub2-mkconfig -o /boot/grub2/grub.cfg"},
};

/* A talloc child of `ctx`; NULL when there is no GRUB. */
static struct grub *grub_here(void *ctx, const char *root)
{
	for (size_t i = 0; i < sizeof(flavours) / sizeof(*flavours); i++) {
		char *directory = talloc_asprintf(ctx, "%s%s", root, flavours[i].directory);
		char *menu = talloc_asprintf(ctx, "%s/grub.cfg", directory);
		if (!file_exists(AT_FDCWD, menu))
			continue;
		struct grub *grub = talloc_zero(ctx, struct grub);
		grub->flavour = &flavours[i];
		grub->directory = directory;
		grub->menu = menu;
		grub->entries = talloc_asprintf(grub, "%s/latcampaign.cfg", directory);
		grub->block = talloc_asprintf(grub, "%s/grubenv", directory);
		return grub;
	}
	return NULL;
}

int grub_find(void *ctx, const char *root, struct grub **ret, struct err *err)
{
	*ret = grub_here(ctx, root);
	if (*ret)
		return 0;
	return err_set(
		err, -ENOENT, "neither /boot/grub/grub.cfg nor /boot/grub2/grub.cfg is there");
}

/* The first line that a GRUB tool prints. */
static int tool_line(void *ctx, const char *const *argv, char **ret, struct err *err)
{
	int r = spawn_read(ctx, argv, GRUB_TOOL_SECONDS, ret, err);

	if (r == 0)
		(*ret)[strcspn(*ret, "\n")] = '\0';
	return r;
}

static int fs_uuid(
	void *ctx, const struct grub *grub, const char *path, char **ret, struct err *err)
{
	const char *const argv[] = {grub->flavour->probe, "--target=fs_uuid", path, NULL};

	return tool_line(ctx, argv, ret, err);
}

/* A file's path as GRUB sees it: a separate /boot or a btrfs subvolume makes it another one. */
static int relative(
	void *ctx, const struct grub *grub, const char *path, const char **ret, struct err *err)
{
	const char *const argv[] = {grub->flavour->mkrelpath, path, NULL};
	char *line;

	if (!path) {
		*ret = NULL;
		return 0;
	}
	int r = tool_line(ctx, argv, &line, err);
	if (r == 0)
		*ret = line;
	return r;
}

static int find_paths(void *ctx, const struct grub *grub, const struct boot_entry *entry,
	struct entry_paths *paths, struct err *err)
{
	char *uuid = NULL;
	int r = fs_uuid(ctx, grub, entry->kernel, &uuid, err);

	paths->fs_uuid = uuid;
	if (r == 0)
		r = relative(ctx, grub, entry->kernel, &paths->kernel, err);
	if (r == 0)
		r = relative(ctx, grub, entry->initrd, &paths->initrd, err);
	if (r == 0)
		r = relative(ctx, grub, entry->hypervisor, &paths->hypervisor, err);
	return r;
}

char *grub_listed_entry(char *list)
{
	char *rest, *entry = NULL;

	for (char *line = strtok_r(list, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (strncmp(line, "next_entry=", 11) == 0 && line[11])
			entry = line + 11;
	return entry;
}

int grub_next_entry(void *ctx, const struct grub *grub, char **ret, struct err *err)
{
	const char *const argv[] = {grub->flavour->editenv, grub->block, "list", NULL};
	char *list;
	int r = spawn_read(ctx, argv, GRUB_TOOL_SECONDS, &list, err);

	*ret = r == 0 ? grub_listed_entry(list) : NULL;
	return r;
}

/* GRUB reads the file system without its journal: everything has to be in its place. */
static int settle(const struct grub *grub, struct err *err)
{
	autoclose int fd = open(grub->menu, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syncfs(fd) < 0)
		return err_set(err, -errno, "%s: its file system cannot be synced: %s", grub->menu,
			strerror(errno));
	return 0;
}

static int set_next_entry(void *ctx, const struct grub *grub, const char *id, struct err *err)
{
	char *assignment = talloc_asprintf(ctx, "next_entry=%s", id), *found;
	const char *const argv[] = {grub->flavour->editenv, grub->block, "set", assignment, NULL};
	int r = spawn_read(ctx, argv, GRUB_TOOL_SECONDS, NULL, err);

	if (r == 0)
		r = grub_next_entry(ctx, grub, &found, err);
	if (r == 0 && (!found || strcmp(found, id) != 0))
		r = err_set(err, -EIO, "%s: next_entry was set to %s and reads back as %s",
			grub->block, id, found ? found : "nothing");
	return r;
}

static int write_entries(void *ctx, const struct grub *grub, const char *text, struct err *err)
{
	const char *const check[] = {grub->flavour->script_check, grub->entries, NULL};
	char *back;
	int r = file_replace(AT_FDCWD, grub->entries, text, strlen(text), 0644, err);

	if (r == 0)
		r = file_read(ctx, AT_FDCWD, grub->entries, GRUB_MENU_LIMIT, &back, NULL, err);
	if (r == 0 && strcmp(text, back) != 0)
		r = err_set(err, -EIO, "%s: reads back as something else", grub->entries);
	return r == 0 ? spawn_read(ctx, check, GRUB_TOOL_SECONDS, NULL, err) : r;
}

int grub_need_hook(void *ctx, const struct grub *grub, struct err *err)
{
	char *menu;
	int r = file_read(ctx, AT_FDCWD, grub->menu, GRUB_MENU_LIMIT, &menu, NULL, err);

	if (r == 0 && !strstr(menu, "source ${config_directory}/latcampaign.cfg"))
		r = err_set(err, -ENOENT,
			"%s: does not read latcampaign's entries; run `%s` with "
			"/etc/grub.d/42_latcampaign in place",
			grub->menu, grub->flavour->mkconfig);
	else if (r == 0 && !strstr(menu, "set default=\"${next_entry}\""))
		r = err_set(err, -ENOTSUP,
			"%s: knows no one-shot boots (next_entry); make it with `%s`", grub->menu,
			grub->flavour->mkconfig);
	return r;
}

static int grub_arm_here(
	void *ctx, const struct grub *grub, const struct boot_entry *entry, struct err *err)
{
	struct entry_paths paths = {0};
	int r = grub_need_hook(ctx, grub, err);

	if (r == 0)
		r = find_paths(ctx, grub, entry, &paths, err);
	if (r == 0)
		r = write_entries(ctx, grub, entry_text(ctx, entry, &paths), err);
	if (r == 0)
		r = set_next_entry(ctx, grub, entry->id, err);
	return r == 0 ? settle(grub, err) : r;
}

static int grub_arm(const char *root, const struct boot_entry *entry, struct err *err)
{
	void *ctx = talloc_new(NULL);
	struct grub *grub;
	int r = grub_find(ctx, root, &grub, err);

	if (r == 0)
		r = grub_arm_here(ctx, grub, entry, err);
	talloc_free(ctx);
	return r;
}

static int grub_armed(const char *root, bool *ret_armed, struct err *err)
{
	void *ctx = talloc_new(NULL);
	struct grub *grub;
	char *entry = NULL;
	int r = grub_find(ctx, root, &grub, err);

	if (r == 0)
		r = grub_next_entry(ctx, grub, &entry, err);
	if (r == 0)
		*ret_armed = entry && strncmp(entry, BOOT_ID_PREFIX, strlen(BOOT_ID_PREFIX)) == 0;
	talloc_free(ctx);
	return r;
}

static int grub_clear(const char *root, struct err *err)
{
	bool armed = false;
	int r = grub_armed(root, &armed, err);

	if (r < 0 || !armed)
		return r;
	void *ctx = talloc_new(NULL);
	struct grub *grub = grub_here(ctx, root);
	const char *const argv[] = {
		grub->flavour->editenv, grub->block, "unset", "next_entry", NULL};
	r = spawn_read(ctx, argv, GRUB_TOOL_SECONDS, NULL, err);
	if (r == 0)
		r = settle(grub, err);
	talloc_free(ctx);
	return r;
}

static bool grub_entries(const char *root)
{
	void *ctx = talloc_new(NULL);
	struct grub *grub = grub_here(ctx, root);
	bool there = grub && file_exists(AT_FDCWD, grub->entries);

	talloc_free(ctx);
	return there;
}

static int grub_tidy(const char *root, struct err *err)
{
	void *ctx = talloc_new(NULL);
	struct grub *grub;
	int r = grub_find(ctx, root, &grub, err);

	if (r == 0)
		r = file_remove(AT_FDCWD, grub->entries, err);
	talloc_free(ctx);
	return r;
}

const struct boot_method *boot_method_get(void)
{
	static const struct boot_method grub_method = {
		.name = "GRUB",
		.check = grub_check,
		.arm = grub_arm,
		.armed = grub_armed,
		.clear = grub_clear,
		.entries = grub_entries,
		.tidy = grub_tidy,
	};

	return &grub_method;
}
