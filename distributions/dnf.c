/* SPDX-License-Identifier: MIT */
/*
 * dnf 4 and dnf 5: Fedora and its relatives.
 */
#include <talloc.h>

#include "distributions/manager.h"
#include "distributions/rpm.h"

/* dnf would wait for another one for ever. */
#define DNF "dnf", "--setopt=exit_on_lock=True", "--setopt=install_weak_deps=False"

static int dnf_refresh(const struct work *work, struct err *err)
{
	static const char *const argv[] = {DNF, "makecache", NULL};

	return work_run(NULL, work, argv, MANAGER_QUERY_SECONDS, NULL, err);
}

/* dnf 5 says it in words of its own. */
static struct estimate read_estimate(const char *told)
{
	struct estimate estimate = {manager_size(told, "Need to download "),
		manager_size(told, "After this operation, ")};

	if (estimate.download < 0)
		estimate.download = manager_size(told, "Total download size: ");
	if (estimate.disk < 0)
		estimate.disk = manager_size(told, "Installed size: ");
	return estimate;
}

/* dnf has no dry run; told not to install what it has worked out, it ends with a failure. What it
 * would take is no more than what a person is told, so that not knowing it is none. */
static int dnf_estimate(
	const struct work *work, char *const *names, struct estimate *ret, struct err *err)
{
	static const char *const fixed[] = {DNF, "--assumeno", "install", NULL};
	void *ctx = talloc_new(NULL);

	(void)err;
	*ret = read_estimate(
		work_try(ctx, work, manager_argv(ctx, fixed, names), MANAGER_QUERY_SECONDS));
	talloc_free(ctx);
	return 0;
}

static int dnf_install(const struct work *work, char *const *names, struct err *err)
{
	static const char *const fixed[] = {DNF, "--assumeyes", "install", NULL};
	const char **argv = manager_argv(NULL, fixed, names);
	int r = work_run(NULL, work, argv, MANAGER_CHANGE_SECONDS, NULL, err);

	talloc_free(argv);
	return r;
}

const struct package_manager dnf_manager = {
	.name = "dnf",
	.refresh = dnf_refresh,
	.installed = rpm_installed,
	.owner = rpm_owner,
	.estimate = dnf_estimate,
	.install = dnf_install,
	.remove = rpm_remove,
};
