/* SPDX-License-Identifier: MIT */
#include "kernels/image.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"

#define MAGIC_OFFSET 0x202
#define VERSION_POINTER_OFFSET 0x20e
#define VERSION_BASE 0x200
#define VERSION_SIZE 128

static int no_image(const char *path, struct err *err)
{
	return err_set(err, -EBADMSG, "/%s: is no Linux bzImage that tells its release", path);
}

int image_release(void *ctx, int root, const char *path, char **ret, struct err *err)
{
	autoclose int fd = openat(root, path, O_RDONLY | O_CLOEXEC);
	unsigned char pointer[2];
	char magic[4], version[VERSION_SIZE + 1] = "";

	if (fd < 0)
		return err_set(err, -errno, "/%s: cannot be opened: %s", path, strerror(errno));
	if (pread(fd, magic, 4, MAGIC_OFFSET) != 4 || memcmp(magic, "HdrS", 4) != 0 ||
		pread(fd, pointer, 2, VERSION_POINTER_OFFSET) != 2)
		return no_image(path, err);
	off_t offset = VERSION_BASE + (pointer[0] | pointer[1] << 8);
	if (offset == VERSION_BASE || pread(fd, version, VERSION_SIZE, offset) <= 0)
		return no_image(path, err);
	version[strcspn(version, " ")] = '\0';
	if (!*version || strchr(version, '/'))
		return no_image(path, err);
	*ret = talloc_strdup(ctx, version);
	return 0;
}
