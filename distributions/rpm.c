/* SPDX-License-Identifier: MIT */
#include "distributions/rpm.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/spawn.h"

#define RPM_PACKAGE "%{NAME} %{VERSION}-%{RELEASE}.%{ARCH}\\n"

int rpm_installed(void *ctx, const char *root, char ***ret, struct err *err)
{
	const char *const argv[] = {"rpm", "--root", *root ? root : "/", "--query", "--all",
		"--queryformat", RPM_PACKAGE, NULL};
	char *list;
	int r = spawn_read(ctx, argv, MANAGER_QUERY_SECONDS, &list, err);

	if (r == 0)
		*ret = manager_lines(ctx, list);
	return r;
}

int rpm_owner(void *ctx, const char *path, char **ret, struct err *err)
{
	const char *const argv[] = {
		"rpm", "--query", "--queryformat", RPM_PACKAGE, "--file", path, NULL};
	char *line;

	if (spawn_read(ctx, argv, MANAGER_QUERY_SECONDS, &line, NULL) < 0)
		return err_set(err, -ENOENT, "%s: belongs to no package", path);
	line[strcspn(line, "\n")] = '\0';
	*ret = line;
	return 0;
}

/* rpm takes away what it is told and nothing else; "NAME VERSION" is NAME-VERSION to it. */
int rpm_remove(const struct work *work, char *const *names, struct err *err)
{
	static const char *const fixed[] = {"rpm", "--erase", NULL};
	void *ctx = talloc_new(NULL);
	const char **argv = manager_argv(ctx, fixed, names);

	for (const char **name = argv + 2; *name; name++) {
		char *whole = talloc_strdup(ctx, *name), *blank = strchr(whole, ' ');
		if (blank)
			*blank = '-';
		*name = whole;
	}
	int r = work_run(NULL, work, argv, MANAGER_CHANGE_SECONDS, NULL, err);
	talloc_free(ctx);
	return r;
}
