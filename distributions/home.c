/* SPDX-License-Identifier: MIT */
#include "distributions/home.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "base/spawn.h"
#include "grub-hooks/grub.h"
#include "grub-hooks/menu.h"

const struct home_keeper *home_keeper_get(const char *name)
{
	static const struct home_keeper *const keepers[] = {
		&home_file, &home_saved, &home_grubby, NULL};

	for (size_t i = 0; keepers[i]; i++)
		if (strcmp(keepers[i]->name, name) == 0)
			return keepers[i];
	return NULL;
}

/* grub-editenv lists "NAME=VALUE", one a line. */
static char *listed(void *ctx, const char *list, const char *name)
{
	size_t size = strlen(name);

	for (const char *line = list; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, size) == 0 && line[size] == '=')
			return talloc_strndup(ctx, line + size + 1, strcspn(line + size + 1, "\n"));
	}
	return talloc_strdup(ctx, "");
}

int home_saved_entry(void *ctx, const char *root, char **ret, struct err *err)
{
	struct grub *grub;
	int r = grub_find(ctx, root, &grub, err);

	if (r < 0)
		return r;
	const char *const argv[] = {grub->flavour->editenv, grub->block, "list", NULL};
	char *list = NULL;
	/* Without the file nothing is saved. */
	if (file_exists(AT_FDCWD, grub->block))
		r = spawn_read(ctx, argv, GRUB_TOOL_SECONDS, &list, err);
	if (r == 0)
		*ret = listed(ctx, list ? list : "", "saved_entry");
	return r;
}

int home_restore_saved(
	const char *root, const struct work *work, const struct home *home, struct err *err)
{
	void *ctx = talloc_new(NULL);
	char *assignment = talloc_asprintf(ctx, "saved_entry=%s", home->saved);
	struct grub *grub;
	int r = grub_find(ctx, root, &grub, err);

	if (r == 0) {
		const char *const set[] = {
			grub->flavour->editenv, grub->block, "set", assignment, NULL};
		const char *const unset[] = {
			grub->flavour->editenv, grub->block, "unset", "saved_entry", NULL};
		r = work_run(ctx, work, *home->saved ? set : unset, GRUB_TOOL_SECONDS, NULL, err);
	}
	talloc_free(ctx);
	return r;
}

static int take(void *ctx, const struct menu *menu, const char *path, char *saved, struct home *ret,
	struct err *err)
{
	int entry = menu_default(menu, saved);

	if (entry < 0 || !menu->entries[entry].kernel)
		return err_set(err, -ENOENT,
			"%s: its default entry boots no Linux, so nobody knows what home is", path);
	const struct menu_entry *found = &menu->entries[entry];
	*ret = (struct home){
		.title = talloc_strdup(ctx, found->title),
		.entry = menu_path(ctx, menu, menu_stable(menu, entry)),
		.boots = found->hypervisor ? talloc_asprintf(ctx, "%s under %s", found->kernel,
						     found->hypervisor)
					   : talloc_strdup(ctx, found->kernel),
		.saved = saved,
		.under_xen = found->hypervisor != NULL,
	};
	return 0;
}

int home_of_menu(
	void *ctx, const char *root, const struct work *work, struct home *ret, struct err *err)
{
	struct grub *grub = NULL;
	char *text = NULL, *saved = NULL;
	int r = grub_find(ctx, root, &grub, err);

	(void)work;
	if (r == 0)
		r = file_read(ctx, AT_FDCWD, grub->menu, GRUB_MENU_LIMIT, &text, NULL, err);
	if (r == 0)
		r = home_saved_entry(ctx, root, &saved, err);
	if (r < 0)
		return r;
	struct menu menu = menu_parse(ctx, text);
	return take(ctx, &menu, grub->menu, saved, ret, err);
}

json_t *home_to_json(const struct home *home)
{
	return json_pack("{ss ss ss ss sb}", "title", home->title, "entry", home->entry, "boots",
		home->boots, "saved", home->saved, "under_xen", home->under_xen);
}

int home_from_json(void *ctx, const json_t *json, struct home *ret, struct err *err)
{
	const char *title, *entry, *boots, *saved;
	int under_xen;

	if (json_unpack((json_t *)json, "{ss ss ss ss sb}", "title", &title, "entry", &entry,
		    "boots", &boots, "saved", &saved, "under_xen", &under_xen) < 0)
		return err_set(err, -EBADMSG, "home is not told as it should be");
	*ret = (struct home){
		.title = talloc_strdup(ctx, title),
		.entry = talloc_strdup(ctx, entry),
		.boots = talloc_strdup(ctx, boots),
		.saved = talloc_strdup(ctx, saved),
		.under_xen = under_xen,
	};
	return 0;
}
