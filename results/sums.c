/* SPDX-License-Identifier: MIT */
#include "results/sums.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/files.h"

#define SUMS_LIMIT ((size_t)1 << 20)

static int sync_file(int directory, const char *name, struct err *err)
{
	struct stat st;
	autoclose int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || fstat(fd, &st) < 0 || fsync(fd) < 0)
		return err_set(
			err, -errno, "%s: cannot be made durable: %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, -EINVAL, "%s: is no regular file", name);
	return 0;
}

/* What SHA256SUMS has to say of the directory as it is now. */
static int compute(void *ctx, int directory, char **ret, struct err *err)
{
	char **names, *text = talloc_strdup(ctx, ""), hex[DIGEST_HEX + 1];
	int r = directory_list(ctx, directory, ".", &names, err);

	for (char **name = names; r == 0 && *name; name++) {
		if (strcmp(*name, SUMS_FILE) == 0)
			continue;
		r = digest_file(directory, *name, hex, err);
		if (r == 0)
			text = talloc_asprintf_append(text, "%s  %s\n", hex, *name);
	}
	*ret = text;
	return r;
}

int sums_write(int directory, struct err *err)
{
	void *ctx = talloc_new(NULL);
	char **names, *text;
	int r = directory_list(ctx, directory, ".", &names, err);

	for (char **name = names; r == 0 && *name; name++)
		r = sync_file(directory, *name, err);
	if (r == 0)
		r = compute(ctx, directory, &text, err);
	if (r == 0)
		r = file_write(directory, SUMS_FILE, text, strlen(text), err);
	if (r == 0)
		r = directory_sync(directory, ".", err);
	talloc_free(ctx);
	return r;
}

/* Equal as text: then nothing is missing, damaged or there without being listed. */
int sums_check(int directory, struct err *err)
{
	void *ctx = talloc_new(NULL);
	char *found, *listed;
	int r = file_read(ctx, directory, SUMS_FILE, SUMS_LIMIT, &listed, NULL, err);

	if (r == 0)
		r = compute(ctx, directory, &found, err);
	if (r == 0 && strcmp(found, listed) != 0)
		r = err_set(err, -EBADMSG, "its files are not what " SUMS_FILE " says");
	talloc_free(ctx);
	return r == -ENOENT || r == -EFBIG ? -EBADMSG : r;
}
