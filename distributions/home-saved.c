/* SPDX-License-Identifier: MIT */
/*
 * openSUSE: grub.cfg takes its default from saved_entry (GRUB_DEFAULT=saved, as it is installed).
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "distributions/home.h"
#include "grub-hooks/grub.h"

static int need_saved(void *ctx, const char *root, struct err *err)
{
	struct grub *grub;
	char *text;
	int r = grub_find(ctx, root, &grub, err);

	if (r == 0)
		r = file_read(ctx, AT_FDCWD, grub->menu, GRUB_MENU_LIMIT, &text, NULL, err);
	if (r == 0 && !strstr(text, "${saved_entry}"))
		r = err_set(err, -ENOTSUP,
			"%s: does not boot saved_entry, so its default cannot be kept; set "
			"GRUB_DEFAULT=saved in /etc/default/grub and run `%s`",
			grub->menu, grub->flavour->mkconfig);
	return r;
}

static int saved_pin(
	const char *root, const struct work *work, const struct home *home, struct err *err)
{
	void *ctx = talloc_new(NULL);
	char *boot = talloc_asprintf(ctx, "--boot-directory=%s/boot", root);
	const char *const argv[] = {"grub2-set-default", boot, home->entry, NULL};
	int r = need_saved(ctx, root, err);

	if (r == 0)
		r = work_run(ctx, work, argv, GRUB_TOOL_SECONDS, NULL, err);
	talloc_free(ctx);
	return r;
}

const struct home_keeper home_saved = {
	.name = "saved",
	.read = home_of_menu,
	.pin = saved_pin,
	.unpin = home_restore_saved,
};
