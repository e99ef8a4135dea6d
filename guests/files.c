/* SPDX-License-Identifier: MIT */
#include "guests/files.h"

#include <stdlib.h>
#include <talloc.h>

#include "base/files.h"

char *files_program(void *ctx, int root, const char *name)
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

char *files_script(void *ctx, const char *name)
{
	const char *datadir = getenv("LATCAMPAIGN_DATADIR");

	return talloc_asprintf(ctx, "%s/guest/%s", datadir ? datadir : DATADIR, name);
}

void files_need(void *ctx, int root, const char *program, const char *package,
	struct complaints *complaints)
{
	char *path = files_program(NULL, root, program);

	if (!path)
		complaints_add(ctx, complaints,
			"the program %s is not installed; install it (Debian: apt install %s)",
			program, package);
	talloc_free(path);
}
