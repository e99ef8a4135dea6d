/* SPDX-License-Identifier: MIT */
#include "base/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"

static void to_hex(const unsigned char *bytes, size_t size, char *hex)
{
	for (size_t i = 0; i < size; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
}

int digest_bytes(const void *bytes, size_t size, char ret_hex[DIGEST_HEX + 1], struct err *err)
{
	unsigned char sum[EVP_MAX_MD_SIZE];

	if (!EVP_Digest(bytes, size, sum, NULL, EVP_sha256(), NULL))
		return err_set(err, -ENOMEM, "libcrypto cannot compute a SHA-256");
	to_hex(sum, DIGEST_HEX / 2, ret_hex);
	return 0;
}

static int digest_descriptor(int fd, EVP_MD_CTX *context, unsigned char *sum)
{
	char buffer[65536];
	ssize_t n;

	if (!EVP_DigestInit_ex(context, EVP_sha256(), NULL))
		return -ENOMEM;
	while ((n = read(fd, buffer, sizeof(buffer))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!EVP_DigestUpdate(context, buffer, (size_t)n))
			return -ENOMEM;
	}
	return EVP_DigestFinal_ex(context, sum, NULL) ? 0 : -ENOMEM;
}

int digest_file(int dir, const char *path, char ret_hex[DIGEST_HEX + 1], struct err *err)
{
	autoclose int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	unsigned char sum[EVP_MAX_MD_SIZE];

	if (fd < 0)
		return err_set(err, -errno, "%s: cannot be opened: %s", path, strerror(errno));
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int r = context ? digest_descriptor(fd, context, sum) : -ENOMEM;
	EVP_MD_CTX_free(context);
	if (r < 0)
		return err_set(err, r, "%s: cannot be digested: %s", path, strerror(-r));
	to_hex(sum, DIGEST_HEX / 2, ret_hex);
	return 0;
}

struct digest {
	EVP_MD_CTX *context;
	bool fine;
};

static int free_context(struct digest *digest)
{
	EVP_MD_CTX_free(digest->context);
	return 0;
}

struct digest *digest_begin(void *ctx)
{
	struct digest *digest = talloc_zero(ctx, struct digest);

	talloc_set_destructor(digest, free_context);
	digest->context = EVP_MD_CTX_new();
	digest->fine = digest->context && EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL);
	return digest;
}

void digest_add(struct digest *digest, const void *bytes, size_t size)
{
	digest->fine = digest->fine && EVP_DigestUpdate(digest->context, bytes, size);
}

int digest_end(struct digest *digest, char ret_hex[DIGEST_HEX + 1], struct err *err)
{
	unsigned char sum[EVP_MAX_MD_SIZE];

	if (!digest->fine || !EVP_DigestFinal_ex(digest->context, sum, NULL))
		return err_set(err, -ENOMEM, "libcrypto cannot compute a SHA-256");
	to_hex(sum, DIGEST_HEX / 2, ret_hex);
	return 0;
}

int digest_token(char ret_token[TOKEN_HEX + 1], struct err *err)
{
	unsigned char bytes[TOKEN_HEX / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return err_set(err, -EIO, "getrandom: no random bytes: %s", strerror(errno));
	to_hex(bytes, sizeof(bytes), ret_token);
	return 0;
}
