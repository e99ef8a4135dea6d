/* SPDX-License-Identifier: MIT */
/*
 * The guest's answer: what /init sends over the console, see init.sh.
 *
 *   latcampaign-begin NONCE LINES SHA256
 *   latcampaign-line NONCE NUMBER BASE64      LINES times
 *   latcampaign-end NONCE
 *
 * The base64 text is a tar.gz of plain files; SHA256 is that of its bytes.
 */
#ifndef GUESTS_ANSWER_H
#define GUESTS_ANSWER_H

#include <stddef.h>

#include "base/err.h"

/*
 * Finds the first whole frame of `nonce` in the console's bytes and returns its archive as a
 * talloc child of `ctx`. Pure. -EBADMSG with a sentence that tells what is there instead: no
 * answer, a torn one, a kernel panic (quoted).
 */
int answer_find(void *ctx, const char *console, size_t size, const char *nonce, char **ret_archive,
	size_t *ret_size, struct err *err);

/* Unpacks the archive's files into the descriptor `directory`: only plain files with plain names,
 * at most 64 of them and 64 MiB in all; anything else is -EBADMSG. */
int answer_unpack(int directory, const char *archive, size_t size, struct err *err);

#endif
