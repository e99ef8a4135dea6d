/* SPDX-License-Identifier: MIT */
#include "tuning/value.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"

int value_read(void *ctx, int root, const char *path, char **ret, struct err *err)
{
	char *line;
	int r = file_read_line(ctx, root, path, &line, err);

	if (r < 0)
		return r;
	const char *open = strchr(line, '[');
	*ret = open ? talloc_strndup(ctx, open + 1, strcspn(open + 1, "]")) : line;
	return 0;
}

/* Not file_write(): nothing there can be truncated or synced. */
int value_write(int root, const char *path, const char *value, struct err *err)
{
	autoclose int fd = openat(root, path, O_WRONLY | O_CLOEXEC);
	size_t size = strlen(value);

	if (fd < 0)
		return err_set(err, -errno, "/%s: cannot be opened: %s", path, strerror(errno));
	if (write(fd, value, size) != (ssize_t)size)
		return err_set(
			err, -errno, "/%s: does not take \"%s\": %s", path, value, strerror(errno));
	return 0;
}

/* Steps over what a mask or a number may have in front of its digits. */
static const char *digits(const char *value)
{
	const char *at = value + strspn(value, "0,");

	return *at || at == value ? at : at - 1;
}

bool value_same(const char *asked, const char *found)
{
	const char *a = digits(asked), *f = digits(found);

	for (;; a++, f++) {
		a += *a == ',';
		f += *f == ',';
		if (*a != *f || !*a)
			return *a == *f;
	}
}
