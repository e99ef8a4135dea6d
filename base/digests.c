/* SPDX-License-Identifier: MIT */
#include "base/digests.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "base/digest.h"

struct known_file {
	char *path;
	struct stat st; /* when it was read */
	char hex[DIGEST_HEX + 1];
};

struct digests {
	struct known_file *entries; /* talloc array */
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
static struct known_file *entry_of(struct digests *digests, const char *path)
{
	unsigned count = digests->count;

	for (unsigned i = 0; i < count; i++)
		if (strcmp(digests->entries[i].path, path) == 0)
			return &digests->entries[i];
	digests->entries = talloc_realloc(digests, digests->entries, struct known_file, count + 1);
	digests->entries[count] = (struct known_file){.path = talloc_strdup(digests, path)};
	digests->count++;
	return &digests->entries[count];
}

int digests_read(
	struct digests *digests, int root, const char *path, const char **ret_hex, struct err *err)
{
	const char *below = root == AT_FDCWD ? path : path + 1;
	struct known_file *file = entry_of(digests, path);
	struct stat st;

	if (fstatat(root, below, &st, 0) < 0)
		return err_set(err, -errno, "%s: cannot be found: %s", path, strerror(errno));
	if (!*file->hex || !is_unchanged(&file->st, &st)) {
		int r = digest_file(root, below, file->hex, err);
		if (r < 0) {
			*file->hex = '\0';
			return r;
		}
		file->st = st;
	}
	*ret_hex = file->hex;
	return 0;
}
