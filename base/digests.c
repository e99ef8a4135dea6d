/* SPDX-License-Identifier: MIT */
#include "base/digests.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "base/digest.h"

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

const char *digests_read(struct digests *digests, int root, const char *path)
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
