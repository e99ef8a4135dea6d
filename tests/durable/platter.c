/* SPDX-License-Identifier: MIT */
#include "tests/durable/platter.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "tests/durable/machine.h"

#define FOLDERS_DEEP 16 /* descriptors that nftw(3) may use */
#define HANDLE_BYTES 64 /* more than any file system's handle has */

static char root[64], platter[80];

/* Where the platter keeps a file or directory. The number of an inode goes to another file when the
 * first one is removed, and what was flushed of the first is not of the second: the handle that the
 * file system gives out has the inode's generation in it as well. */
struct place {
	char name[2 * HANDLE_BYTES + 1];
};

static struct place place_of(int dir, const char *path, int flags)
{
	union {
		struct file_handle handle;
		char space[sizeof(struct file_handle) + HANDLE_BYTES];
	} is = {.handle = {.handle_bytes = HANDLE_BYTES}};
	struct place place = {""};
	int mount;

	machine_must(name_to_handle_at(dir, path, &is.handle, &mount, flags) == 0, path);
	for (unsigned i = 0; i < is.handle.handle_bytes; i++)
		snprintf(place.name + (size_t)2 * i, 3, "%02x", is.handle.f_handle[i]);
	return place;
}

static const char *on_platter(const char *place, char path[static PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/%s", platter, place);
	return path;
}

/* --- what is flushed ------------------------------------------------------------------------ */

static void copy(const char *from, const char *to, mode_t mode)
{
	autoclose int in = open(from, O_RDONLY | O_CLOEXEC);
	autoclose int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	machine_must(in >= 0 && out >= 0, to);
	while (sendfile(out, in, NULL, 1 << 20) > 0)
		;
}

static json_t *describe(int dir, const char *name)
{
	struct stat st;
	char target[PATH_MAX] = "";

	machine_must(fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0, name);
	if (S_ISLNK(st.st_mode))
		machine_must(readlinkat(dir, name, target, sizeof(target) - 1) > 0, name);
	return json_pack("{s:s, s:s, s:i, s:s}", "name", name, "place", place_of(dir, name, 0).name,
		"mode", (int)st.st_mode, "target", target);
}

static void list_directory(const char *path, const char *to)
{
	DIR *stream = opendir(path);
	json_t *list = json_array();

	if (!stream)
		machine_broken(path);
	for (struct dirent *entry; (entry = readdir(stream));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			json_array_append_new(list, describe(dirfd(stream), entry->d_name));
	machine_must(json_dump_file(list, to, 0) == 0, to);
	json_decref(list);
	closedir(stream);
}

static int flush(const char *path, const struct stat *st, int type, struct FTW *where)
{
	char to[PATH_MAX];

	(void)type;
	(void)where;
	if (!S_ISDIR(st->st_mode) && !S_ISREG(st->st_mode))
		return 0;
	on_platter(place_of(AT_FDCWD, path, AT_SYMLINK_FOLLOW).name, to);
	if (S_ISDIR(st->st_mode))
		list_directory(path, to);
	else
		copy(path, to, 0600);
	return 0;
}

void platter_flush(int fd)
{
	char path[32];
	struct stat st;

	if (!*platter)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	machine_must(fstat(fd, &st) == 0, path);
	flush(path, &st, 0, NULL);
}

void platter_flush_all(void)
{
	if (!*platter)
		return;
	machine_must(directory_remove(AT_FDCWD, platter, NULL) == 0, platter);
	machine_must(mkdir(platter, 0700) == 0, platter);
	machine_must(nftw(root, flush, FOLDERS_DEEP, FTW_PHYS) == 0, root);
}

/* --- what comes back ------------------------------------------------------------------------ */

static void restore_directory(const char *place, int mode, const char *path);

static void restore(const json_t *entry, const char *directory)
{
	char path[PATH_MAX], from[PATH_MAX], *name, *place, *target;
	int mode;

	machine_must(json_unpack((json_t *)entry, "{s:s, s:s, s:i, s:s}", "name", &name, "place",
			     &place, "mode", &mode, "target", &target) == 0,
		directory);
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	/* A file that is not there: its name was flushed, but never its bytes. */
	bool empty = access(on_platter(place, from), F_OK) < 0;
	if (S_ISDIR(mode))
		restore_directory(place, mode, path);
	else if (S_ISLNK(mode))
		machine_must(symlink(target, path) == 0, path);
	else
		copy(empty ? "/dev/null" : from, path, (mode_t)mode & 07777);
}

static void restore_directory(const char *place, int mode, const char *path)
{
	char from[PATH_MAX];
	json_t *list = json_load_file(on_platter(place, from), 0, NULL), *entry;
	size_t i;

	machine_must(mkdir(path, (mode_t)mode & 07777) == 0, path);
	json_array_foreach(list, i, entry) restore(entry, path); /* NULL: never flushed */
	json_decref(list);
}

void platter_restore(void)
{
	struct stat st;
	struct place place = place_of(AT_FDCWD, root, 0);

	machine_must(stat(root, &st) == 0, root);
	machine_must(directory_remove(AT_FDCWD, root, NULL) == 0, root);
	restore_directory(place.name, (int)st.st_mode, root);
}

/* --- its life ------------------------------------------------------------------------------- */

void platter_make(const char *machine)
{
	snprintf(root, sizeof(root), "%s", machine);
	snprintf(platter, sizeof(platter), "%s.platter", machine);
	machine_must(mkdir(platter, 0700) == 0, platter);
	platter_flush_all();
}

void platter_remove(void)
{
	if (*platter)
		directory_remove(AT_FDCWD, platter, NULL);
	*platter = '\0';
}
