/* SPDX-License-Identifier: MIT */
/*
 * Fedora: the menu is made of boot loader specification (BLS) files while GRUB runs, and a kernel
 * that is installed makes itself the default.
 */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/spawn.h"
#include "distributions/home.h"
#include "grub-hooks/grub.h"

/* The value of a line KEY="VALUE" or KEY=VALUE of `grubby --info`. */
static char *value_of(void *ctx, const char *info, const char *key)
{
	size_t size = strlen(key);

	for (const char *line = info; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, size) != 0 || line[size] != '=')
			continue;
		const char *value = line + size + 1;
		value += *value == '"';
		return talloc_strndup(ctx, value, strcspn(value, "\"\n"));
	}
	return talloc_strdup(ctx, "");
}

static int grubby_read(
	void *ctx, const char *root, const struct work *work, struct home *ret, struct err *err)
{
	static const char *const argv[] = {"grubby", "--info=DEFAULT", NULL};
	char *info, *saved;
	int r = spawn_read(ctx, argv, GRUB_TOOL_SECONDS, &info, err);

	(void)work;
	if (r == 0)
		r = home_saved_entry(ctx, root, &saved, err);
	if (r < 0)
		return r;
	char *kernel = value_of(ctx, info, "kernel");
	if (!*kernel)
		return err_set(err, -ENOENT,
			"grubby tells no default kernel, so nobody knows what home is");
	*ret = (struct home){
		.title = value_of(ctx, info, "title"),
		.entry = kernel,
		.boots = talloc_asprintf(ctx, "%s root=%s %s", kernel, value_of(ctx, info, "root"),
			value_of(ctx, info, "args")),
		.saved = saved,
	};
	return 0;
}

static int grubby_pin(
	const char *root, const struct work *work, const struct home *home, struct err *err)
{
	char *option = talloc_asprintf(NULL, "--set-default=%s", home->entry);
	const char *const argv[] = {"grubby", option, NULL};
	int r = work_run(NULL, work, argv, GRUB_TOOL_SECONDS, NULL, err);

	(void)root;
	talloc_free(option);
	return r;
}

const struct home_keeper home_grubby = {
	.name = "grubby",
	.read = grubby_read,
	.pin = grubby_pin,
	.unpin = home_restore_saved,
};
