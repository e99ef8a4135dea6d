/* SPDX-License-Identifier: MIT */
/*
 * A digest of bytes that are worked on at the same time: it is counted by a thread of its own.
 */
#ifndef BASE_DIGEST_BESIDE_H
#define BASE_DIGEST_BESIDE_H

#include "base/digest.h"

/* A talloc child of `ctx`, whose thread ends with it. Without a thread (none could be made) it
 * counts in the caller's time. */
struct digest_beside;
struct digest_beside *digest_beside_begin(void *ctx);

/* The next piece. Returns when the piece before it is counted; this one must stay as it is until
 * the next call. */
void digest_beside_add(struct digest_beside *beside, const void *bytes, size_t size);

/* As digest_end(), of all pieces. */
int digest_beside_end(struct digest_beside *beside, char ret_hex[DIGEST_HEX + 1], struct err *err);

#endif
