/* SPDX-License-Identifier: MIT */
/*
 * apt-get and dpkg: Debian, Ubuntu.
 */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/spawn.h"
#include "distributions/manager.h"

/* Nobody is there to answer, and settings that a person changed stay as they are. */
#define APT                                                                                        \
	"env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300", "-o", \
		"Dpkg::Use-Pty=0", "-o", "Dpkg::Options::=--force-confdef", "-o",                  \
		"Dpkg::Options::=--force-confold"

static int apt_repair(const struct work *work, struct err *err)
{
	static const char *const argv[] = {"env", "DEBIAN_FRONTEND=noninteractive", "dpkg",
		"--force-confdef", "--force-confold", "--configure", "--pending", NULL};

	return work_run(NULL, work, argv, MANAGER_CHANGE_SECONDS, NULL, err);
}

static int apt_refresh(const struct work *work, struct err *err)
{
	/* Without the option lists that could not be fetched are a warning only. */
	static const char *const argv[] = {
		APT, "-o", "APT::Update::Error-Mode=any", "update", NULL};

	return work_run(NULL, work, argv, MANAGER_QUERY_SECONDS, NULL, err);
}

/* A package that was removed but left its settings, or is known and nothing more, is not installed.
 */
static bool is_there(char *line)
{
	char *status = strchr(line, '\t');

	if (!status)
		return false;
	*status++ = '\0';
	return strcmp(status, "not-installed") != 0 && strcmp(status, "config-files") != 0;
}

static int apt_installed(void *ctx, const char *root, char ***ret, struct err *err)
{
	char *admindir = talloc_asprintf(ctx, "--admindir=%s/var/lib/dpkg", root), *list;
	const char *const argv[] = {"dpkg-query", admindir, "--show",
		"--showformat=${binary:Package}\t${db:Status-Status}\n", NULL};
	int r = spawn_read(ctx, argv, MANAGER_QUERY_SECONDS, &list, err);

	if (r < 0)
		return r;
	char **lines = manager_lines(ctx, list);
	unsigned count = 0;
	for (char **line = lines; *line; line++)
		if (is_there(*line))
			lines[count++] = *line;
	lines[count] = NULL;
	*ret = lines;
	return 0;
}

/* dpkg-query --search prints "PACKAGE: PATH". */
static int apt_owner(void *ctx, const char *path, char **ret, struct err *err)
{
	const char *const argv[] = {"dpkg-query", "--search", path, NULL};
	char *line;

	if (spawn_read(ctx, argv, MANAGER_QUERY_SECONDS, &line, NULL) < 0)
		return err_set(err, -ENOENT, "%s: belongs to no package", path);
	char *end = strstr(line, ": ");
	if (end)
		*end = '\0';
	*ret = line;
	return 0;
}

/* With --print-uris apt says what it would fetch and take, and does nothing. */
static int apt_estimate(
	const struct work *work, char *const *names, struct estimate *ret, struct err *err)
{
	static const char *const fixed[] = {
		APT, "--no-install-recommends", "--print-uris", "--yes", "install", NULL};
	void *ctx = talloc_new(NULL);
	char *told;
	int r = work_run(
		ctx, work, manager_argv(ctx, fixed, names), MANAGER_QUERY_SECONDS, &told, err);

	if (r == 0)
		*ret = (struct estimate){
			.download = manager_size(told, "Need to get "),
			.disk = manager_size(told, "After this operation, "),
		};
	talloc_free(ctx);
	return r;
}

static int apt_install(const struct work *work, char *const *names, struct err *err)
{
	/* What was fetched is of no use any more: it goes. What was there stays: unprepare could
	 * not bring it back. */
	static const char *const fixed[] = {APT, "-o", "APT::Keep-Downloaded-Packages=false",
		"--no-install-recommends", "--no-remove", "--yes", "install", NULL};
	const char **argv = manager_argv(NULL, fixed, names);
	int r = work_run(NULL, work, argv, MANAGER_CHANGE_SECONDS, NULL, err);

	talloc_free(argv);
	return r;
}

static bool is_named(char *const *names, const char *name, size_t size)
{
	for (; *names; names++)
		if (strcspn(*names, ":") == size && strncmp(*names, name, size) == 0)
			return true;
	return false;
}

/* Lines "Purg NAME [VERSION]" and "Remv NAME [VERSION]" tell what would go. */
static int need_no_others(const char *told, char *const *names, struct err *err)
{
	for (const char *line = told; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, "Purg ", 5) != 0 && strncmp(line, "Remv ", 5) != 0)
			continue;
		size_t size = strcspn(line + 5, " :\n");
		if (!is_named(names, line + 5, size))
			return err_set(err, -EBUSY,
				"the package %.*s, which was installed later, needs what is to go; "
				"remove it first",
				(int)size, line + 5);
	}
	return 0;
}

static int apt_remove(const struct work *work, char *const *names, struct err *err)
{
	static const char *const ask[] = {APT, "--simulate", "purge", NULL};
	static const char *const purge[] = {APT, "--yes", "purge", NULL};
	void *ctx = talloc_new(NULL);
	char *told;
	int r = work_run(
		ctx, work, manager_argv(ctx, ask, names), MANAGER_QUERY_SECONDS, &told, err);

	if (r == 0)
		r = need_no_others(told, names, err);
	if (r == 0)
		r = work_run(ctx, work, manager_argv(ctx, purge, names), MANAGER_CHANGE_SECONDS,
			NULL, err);
	talloc_free(ctx);
	return r;
}

const struct package_manager apt_manager = {
	.name = "apt",
	.repair = apt_repair,
	.refresh = apt_refresh,
	.installed = apt_installed,
	.owner = apt_owner,
	.estimate = apt_estimate,
	.install = apt_install,
	.remove = apt_remove,
};
