/* SPDX-License-Identifier: MIT */
/*
 * zypper: openSUSE.
 */
#include <talloc.h>

#include "distributions/manager.h"
#include "distributions/rpm.h"

#define ZYPPER "env", "ZYPP_LOCK_TIMEOUT=300", "zypper", "--non-interactive"

static int zypper_refresh(const struct work *work, struct err *err)
{
	static const char *const argv[] = {ZYPPER, "refresh", NULL};

	return work_run(NULL, work, argv, MANAGER_QUERY_SECONDS, NULL, err);
}

static int zypper_estimate(
	const struct work *work, char *const *names, struct estimate *ret, struct err *err)
{
	static const char *const fixed[] = {
		ZYPPER, "install", "--no-recommends", "--dry-run", NULL};
	void *ctx = talloc_new(NULL);
	char *told;
	int r = work_run(
		ctx, work, manager_argv(ctx, fixed, names), MANAGER_QUERY_SECONDS, &told, err);

	if (r == 0)
		*ret = (struct estimate){
			.download = manager_size(told, "Overall download size: "),
			.disk = manager_size(told, "additional "),
		};
	talloc_free(ctx);
	return r;
}

/* A kernel that was built here is signed by nobody. */
static int zypper_install(const struct work *work, char *const *names, struct err *err)
{
	static const char *const fixed[] = {ZYPPER, "install", "--no-recommends",
		"--auto-agree-with-licenses", "--allow-unsigned-rpm", NULL};
	const char **argv = manager_argv(NULL, fixed, names);
	int r = work_run(NULL, work, argv, MANAGER_CHANGE_SECONDS, NULL, err);

	talloc_free(argv);
	return r;
}

const struct package_manager zypper_manager = {
	.name = "zypper",
	.refresh = zypper_refresh,
	.installed = rpm_installed,
	.owner = rpm_owner,
	.estimate = zypper_estimate,
	.install = zypper_install,
	.remove = rpm_remove,
};
