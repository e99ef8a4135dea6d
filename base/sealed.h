/* SPDX-License-Identifier: MIT */
/*
 * JSON files that tell whether they are whole: an object with one member more, "sha256", over the
 * rest. A torn, truncated or bit-flipped file is never taken for a good one.
 */
#ifndef BASE_SEALED_H
#define BASE_SEALED_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

/* Replaces `path` below `dir` atomically and durably with the sealed object. Takes no reference of
 * `json`, and leaves it as it was. */
int sealed_save(int dir, const char *path, json_t *json, struct err *err);

/* Reads one back (new reference, without the seal), at most `limit` bytes. -ENOENT when there is
 * none, -EBADMSG when it is damaged. */
int sealed_load(int dir, const char *path, size_t limit, json_t **ret, struct err *err);

#endif
