/* SPDX-License-Identifier: MIT */
#include "grub-hooks/entry.h"

#include <stdbool.h>
#include <string.h>
#include <talloc.h>

/*
 * A command line as words of a GRUB script that become the same command line. Home's, which ours
 * extend, may hold what a script gives a meaning of its own (memmap=4G$12G). Quotes and backslashes
 * stay as they are: they stand there as GRUB wrote them (grub_create_loader_cmdline).
 */
static char *script_words(void *ctx, const char *cmdline)
{
	char *words = talloc_size(ctx, 2 * strlen(cmdline) + 1), *to = words;
	bool quoted = false;

	for (const char *c = cmdline; *c; c++) {
		if (*c == '"')
			quoted = !quoted;
		if (strchr(quoted ? "$" : "$;{}|&<>#", *c))
			*to++ = '\\';
		*to++ = *c;
	}
	*to = '\0';
	return words;
}

/* GRUB passes no file name to a multiboot2 image, but Xen and a dom0 kernel skip the first word. */
static char *xen_commands(
	void *ctx, const struct boot_entry *entry, const struct entry_paths *paths)
{
	return talloc_asprintf(ctx,
		"\tmultiboot2 %s placeholder %s\n"
		"\tmodule2 %s placeholder %s\n"
		"\tmodule2 --nounzip %s\n",
		paths->hypervisor, script_words(ctx, entry->hypervisor_cmdline), paths->kernel,
		script_words(ctx, entry->cmdline), paths->initrd);
}

static char *linux_commands(
	void *ctx, const struct boot_entry *entry, const struct entry_paths *paths)
{
	return talloc_asprintf(ctx, "\tlinux %s %s\n\tinitrd %s\n", paths->kernel,
		script_words(ctx, entry->cmdline), paths->initrd);
}

char *entry_text(void *ctx, const struct boot_entry *entry, const struct entry_paths *paths)
{
	void *work = talloc_new(NULL);
	char *commands = entry->hypervisor ? xen_commands(work, entry, paths)
					   : linux_commands(work, entry, paths);
	/* --unrestricted: a menu with a password must not wait for a person at night. */
	char *text = talloc_asprintf(ctx,
		"# Written by latcampaign for one boot; removed when the campaign ends.\n"
		"menuentry '%s' --id %s --unrestricted {\n"
		"\tinsmod gzio\n"
		"\tsearch --no-floppy --fs-uuid --set=root %s\n"
		"%s"
		"}\n",
		entry->title, entry->id, paths->fs_uuid, commands);

	talloc_free(work);
	return text;
}
