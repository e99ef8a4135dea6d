/* SPDX-License-Identifier: MIT */
#include "statemachine/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"

/* Root acts on what stands here, so nobody else may write it, nor lead elsewhere by a link. */
static int check_owner(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(err, -errno, "%s: cannot be looked at: %s", path, strerror(errno));
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & (S_IWGRP | S_IWOTH)))
		return err_set(err, -EPERM,
			"%s: others than root can write it, so it is not trusted; see who did that, "
			"then `chown root: %s; chmod go-w %s`",
			path, path, path);
	return 0;
}

static int open_directory(int dir, const char *path, int *ret, struct err *err)
{
	int fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return err_set(err, -errno, "%s: cannot be opened: %s", path, strerror(errno));
	int r = check_owner(fd, path, err);
	if (r < 0)
		close(fd);
	else
		*ret = fd;
	return r;
}

int store_open(const char *root, bool make, int *ret_store, struct err *err)
{
	char *path = talloc_asprintf(NULL, "%s%s", root, STATEDIR);
	int r = make ? directory_make(AT_FDCWD, path, err) : 0;

	if (r == 0)
		r = open_directory(AT_FDCWD, path, ret_store, err);
	talloc_free(path);
	return r;
}

int store_open_campaign(int store, const char *name, bool make, int *ret_campaign, struct err *err)
{
	int r = make ? directory_make(store, name, err) : 0;

	if (r == 0 && make)
		r = directory_sync(store, ".", err);
	if (r < 0)
		return r;
	if (strchr(name, '/') || !file_exists(store, name))
		return err_set(err, -ENOENT,
			"there is no campaign \"%s\" in %s; `ls %s` lists them", name, STATEDIR,
			STATEDIR);
	return open_directory(store, name, ret_campaign, err);
}

char *store_active(void *ctx, int store)
{
	char name[NAME_MAX + 1];
	ssize_t size = readlinkat(store, "active", name, sizeof(name) - 1);

	return size > 0 ? talloc_strndup(ctx, name, (size_t)size) : NULL;
}

int store_activate(int store, const char *name, struct err *err)
{
	char *other = store_active(NULL, store);
	int r = 0;

	if (other && strcmp(other, name) != 0)
		r = err_set(err, -EBUSY,
			"campaign %s is under way on this machine; `latcampaign status` tells how "
			"far it is, `latcampaign stop` ends it",
			other);
	else if (!other && symlinkat(name, store, "active") < 0)
		r = err_set(
			err, -errno, "%s/active: cannot be made: %s", STATEDIR, strerror(errno));
	talloc_free(other);
	return r < 0 ? r : directory_sync(store, ".", err);
}

int store_release(int store, struct err *err)
{
	return file_remove(store, "active", err);
}

char *store_latest(void *ctx, int store)
{
	char **names, *latest = store_active(ctx, store);
	struct timespec newest = {0};

	if (latest || directory_list(ctx, store, ".", &names, NULL) < 0)
		return latest;
	for (char **name = names; *name; name++) {
		char *record = talloc_asprintf(names, "%s/record.json", *name);
		struct stat st;
		if (fstatat(store, record, &st, 0) < 0 || st.st_mtim.tv_sec < newest.tv_sec)
			continue;
		newest = st.st_mtim;
		latest = *name;
	}
	latest = latest ? talloc_strdup(ctx, latest) : NULL;
	talloc_free(names);
	return latest;
}

int store_lock(int store, int *ret_lock, struct err *err)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = openat(store, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0)
		return err_set(
			err, -errno, "%s/lock: cannot be opened: %s", STATEDIR, strerror(errno));
	if (fcntl(fd, F_OFD_SETLK, &whole) < 0) {
		close(fd);
		return err_set(err, -EBUSY, "another latcampaign works in %s already", STATEDIR);
	}
	*ret_lock = fd;
	return 0;
}

bool store_is_locked(int store)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	autoclose int fd = openat(store, "lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	return fd >= 0 && fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}
