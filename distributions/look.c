/* SPDX-License-Identifier: MIT */
/*
 * What a machine lacks, and what keeps it from being brought: nothing here changes anything.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <talloc.h>

#include "base/files.h"
#include "distributions/prepare.h"
#include "kernels/kernel.h"

/* What a build leaves and needs on the way, in bytes. */
#define GUEST_BUILD_BYTES ((int64_t)3 << 30)
#define HOST_BUILD_BYTES ((int64_t)25 << 30)

static int close_all(struct preparation *preparation)
{
	close_fd(&preparation->root_fd);
	close_fd(&preparation->work.log);
	return 0;
}

/* Needs become packages; what the distribution has no package for is said. */
static void find_packages(struct preparation *preparation)
{
	struct distribution *distribution = preparation->distribution;
	char **names;

	preparation->packages = talloc_zero_array(preparation, char *, 1);
	for (char **need = preparation->missing->needs; *need; need++) {
		struct err err = {""};
		if (distribution_packages(distribution, *need, &names, &err) == 0)
			preparation->packages =
				prepared_join(preparation, preparation->packages, names);
		else if (strcmp(*need, "rt-kernel") == 0)
			complaints_add(preparation, &preparation->helpless,
				"%s; let the campaign build one (kernels in latcampaign.cfg(5))",
				err.text);
		else
			complaints_add(preparation, &preparation->helpless, "%s", err.text);
	}
}

/* `make install` or the package of latcampaign brings them: nothing of ours could put them there
 * later. */
static void need_unit(struct preparation *preparation)
{
	static const char *const places[] = {"etc/systemd/system/latcampaign.service",
		"usr/lib/systemd/system/latcampaign.service",
		"lib/systemd/system/latcampaign.service"};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (file_exists(preparation->root_fd, places[i]))
			return;
	complaints_add(preparation, &preparation->helpless,
		"latcampaign.service, which goes on with a campaign after a reboot, is not installed; "
		"run `make install`");
}

/* A size that cannot be told (no lists of packages yet, an old package manager) is none. */
static void find_estimate(struct preparation *preparation)
{
	preparation->estimate = (struct estimate){-1, -1};
	if (*preparation->packages && !*preparation->root)
		preparation->distribution->manager->estimate(
			&preparation->work, preparation->packages, &preparation->estimate, NULL);
}

/* Home is what boots by default now; while a round was cut short, what did before it. */
static int find_home(struct preparation *preparation, struct err *err)
{
	const struct prepared *prepared = preparation->prepared;
	int r = preparation->distribution->home->read(
		preparation, preparation->root, &preparation->work, &preparation->home, err);

	if (r == 0 && prepared && prepared->under_way)
		preparation->home = prepared->home;
	else if (r == 0 && prepared)
		preparation->home.saved = prepared->home.saved;
	return r;
}

static int load_prepared(struct preparation *preparation, int store, struct err *err)
{
	int r = store < 0 ? -ENOENT
			  : prepared_load(preparation, store, &preparation->prepared, err);

	return r == -ENOENT ? 0 : r;
}

int prepare_look(void *ctx, const struct plan *plan, const char *root, int store,
	struct preparation **ret, struct err *err)
{
	struct preparation *preparation = talloc_zero(ctx, struct preparation);

	preparation->root = root;
	preparation->root_fd = open(*root ? root : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	preparation->store = -1;
	preparation->work = (struct work){memfd_create("log", MFD_CLOEXEC), "the output"};
	talloc_set_destructor(preparation, close_all);
	int r = preparation->root_fd < 0 || preparation->work.log < 0
			? err_set(err, -errno, "%s: cannot be opened: %s", root, strerror(errno))
			: distribution_find(preparation, preparation->root_fd,
				  &preparation->distribution, err);
	if (r == 0)
		r = load_prepared(preparation, store, err);
	if (r == 0)
		r = find_home(preparation, err);
	if (r < 0) {
		talloc_free(preparation);
		return r;
	}
	preparation->missing = missing_find(preparation, plan, preparation->root_fd);
	find_packages(preparation);
	need_unit(preparation);
	find_estimate(preparation);
	*ret = preparation;
	return 0;
}

bool prepare_is_done(const struct preparation *preparation)
{
	const struct prepared *prepared = preparation->prepared;

	return !*preparation->packages && preparation->missing->kernel_count == 0 &&
	       (!prepared || !prepared->under_way);
}

/* The last byte of the firmware's variable; the first four are its attributes. */
static bool secure_boot(int root)
{
	char *bytes = NULL;
	size_t size = 0;
	int r = file_read(NULL, root,
		"sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", 64,
		&bytes, &size, NULL);
	bool on = r == 0 && size == 5 && bytes[4] == 1;

	talloc_free(bytes);
	return on;
}

static void need_room(void *ctx, const char *root, const char *folder, int64_t bytes,
	const char *what, struct complaints *complaints)
{
	char *path = talloc_asprintf(NULL, "%s%s", root, folder);
	struct statvfs fs;

	if (statvfs(path, &fs) == 0 && (int64_t)(fs.f_bavail * fs.f_frsize) < bytes)
		complaints_add(ctx, complaints,
			"%s has %ld MiB free, and %s about %ld MiB; free some first", path,
			(long)((fs.f_bavail * fs.f_frsize) >> 20), what, (long)(bytes >> 20));
	talloc_free(path);
}

static void need_room_for_builds(
	void *ctx, const struct preparation *preparation, struct complaints *complaints)
{
	int64_t bytes = 0;

	for (unsigned i = 0; i < preparation->missing->kernel_count; i++) {
		const struct missing_kernel *kernel = &preparation->missing->kernels[i];
		int64_t one =
			kernel->recipe->base == RECIPE_HOST ? HOST_BUILD_BYTES : GUEST_BUILD_BYTES;
		if (!kernel->built && one > bytes)
			bytes = one;
	}
	if (bytes > 0)
		need_room(ctx, preparation->root, "/var", bytes, "building a kernel takes",
			complaints);
}

void prepare_refuse(void *ctx, const struct preparation *preparation, struct complaints *complaints)
{
	const struct estimate *estimate = &preparation->estimate;
	int64_t bytes = (estimate->download > 0 ? estimate->download : 0) +
			(estimate->disk > 0 ? estimate->disk : 0);

	if (preparation->missing->unsigned_parts && secure_boot(preparation->root_fd))
		complaints_add(ctx, complaints,
			"Secure Boot is on, and it refuses Xen and kernels that were built here, since "
			"nobody has signed them; switch it off in the firmware's setup, or leave these "
			"setups out of the campaign");
	need_room(ctx, preparation->root, "/usr", bytes, "the packages take", complaints);
	need_room_for_builds(ctx, preparation, complaints);
}
