/* SPDX-License-Identifier: MIT */
#include "grub-hooks/entry.h"

#include <talloc.h>

/* GRUB passes no file name to a multiboot2 image, but Xen and a dom0 kernel skip the first word. */
static char *xen_commands(
	void *ctx, const struct boot_entry *entry, const struct entry_paths *paths)
{
	return talloc_asprintf(ctx,
		"\tmultiboot2 %s placeholder %s\n"
		"\tmodule2 %s placeholder %s\n"
		"\tmodule2 --nounzip %s\n",
		paths->hypervisor, entry->hypervisor_cmdline, paths->kernel, entry->cmdline,
		paths->initrd);
}

static char *linux_commands(
	void *ctx, const struct boot_entry *entry, const struct entry_paths *paths)
{
	return talloc_asprintf(
		ctx, "\tlinux %s %s\n\tinitrd %s\n", paths->kernel, entry->cmdline, paths->initrd);
}

char *entry_text(void *ctx, const struct boot_entry *entry, const struct entry_paths *paths)
{
	char *commands = entry->hypervisor ? xen_commands(ctx, entry, paths)
					   : linux_commands(ctx, entry, paths);
	/* --unrestricted: a menu with a password must not wait for a person at night. */
	char *text = talloc_asprintf(ctx,
		"# Written by latcampaign for one boot; removed when the campaign ends.\n"
		"menuentry '%s' --id %s --unrestricted {\n"
		"\tinsmod gzio\n"
		"\tsearch --no-floppy --fs-uuid --set=root %s\n"
		"%s"
		"}\n",
		entry->title, entry->id, paths->fs_uuid, commands);

	talloc_free(commands);
	return text;
}
