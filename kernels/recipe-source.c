/* SPDX-License-Identifier: MIT */
/* From a tarball, a directory or a git tree to a patched tree that can be built. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "kernels/recipe-parts.h"

#define BLOCK_BYTES 65536

/* Where an entry of a kernel's tarball goes: everything is in one folder there, whatever its name,
 * and comes into the tree. NULL for that folder itself and for what would leave the tree. */
static char *target_of(void *ctx, const char *tree, const char *name)
{
	while (strncmp(name, "./", 2) == 0)
		name += 2;
	const char *slash = strchr(name, '/');
	if (!slash || !slash[1] || strstr(name, "../"))
		return NULL;
	return talloc_asprintf(ctx, "%s/%s", tree, slash + 1);
}

static int unpack_entry(struct archive *from, struct archive *to, struct archive_entry *entry,
	void *ctx, const char *tree)
{
	char *path = target_of(ctx, tree, archive_entry_pathname(entry));
	const char *link = archive_entry_hardlink(entry);
	const void *bytes;
	size_t size;
	la_int64_t offset;
	int r;

	if (!path)
		return ARCHIVE_OK;
	archive_entry_set_pathname(entry, path);
	if (link)
		archive_entry_set_hardlink(entry, target_of(path, tree, link));
	r = archive_write_header(to, entry);
	while (r == ARCHIVE_OK &&
		(r = archive_read_data_block(from, &bytes, &size, &offset)) == ARCHIVE_OK)
		r = (int)archive_write_data_block(to, bytes, size, offset);
	talloc_free(path);
	return r == ARCHIVE_EOF ? archive_write_finish_entry(to) : r;
}

/* The place in the tarball, of all its bytes, tells how far it is. */
static int unpack_entries(
	struct building *building, struct archive *from, struct archive *to, off_t size)
{
	struct archive_entry *entry;
	unsigned told = 0;
	int r;

	while ((r = archive_read_next_header(from, &entry)) == ARCHIVE_OK) {
		r = unpack_entry(from, to, entry, building->ctx, building->tree);
		if (r < ARCHIVE_WARN)
			return r;
		unsigned done = (unsigned)(archive_filter_bytes(from, -1) * 100 / (size + 1));
		if (done != told)
			building_tell(building, "unpacking", done, 100);
		told = done;
	}
	return r == ARCHIVE_EOF ? ARCHIVE_OK : r;
}

static int unpack_tarball(struct building *building, int dir, const char *path, struct err *err)
{
	autoclose int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
	struct archive *from = archive_read_new(), *to = archive_write_disk_new();
	struct stat st;
	int code = 0;

	archive_read_support_filter_all(from);
	archive_read_support_format_tar(from);
	archive_write_disk_set_options(to, ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_PERM |
						   ARCHIVE_EXTRACT_SECURE_SYMLINKS |
						   ARCHIVE_EXTRACT_SECURE_NODOTDOT);
	building_tell(building, "unpacking", 0, 100);
	if (fd < 0 || fstat(fd, &st) < 0)
		code = err_set(err, -errno, "%s: cannot be opened: %s", path, strerror(errno));
	else if (archive_read_open_fd(from, fd, BLOCK_BYTES) != ARCHIVE_OK ||
		 unpack_entries(building, from, to, st.st_size) != ARCHIVE_OK)
		code = err_set(err, -EIO, "kernel %s: %s cannot be unpacked: %s",
			building->recipe->name, path,
			archive_error_string(from) ? archive_error_string(from)
						   : archive_error_string(to));
	archive_read_free(from);
	archive_write_free(to);
	return code;
}

static int export_commit(
	struct building *building, const struct location *location, struct err *err)
{
	char *tarball = talloc_asprintf(building->ctx, "%s/source.tar", building->aside), *commit;
	int r = source_commit(building->ctx, location, building->recipe->commit, &commit, err);

	if (r < 0)
		return r;
	const char *const argv[] = {"git", "-c", "safe.directory=*", "-C",
		location_path(building->ctx, location), "archive", "--format=tar",
		"--prefix=source/", "-o", tarball, commit, NULL};
	r = building_run(building, "unpacking", argv, 0, err);
	if (r == 0)
		r = unpack_tarball(building, AT_FDCWD, tarball, err);
	unlink(tarball);
	return r;
}

/* A person's own objects and configuration in it stay out of ours. */
static int copy_directory(
	struct building *building, const struct location *location, struct err *err)
{
	const char *from =
		talloc_asprintf(building->ctx, "%s/.", location_path(building->ctx, location));
	const char *const copy[] = {"cp", "-a", "--reflink=auto", "--", from, building->tree, NULL};
	static const char *const clean[] = {"mrproper", NULL};
	int r = building_run(building, "copying", copy, 0, err);

	return r == 0 ? building_run(building, "copying", building_make(building, clean), 0, err)
		      : r;
}

/* A patch as it is: libarchive takes .xz, .gz, .bz2 and .zst off. */
static int read_patch(
	struct building *building, const struct location *location, int to, struct err *err)
{
	autoclose int fd = openat(location->dir, location->path, O_RDONLY | O_CLOEXEC);
	struct archive *from = archive_read_new();
	struct archive_entry *entry;
	int r = 0;

	archive_read_support_filter_all(from);
	archive_read_support_format_raw(from);
	if (fd < 0)
		r = err_set(
			err, -errno, "%s: cannot be opened: %s", location->path, strerror(errno));
	else if (archive_read_open_fd(from, fd, BLOCK_BYTES) != ARCHIVE_OK ||
		 archive_read_next_header(from, &entry) != ARCHIVE_OK ||
		 archive_read_data_into_fd(from, to) != ARCHIVE_OK)
		r = err_set(err, -EIO, "kernel %s: the patch %s cannot be read: %s",
			building->recipe->name, location->path, archive_error_string(from));
	archive_read_free(from);
	return r;
}

static int apply_patch(struct building *building, const char *name, struct err *err)
{
	const char *plain = talloc_asprintf(building->ctx, "%s/patch", building->aside);
	const char *const argv[] = {"patch", "-d", building->tree, "-p1", "--batch", "--forward",
		"--no-backup-if-mismatch", "-i", plain, NULL};
	struct location location = location_of(building->root, name);
	autoclose int to = open(plain, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct err why = {""};

	if (to < 0)
		return err_set(err, -errno, "%s: cannot be made: %s", plain, strerror(errno));
	int r = read_patch(building, &location, to, err);
	if (r < 0)
		return r;
	r = building_run(building, "patching", argv, 0, &why);
	if (r < 0)
		return err_set(err, r, "the patch %s: %s", name, why.text);
	return 0;
}

int source_bring(struct building *building, struct err *err)
{
	struct location location = {0};
	enum source_kind kind = SOURCE_TARBALL;
	int r = source_find(building->ctx, building->root, building->recipe, &location, &kind, err);

	if (r == 0)
		r = directory_make(AT_FDCWD, building->tree, err);
	if (r == 0 && kind == SOURCE_TARBALL)
		r = unpack_tarball(building, location.dir, location.path, err);
	else if (r == 0 && kind == SOURCE_GIT)
		r = export_commit(building, &location, err);
	else if (r == 0)
		r = copy_directory(building, &location, err);
	for (char **patch = building->recipe->patches; r == 0 && *patch; patch++)
		r = apply_patch(building, *patch, err);
	return r;
}
