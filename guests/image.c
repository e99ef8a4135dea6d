/* SPDX-License-Identifier: MIT */
#include "guests/image.h"

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "base/files.h"
#include "base/programs.h"
#include "base/spawn.h"

#define FILE_LIMIT ((size_t)64 << 20)
#define LOADER_SECONDS 30

/* What /init and /measure call; each a link to busybox. */
static const char *const applets[] = {"sh", "mount", "mkdir", "cat", "uname", "tar", "gzip",
	"base64", "sha256sum", "wc", "cut", "sleep", "poweroff", "dmesg", "echo", "test", "[",
	"awk", "rm", "ln", "ls", "grep", "sed", "head", "tail", "tr", "env", "sync", "date", "chrt",
	"nproc"};

struct image {
	struct archive *archive;
	int root;
	void *ctx;
};

static int add(struct image *image, const char *path, unsigned mode, const char *link,
	const char *bytes, size_t size, struct err *err)
{
	struct archive_entry *entry = archive_entry_new();

	archive_entry_set_pathname(entry, path);
	archive_entry_set_mode(entry, (mode_t)mode);
	archive_entry_set_mtime(entry, 0, 0); /* the same inputs give the same bytes */
	archive_entry_set_size(entry, (la_int64_t)size);
	if (link)
		archive_entry_set_symlink(entry, link);
	int r = archive_write_header(image->archive, entry) == ARCHIVE_OK ? 0 : -EIO;
	if (r == 0 && size > 0 &&
		archive_write_data(image->archive, bytes, size) != (la_ssize_t)size)
		r = -EIO;
	archive_entry_free(entry);
	if (r < 0)
		return err_set(err, r, "the guest's image: %s: %s", path,
			archive_error_string(image->archive));
	return 0;
}

static int add_file(struct image *image, int dir, const char *from, const char *to, unsigned mode,
	struct err *err)
{
	char *bytes;
	size_t size;
	int r = file_read(image->ctx, dir, from, FILE_LIMIT, &bytes, &size, err);

	if (r < 0)
		return r;
	r = add(image, to, S_IFREG | mode, NULL, bytes, size, err);
	talloc_free(bytes);
	return r;
}

/* A program or library of the host at its own path. */
static int add_same(struct image *image, const char *path, struct err *err)
{
	return add_file(image, image->root, path + 1, path + 1, 0755, err);
}

static int add_folders(struct image *image, struct err *err)
{
	static const char *const folders[] = {"bin", "dev", "proc", "sys", "tmp", "lib", "lib64",
		"lib/x86_64-linux-gnu", "usr", "usr/bin", "usr/sbin", "usr/lib",
		"usr/lib/x86_64-linux-gnu", "usr/lib64", "usr/local", "usr/local/bin"};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(folders) / sizeof(*folders); i++)
		r = add(image, folders[i], S_IFDIR | 0755, NULL, NULL, 0, err);
	return r;
}

static int add_busybox(struct image *image, struct err *err)
{
	char *path = program_path(image->ctx, image->root, "busybox");

	if (!path)
		return err_set(err, -ENOENT,
			"busybox is not installed; install a static one (Debian: apt install "
			"busybox-static)");
	int r = add_file(image, image->root, path + 1, "bin/busybox", 0755, err);
	for (size_t i = 0; r == 0 && i < sizeof(applets) / sizeof(*applets); i++) {
		char *name = talloc_asprintf(image->ctx, "bin/%s", applets[i]);
		r = add(image, name, S_IFLNK | 0777, "busybox", NULL, 0, err);
	}
	return r;
}

/* The program interpreter (ELF's PT_INTERP) of a 64-bit program; NULL when it is static. */
static const char *interpreter(const char *bytes, size_t size)
{
	const Elf64_Ehdr *header = (const void *)bytes;

	if (size < sizeof(*header) || memcmp(bytes, ELFMAG, SELFMAG) != 0 ||
		header->e_phoff > size ||
		header->e_phnum > (size - header->e_phoff) / sizeof(Elf64_Phdr))
		return NULL;
	const Elf64_Phdr *segment = (const void *)(bytes + header->e_phoff);
	for (unsigned i = 0; i < header->e_phnum; i++)
		if (segment[i].p_type == PT_INTERP && segment[i].p_offset < size)
			return bytes + segment[i].p_offset;
	return NULL;
}

/* What the loader itself says it would load: "\tNAME => PATH (0x...)" or "\tPATH (0x...)". */
static int add_libraries(
	struct image *image, const char *loader, const char *program, struct err *err)
{
	const char *const argv[] = {loader, "--list", program, NULL};
	char *list, *rest;
	int r = spawn_read(image->ctx, argv, LOADER_SECONDS, &list, err);

	if (r < 0)
		return r;
	for (char *line = strtok_r(list, "\n", &rest); r == 0 && line;
		line = strtok_r(NULL, "\n", &rest)) {
		char *path = strchr(line, '/');
		if (!path)
			continue; /* the kernel's own vdso */
		path[strcspn(path, " ")] = '\0';
		r = add_same(image, path, err);
	}
	return r;
}

static int add_cyclictest(struct image *image, struct err *err)
{
	char *path = program_path(image->ctx, image->root, "cyclictest"), *bytes;
	size_t size;

	if (!path)
		return err_set(err, -ENOENT,
			"cyclictest is not installed; install it (Debian: apt install rt-tests)");
	int r = file_read(image->ctx, image->root, path + 1, FILE_LIMIT, &bytes, &size, err);
	if (r == 0)
		r = add(image, "bin/cyclictest", S_IFREG | 0755, NULL, bytes, size, err);
	const char *loader = r == 0 ? interpreter(bytes, size) : NULL;
	return loader ? add_libraries(image, loader, path, err) : r;
}

/* A script that came with latcampaign; $LATCAMPAIGN_DATADIR is for one that is not installed. */
static char *script_path(void *ctx, const char *name)
{
	const char *datadir = getenv("LATCAMPAIGN_DATADIR");

	return talloc_asprintf(ctx, "%s/guest/%s", datadir ? datadir : DATADIR, name);
}

static int add_scripts(struct image *image, const char *script, struct err *err)
{
	const char *measure = *script ? script : script_path(image->ctx, "measure.sh");
	int r = add_file(image, AT_FDCWD, script_path(image->ctx, "init.sh"), "init", 0755, err);

	return r == 0 ? add_file(image, AT_FDCWD, measure, "measure", 0755, err) : r;
}

static int fill(struct image *image, const char *script, struct err *err)
{
	int r = add_folders(image, err);

	if (r == 0)
		r = add_busybox(image, err);
	if (r == 0)
		r = add_cyclictest(image, err);
	return r == 0 ? add_scripts(image, script, err) : r;
}

int image_write(int root, int directory, const char *path, const char *script, struct err *err)
{
	autoclose int fd = openat(directory, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct image image = {archive_write_new(), root, talloc_new(NULL)};

	archive_write_set_format_cpio_newc(image.archive);
	archive_write_add_filter_gzip(image.archive);
	/* A time stamp in gzip's header would make every image another one. */
	archive_write_set_filter_option(image.archive, "gzip", "timestamp", NULL);
	archive_write_set_filter_option(image.archive, "gzip", "compression-level", "1");
	int r = fd < 0 ? err_set(err, -errno, "%s: cannot be made: %s", path, strerror(errno)) : 0;
	if (r == 0 && archive_write_open_fd(image.archive, fd) != ARCHIVE_OK)
		r = err_set(err, -EIO, "%s: %s", path, archive_error_string(image.archive));
	if (r == 0)
		r = fill(&image, script, err);
	if (r == 0 && archive_write_close(image.archive) != ARCHIVE_OK)
		r = err_set(err, -EIO, "%s: %s", path, archive_error_string(image.archive));
	archive_write_free(image.archive);
	talloc_free(image.ctx);
	return r;
}
