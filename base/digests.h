/* SPDX-License-Identifier: MIT */
/*
 * Digests of files, remembered while a file's inode does not change: asking often costs little.
 */
#ifndef BASE_DIGESTS_H
#define BASE_DIGESTS_H

#include "base/err.h"

/* A talloc child of `ctx`. */
struct digests;
struct digests *digests_new(void *ctx);

/* `ret_hex`: SHA-256 in hexadecimal, valid until the next call. -ENOENT when the file is not there,
 * another negative errno and a sentence when it cannot be read. It is read only when device, inode,
 * size or time of change differ from when it was last read. `path` is absolute, and looked for
 * below the descriptor `root` (AT_FDCWD: as it is). */
int digests_read(
	struct digests *digests, int root, const char *path, const char **ret_hex, struct err *err);

#endif
