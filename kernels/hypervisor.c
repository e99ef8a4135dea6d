/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "base/digest.h"
#include "base/files.h"
#include "kernels/kernel.h"

/* "xen-4.17-amd64.gz" -> "4.17"; NULL for anything that is no Xen image. Links such as xen.gz name
 * an image that is listed itself. */
static char *image_version(void *ctx, int root, const char *name)
{
	char *path = talloc_asprintf(ctx, "boot/%s", name);
	size_t size = strlen(name);
	struct stat st;

	if (strncmp(name, "xen-", 4) != 0 || !isdigit((unsigned char)name[4]) ||
		strcmp(name + size - 3, ".gz") != 0 ||
		fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return NULL;
	const char *version = name + 4;
	size_t major = strspn(version, "0123456789");
	size_t minor = version[major] == '.' ? strspn(version + major + 1, "0123456789") : 0;
	return minor > 0 ? talloc_strndup(ctx, version, major + 1 + minor) : NULL;
}

static int find_newest(void *ctx, int root, struct setup *setup, struct err *err)
{
	char **names, *version;
	int r = directory_list(ctx, root, "boot", &names, err);

	for (char **name = names; r == 0 && *name; name++) {
		version = image_version(ctx, root, *name);
		if (!version || (setup->hypervisor_version &&
					strverscmp(version, setup->hypervisor_version) < 0))
			continue;
		setup->hypervisor_version = version;
		setup->hypervisor_image = talloc_asprintf(ctx, "/boot/%s", *name);
	}
	return r;
}

int hypervisor_resolve(void *ctx, int root, struct setup *setup, struct err *err)
{
	char hex[DIGEST_HEX + 1];
	int r = find_newest(ctx, root, setup, err);

	if (r < 0)
		return r;
	if (!setup->hypervisor_image)
		return err_set(err, -ENOENT,
			"no Xen is in /boot; install it (Debian: apt install "
			"xen-hypervisor-amd64 xen-utils-4.17)");
	r = digest_file(root, setup->hypervisor_image + 1, hex, err);
	if (r == 0)
		setup->hypervisor_sha256 = talloc_strdup(ctx, hex);
	return r;
}

static char *trimmed(void *ctx, const char *text, size_t size)
{
	size_t front = strspn(text, " ");

	return front < size ? talloc_strndup(ctx, text + front, size - front)
			    : talloc_strdup(ctx, "");
}

char *hypervisor_info(void *ctx, const char *info, const char *key)
{
	for (const char *line = info; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		size_t size = strcspn(line, " :");
		const char *colon = line + strcspn(line, ":\n");
		if (size == strlen(key) && strncmp(line, key, size) == 0 && *colon == ':')
			return trimmed(ctx, colon + 1, strcspn(colon + 1, "\n"));
	}
	return talloc_strdup(ctx, "");
}
