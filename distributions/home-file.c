/* SPDX-License-Identifier: MIT */
/*
 * Debian and Ubuntu: grub-mkconfig reads /etc/default/grub.d/ in the order of its names, Xen's own
 * file, which makes Xen the default, among them.
 */
#include <fcntl.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "base/shell.h"
#include "distributions/home.h"

#define PIN_FOLDER "/etc/default/grub.d"
#define PIN_FILE PIN_FOLDER "/zz-latcampaign.cfg"

static int file_pin(
	const char *root, const struct work *work, const struct home *home, struct err *err)
{
	void *ctx = talloc_new(NULL);
	/* Set behind xen.cfg, which has set GRUB_DEFAULT itself by then. */
	char *text = talloc_asprintf(ctx,
		"# Written by `latcampaign prepare`: the default boot stays what it was before.\n"
		"# `latcampaign unprepare` removes this file.\n"
		"GRUB_DEFAULT=%s\n",
		shell_word(ctx, home->entry));
	int r = directory_make(AT_FDCWD, talloc_asprintf(ctx, "%s" PIN_FOLDER, root), err);

	(void)work;
	if (r == 0)
		r = file_replace(AT_FDCWD, talloc_asprintf(ctx, "%s" PIN_FILE, root), text,
			strlen(text), 0644, err);
	talloc_free(ctx);
	return r;
}

static int file_unpin(
	const char *root, const struct work *work, const struct home *home, struct err *err)
{
	char *path = talloc_asprintf(NULL, "%s" PIN_FILE, root);
	int r = file_remove(AT_FDCWD, path, err);

	(void)work;
	(void)home;
	talloc_free(path);
	return r;
}

const struct home_keeper home_file = {
	.name = "file",
	.file = PIN_FILE,
	.read = home_of_menu,
	.pin = file_pin,
	.unpin = file_unpin,
};
