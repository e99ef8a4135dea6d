/* SPDX-License-Identifier: MIT */
#include "guests/image.h"

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "base/files.h"
#include "base/programs.h"
#include "base/spawn.h"
#include "guests/tool.h"
#include "loads/load.h"

#define FILE_LIMIT ((size_t)64 << 20)
#define LOADER_SECONDS 30

/* What /init and /measure call; each a link to busybox. */
static const char *const applets[] = {"sh", "mount", "mkdir", "cat", "uname", "tar", "gzip",
	"base64", "sha256sum", "wc", "cut", "sleep", "poweroff", "dmesg", "echo", "test", "[",
	"awk", "rm", "ln", "ls", "grep", "sed", "head", "tail", "tr", "env", "sync", "date", "chrt",
	"nproc", "ip", "renice", "usleep"};

struct image {
	struct archive *archive;
	int root;
	void *ctx;
	char **added; /* paths of libraries and their folders that are in it; NULL-terminated */
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
	static const char *const folders[] = {"bin", "dev", "loads", "proc", "sys", "tmp"};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(folders) / sizeof(*folders); i++)
		r = add(image, folders[i], S_IFDIR | 0755, NULL, NULL, 0, err);
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

/* Notes a path; false when it is in the image already. */
static bool is_new(struct image *image, const char *path)
{
	unsigned count = 0;

	for (; image->added[count]; count++)
		if (strcmp(image->added[count], path) == 0)
			return false;
	image->added = talloc_realloc(image->ctx, image->added, char *, count + 2);
	image->added[count] = talloc_strdup(image->ctx, path);
	image->added[count + 1] = NULL;
	return true;
}

/* The folders above a path, and then the library itself, once. */
static int add_library(struct image *image, const char *path, struct err *err)
{
	int r = 0;

	for (const char *slash = strchr(path + 1, '/'); r == 0 && slash;
		slash = strchr(slash + 1, '/')) {
		char *folder = talloc_strndup(image->ctx, path + 1, (size_t)(slash - path - 1));
		if (is_new(image, folder))
			r = add(image, folder, S_IFDIR | 0755, NULL, NULL, 0, err);
	}
	return r == 0 && is_new(image, path) ? add_same(image, path, err) : r;
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
		r = add_library(image, path, err);
	}
	return r;
}

static int add_program(struct image *image, const char *name, const char *package, struct err *err)
{
	char *path = program_path(image->ctx, image->root, name), *bytes;
	size_t size;

	if (!path)
		return err_set(err, -ENOENT,
			"%s is not installed; install it (Debian: apt install %s)", name, package);
	char *to = talloc_asprintf(image->ctx, "bin/%s", name);
	if (!is_new(image, to))
		return 0;
	int r = file_read(image->ctx, image->root, path + 1, FILE_LIMIT, &bytes, &size, err);
	if (r == 0)
		r = add(image, to, S_IFREG | 0755, NULL, bytes, size, err);
	const char *loader = r == 0 ? interpreter(bytes, size) : NULL;
	return loader ? add_libraries(image, loader, path, err) : r;
}

/* The one that Debian's installer leaves is not static: its libraries come along. */
static int add_busybox(struct image *image, struct err *err)
{
	int r = add_program(image, "busybox", "busybox-static", err);

	for (size_t i = 0; r == 0 && i < sizeof(applets) / sizeof(*applets); i++) {
		char *name = talloc_asprintf(image->ctx, "bin/%s", applets[i]);
		r = add(image, name, S_IFLNK | 0777, "busybox", NULL, 0, err);
	}
	return r;
}

/* The load's programs, and /loads/NAME, which becomes the load. */
static int add_load(struct image *image, const char *name, int vcpus, struct err *err)
{
	const struct load *load = load_find(name);
	const char **argv = load_argv(image->ctx, load, vcpus, LOAD_GUEST_SCRATCH);
	char *script =
		talloc_asprintf(image->ctx, "#!/bin/sh\nexec %s\n", load_line(image->ctx, argv));
	char *path = talloc_asprintf(image->ctx, "loads/%s", name);
	int r = add(image, path, S_IFREG | 0755, NULL, script, strlen(script), err);

	for (const struct load_program *program = load->programs; r == 0 && program->name;
		program++)
		r = add_program(image, program->name, program->package, err);
	return r;
}

static int add_programs(struct image *image, const struct experiment *experiment, struct err *err)
{
	const struct tool_operations *tool = tool_get(experiment->tool);
	int r = add_program(image, tool->program, tool->package, err);

	if (experiment->load_place == LOAD_HOST)
		return r;
	for (char **name = experiment->load; r == 0 && *name; name++)
		r = add_load(image, *name, experiment->vcpus, err);
	return r;
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

static int fill(struct image *image, const struct experiment *experiment, struct err *err)
{
	int r = add_folders(image, err);

	if (r == 0)
		r = add_busybox(image, err);
	if (r == 0)
		r = add_programs(image, experiment, err);
	return r == 0 ? add_scripts(image, experiment->script, err) : r;
}

int image_write(int root, int directory, const char *path, const struct experiment *experiment,
	struct err *err)
{
	autoclose int fd = openat(directory, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct image image = {archive_write_new(), root, talloc_new(NULL), NULL};

	image.added = talloc_zero_array(image.ctx, char *, 1);

	archive_write_set_format_cpio_newc(image.archive);
	archive_write_add_filter_gzip(image.archive);
	/* A time stamp in gzip's header would make every image another one. */
	archive_write_set_filter_option(image.archive, "gzip", "timestamp", NULL);
	archive_write_set_filter_option(image.archive, "gzip", "compression-level", "1");
	int r = fd < 0 ? err_set(err, -errno, "%s: cannot be made: %s", path, strerror(errno)) : 0;
	if (r == 0 && archive_write_open_fd(image.archive, fd) != ARCHIVE_OK)
		r = err_set(err, -EIO, "%s: %s", path, archive_error_string(image.archive));
	if (r == 0)
		r = fill(&image, experiment, err);
	if (r == 0 && archive_write_close(image.archive) != ARCHIVE_OK)
		r = err_set(err, -EIO, "%s: %s", path, archive_error_string(image.archive));
	archive_write_free(image.archive);
	talloc_free(image.ctx);
	return r;
}
