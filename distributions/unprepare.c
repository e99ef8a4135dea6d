/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>
#include <talloc.h>

#include "base/files.h"
#include "distributions/prepare.h"

#define CACHES "/var/cache"
#define BUILD_CACHE CACHES "/latcampaign"
#define REMOVE_SECONDS 3600

static int close_log(struct unpreparation *unpreparation)
{
	close_fd(&unpreparation->work.log);
	return 0;
}

static int look(struct unpreparation *unpreparation, struct err *err)
{
	const char *root = *unpreparation->root ? unpreparation->root : "/";
	autoclose int root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char **installed;
	int r = prepared_load(unpreparation, unpreparation->store, &unpreparation->prepared, err);

	if (r == 0)
		r = distribution_find(unpreparation, root_fd, &unpreparation->distribution, err);
	if (r == 0)
		r = unpreparation->distribution->manager->installed(
			unpreparation, unpreparation->root, &installed, err);
	if (r == 0)
		unpreparation->packages =
			prepared_packages(unpreparation, unpreparation->prepared, installed);
	if (r == 0)
		r = work_open(unpreparation->store, PREPARED_LOG, STATEDIR "/" PREPARED_LOG,
			&unpreparation->work, err);
	return r;
}

int unprepare_look(
	void *ctx, const char *root, int store, struct unpreparation **ret, struct err *err)
{
	struct unpreparation *unpreparation = talloc_zero(ctx, struct unpreparation);

	unpreparation->root = root;
	unpreparation->store = store;
	unpreparation->work.log = -1;
	talloc_set_destructor(unpreparation, close_log);
	int r = look(unpreparation, err);
	if (r == 0)
		*ret = unpreparation;
	else
		talloc_free(unpreparation);
	return r;
}

static bool goes(const struct unpreparation *unpreparation, const char *path)
{
	char *owner, **package = unpreparation->packages;
	void *ctx = talloc_new(NULL);
	bool found = false;

	if (unpreparation->distribution->manager->owner(ctx, path, &owner, NULL) == 0)
		for (; *package && !found; package++)
			found = strcmp(*package, owner) == 0;
	talloc_free(ctx);
	return found;
}

/* A machine whose kernel is gone could load no module any more. */
int unprepare_refuse(const struct unpreparation *unpreparation, struct err *err)
{
	struct utsname running;

	uname(&running);
	char *kernel = talloc_asprintf(NULL, "/boot/vmlinuz-%s", running.release);
	bool removed = goes(unpreparation, kernel);
	talloc_free(kernel);
	return removed ? err_set(err, -EBUSY,
				 "the kernel that runs now, %s, would be removed; reboot into the default "
				 "entry first",
				 running.release)
		       : 0;
}

static int remove_packages(struct unpreparation *unpreparation, struct err *err)
{
	const struct package_manager *manager = unpreparation->distribution->manager;
	int r = 0;

	/* A removal may have been cut short, too. */
	if ((unpreparation->prepared->under_way || *unpreparation->packages) && manager->repair)
		r = manager->repair(&unpreparation->work, err);
	if (r == 0 && *unpreparation->packages)
		r = manager->remove(&unpreparation->work, unpreparation->packages, err);
	return r;
}

static int unpin(struct unpreparation *unpreparation, struct err *err)
{
	const struct distribution *distribution = unpreparation->distribution;
	int r = 0;

	if (unpreparation->prepared->pinned)
		r = distribution->home->unpin(unpreparation->root, &unpreparation->work,
			&unpreparation->prepared->home, err);
	return r == 0 ? prepare_menu(distribution, &unpreparation->work, err) : r;
}

/* directory_remove() makes every step durable, which takes too long for the 80000 files of a build
 * that was cut short. */
static int remove_cache(struct unpreparation *unpreparation, struct err *err)
{
	char *cache = talloc_asprintf(unpreparation, "%s" BUILD_CACHE, unpreparation->root);
	char *caches = talloc_asprintf(unpreparation, "%s" CACHES, unpreparation->root);
	const char *const argv[] = {"rm", "-rf", "--", cache, NULL};

	if (!file_exists(AT_FDCWD, cache))
		return 0;
	int r = work_run(NULL, &unpreparation->work, argv, REMOVE_SECONDS, NULL, err);
	return r == 0 ? directory_sync(AT_FDCWD, caches, err) : r;
}

static int forget(struct unpreparation *unpreparation, struct err *err)
{
	int r = remove_cache(unpreparation, err);

	if (r == 0)
		r = file_remove(unpreparation->store, PREPARED_LOG, err);
	return r == 0 ? file_remove(unpreparation->store, PREPARED_FILE, err) : r;
}

static int take_back(struct unpreparation *unpreparation, prepare_progress *progress,
	void *argument, struct err *err)
{
	struct err why = {""};
	int r, proven;

	progress(argument, 1, 3, "removing packages", 0, 0);
	r = remove_packages(unpreparation, err);
	if (r < 0)
		return r;
	progress(argument, 2, 3, "making GRUB's menu as it was", 0, 0);
	r = unpin(unpreparation, err);
	proven = r < 0 ? 0
		       : prepare_prove_home(unpreparation->distribution, unpreparation->root,
				 &unpreparation->work, &unpreparation->prepared->home, &why);
	if (r < 0)
		return r;
	progress(argument, 3, 3, "removing built kernels and the log", 0, 0);
	r = forget(unpreparation, err);
	return r == 0 && proven < 0 ? err_set(err, proven, "%s", why.text) : r;
}

/* A signal that came on the way has nothing to stop any more in the end. */
int unprepare_do(struct unpreparation *unpreparation, prepare_progress *progress, void *argument,
	struct err *err)
{
	const struct timespec at_once = {0};
	sigset_t stop, before;

	prepare_stop_signals(&stop);
	sigprocmask(SIG_BLOCK, &stop, &before);
	int r = take_back(unpreparation, progress, argument, err);
	while (sigtimedwait(&stop, NULL, &at_once) > 0)
		;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}
