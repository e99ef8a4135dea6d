/* SPDX-License-Identifier: MIT */
#include "base/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Reads to the end of `fd`; /proc and /sys files tell no size, so the buffer grows. */
static int read_all(void *ctx, int fd, size_t limit, char **ret_text, size_t *ret_size)
{
	size_t size = 0, room = 4096;
	char *text = talloc_size(ctx, room);

	for (;;) {
		ssize_t n = read(fd, text + size, room - size - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			int code = n < 0 ? -errno : 0;
			text[size] = '\0';
			*ret_text = text;
			*ret_size = size;
			return code;
		}
		size += (size_t)n;
		if (size > limit)
			return -EFBIG;
		if (room - size < 2048)
			text = talloc_realloc_size(ctx, text, room *= 2);
	}
}

static int read_open(void *ctx, int fd, const char *path, size_t limit, char **ret_text,
	size_t *ret_size, struct err *err)
{
	char *text = NULL;
	size_t size = 0;
	int r = read_all(ctx, fd, limit, &text, &size);

	if (r == -EFBIG)
		return err_set(err, r, "%s: is larger than the %zu bytes expected", path, limit);
	if (r < 0)
		return err_set(err, r, "%s: cannot be read: %s", path, strerror(-r));
	*ret_text = text;
	if (ret_size)
		*ret_size = size;
	return 0;
}

int file_read(void *ctx, int dir, const char *path, size_t limit, char **ret_text, size_t *ret_size,
	struct err *err)
{
	autoclose int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, -errno, "%s: cannot be opened: %s", path, strerror(errno));
	return read_open(ctx, fd, path, limit, ret_text, ret_size, err);
}

int file_read_end(void *ctx, int dir, const char *path, size_t limit, char **ret_text,
	size_t *ret_size, bool *ret_cut, struct err *err)
{
	autoclose int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, -errno, "%s: cannot be opened: %s", path, strerror(errno));
	*ret_cut = st.st_size > (off_t)limit;
	if (*ret_cut && lseek(fd, st.st_size - (off_t)limit, SEEK_SET) < 0)
		return err_set(err, -errno, "%s: cannot be read: %s", path, strerror(errno));
	/* It may grow meanwhile. */
	return read_open(ctx, fd, path, 2 * limit, ret_text, ret_size, err);
}

int file_read_line(void *ctx, int dir, const char *path, char **ret_line, struct err *err)
{
	size_t size = 0;
	int r = file_read(ctx, dir, path, 65536, ret_line, &size, err);

	if (r < 0)
		return r;
	while (size > 0 && strchr(" \t\r\n", (*ret_line)[size - 1]))
		(*ret_line)[--size] = '\0';
	return 0;
}

static int write_all(int fd, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, bytes, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

static int write_synced(
	int dir, const char *path, const char *bytes, size_t size, unsigned mode, struct err *err)
{
	autoclose int fd = openat(
		dir, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode);
	int r = fd < 0 ? -errno : 0;

	if (r == 0 && fchmod(fd, (mode_t)mode) < 0)
		r = -errno;
	if (r == 0)
		r = write_all(fd, bytes, size);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	if (r < 0)
		return err_set(err, r, "%s: cannot be written: %s", path, strerror(-r));
	return 0;
}

int file_write(int dir, const char *path, const char *bytes, size_t size, struct err *err)
{
	return write_synced(dir, path, bytes, size, 0644, err);
}

int directory_sync(int dir, const char *path, struct err *err)
{
	autoclose int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return err_set(
			err, -errno, "%s: cannot be made durable: %s", path, strerror(errno));
	return 0;
}

static int sync_parent(int dir, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char *parent =
		!slash ? talloc_strdup(NULL, ".")
		       : talloc_strndup(NULL, path, slash == path ? 1 : (size_t)(slash - path));
	int r = directory_sync(dir, parent, err);

	talloc_free(parent);
	return r;
}

int file_replace(
	int dir, const char *path, const char *bytes, size_t size, unsigned mode, struct err *err)
{
	char *aside = talloc_asprintf(NULL, "%s.new", path);
	int r = write_synced(dir, aside, bytes, size, mode, err);

	if (r == 0 && renameat(dir, aside, dir, path) < 0)
		r = err_set(err, -errno, "%s: cannot be renamed to %s: %s", aside, path,
			strerror(errno));
	if (r == 0)
		r = sync_parent(dir, path, err);
	talloc_free(aside);
	return r;
}

int file_remove(int dir, const char *path, struct err *err)
{
	if (unlinkat(dir, path, 0) < 0) {
		if (errno == ENOENT)
			return 0;
		return err_set(err, -errno, "%s: cannot be removed: %s", path, strerror(errno));
	}
	return sync_parent(dir, path, err);
}

bool file_exists(int dir, const char *path)
{
	return faccessat(dir, path, F_OK, 0) == 0;
}

int directory_make(int dir, const char *path, struct err *err)
{
	char *part = talloc_strdup(NULL, path);
	int r = 0;

	for (char *slash = part; r == 0 && slash;) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		if (mkdirat(dir, part, 0755) == 0)
			r = sync_parent(dir, part, err);
		else if (errno != EEXIST)
			r = err_set(err, -errno, "%s: cannot be made: %s", part, strerror(errno));
		if (slash)
			*slash = '/';
	}
	talloc_free(part);
	return r;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int directory_list(void *ctx, int dir, const char *path, char ***ret_names, struct err *err)
{
	int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);

	if (!stream) {
		int code = -errno;
		close_fd(&fd);
		return err_set(err, code, "%s: cannot be listed: %s", path, strerror(-code));
	}
	char **names = talloc_zero_array(ctx, char *, 1);
	size_t count = 0;
	for (struct dirent *entry; (entry = readdir(stream));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		names = talloc_realloc(ctx, names, char *, (unsigned)count + 2);
		names[count++] = talloc_strdup(names, entry->d_name);
		names[count] = NULL;
	}
	closedir(stream);
	qsort(names, count, sizeof(*names), compare_names);
	*ret_names = names;
	return 0;
}

int directory_remove(int dir, const char *path, struct err *err)
{
	char **names = NULL;
	int r = directory_list(NULL, dir, path, &names, err);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	for (char **name = names; name && *name && r == 0; name++) {
		char *below = talloc_asprintf(names, "%s/%s", path, *name);
		struct stat st;
		if (fstatat(dir, below, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
			r = directory_remove(dir, below, err);
		else
			r = file_remove(dir, below, err);
	}
	if (r == 0 && unlinkat(dir, path, AT_REMOVEDIR) < 0)
		r = err_set(err, -errno, "%s: cannot be removed: %s", path, strerror(errno));
	talloc_free(names);
	return r;
}
