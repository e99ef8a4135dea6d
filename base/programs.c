/* SPDX-License-Identifier: MIT */
#include "base/programs.h"

#include <talloc.h>

#include "base/files.h"

char *program_path(void *ctx, int root, const char *name)
{
	static const char *const folders[] = {
		"usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin"};

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		char *path = talloc_asprintf(ctx, "/%s/%s", folders[i], name);
		if (file_exists(root, path + 1))
			return path;
		talloc_free(path);
	}
	return NULL;
}

void program_need(void *ctx, int root, const char *name, const char *debian_package,
	struct complaints *complaints)
{
	char *path = program_path(NULL, root, name);

	if (!path)
		complaints_add(ctx, complaints,
			"the program %s is not installed; install it (Debian: apt install %s)",
			name, debian_package);
	talloc_free(path);
}
