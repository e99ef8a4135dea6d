/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "base/digest.h"
#include "kernels/kernel.h"

struct digest {
	char *path;
	struct stat st; /* when it was read */
	char hex[DIGEST_HEX + 1];
};

struct digests {
	struct digest *entries; /* talloc array */
	unsigned count;
};

struct digests *digests_new(void *ctx)
{
	return talloc_zero(ctx, struct digests);
}

static bool is_unchanged(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* The file's entry, a new one when it was never read. */
static struct digest *entry_of(struct digests *digests, const char *path)
{
	unsigned count = digests->count;

	for (unsigned i = 0; i < count; i++)
		if (strcmp(digests->entries[i].path, path) == 0)
			return &digests->entries[i];
	digests->entries = talloc_realloc(digests, digests->entries, struct digest, count + 1);
	digests->entries[count] = (struct digest){.path = talloc_strdup(digests, path)};
	digests->count++;
	return &digests->entries[count];
}

/* Reads the file only when its inode has changed since it was last read; NULL when it cannot be
 * read. A path is absolute, and looked for below `root`. */
static const char *digest_of(struct digests *digests, int root, const char *path)
{
	const char *below = root == AT_FDCWD ? path : path + 1;
	struct digest *digest = entry_of(digests, path);
	struct stat st;

	if (fstatat(root, below, &st, 0) < 0)
		return NULL;
	if (!*digest->hex || !is_unchanged(&digest->st, &st)) {
		if (digest_file(root, below, digest->hex, NULL) < 0)
			return NULL;
		digest->st = st;
	}
	return digest->hex;
}

static int verify(
	struct digests *digests, int root, const char *path, const char *sha256, struct err *err)
{
	if (!path)
		return 0;
	const char *hex = digest_of(digests, root, path);
	if (!hex)
		return err_set(err, -ESTALE,
			"%s is gone since the campaign was started; put it back, or start a new "
			"campaign",
			path);
	if (strcmp(hex, sha256) != 0)
		return err_set(err, -ESTALE,
			"%s has changed since the campaign was started; put the old one back, or "
			"start a new campaign",
			path);
	return 0;
}

static int kernel_verify(
	struct digests *digests, int root, const struct kernel *kernel, struct err *err)
{
	int r = verify(digests, root, kernel->image, kernel->image_sha256, err);

	return r == 0 ? verify(digests, root, kernel->initrd, kernel->initrd_sha256, err) : r;
}

int experiment_verify(
	struct digests *digests, int root, const struct experiment *experiment, struct err *err)
{
	int r = kernel_verify(digests, root, &experiment->kernel, err);

	if (r < 0 || !*experiment->script)
		return r;
	return verify(digests, AT_FDCWD, experiment->script, experiment->script_sha256, err);
}

int setup_verify(struct digests *digests, int root, const struct setup *setup, struct err *err)
{
	int r = kernel_verify(digests, root, &setup->kernel, err);

	return r == 0 ? verify(digests, root, setup->hypervisor_image, setup->hypervisor_sha256,
				err)
		      : r;
}
