/* SPDX-License-Identifier: MIT */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>

#include "base/err.h"

#define DIGEST_HEX 64 /* characters of a SHA-256 in hexadecimal, without the NUL byte */

/* SHA-256 (FIPS 180-4) of bytes in memory, as lower-case hexadecimal with a NUL byte. */
int digest_bytes(const void *bytes, size_t size, char ret_hex[DIGEST_HEX + 1], struct err *err);

/* The same of a file below the directory descriptor `dir`. */
int digest_file(int dir, const char *path, char ret_hex[DIGEST_HEX + 1], struct err *err);

/* The same of bytes that come piece by piece; a talloc context. A failure of libcrypto shows at the
 * end. */
struct digest;
struct digest *digest_begin(void *ctx);
void digest_add(struct digest *digest, const void *bytes, size_t size);
int digest_end(struct digest *digest, char ret_hex[DIGEST_HEX + 1], struct err *err);

/* Makes a random token of 16 hexadecimal characters from getrandom(2). */
#define TOKEN_HEX 16
int digest_token(char ret_token[TOKEN_HEX + 1], struct err *err);

#endif
