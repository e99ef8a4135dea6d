/* SPDX-License-Identifier: MIT */
/* Builds a kernel from source, once. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/files.h"
#include "base/programs.h"
#include "base/sealed.h"
#include "base/spawn.h"
#include "kernels/image.h"
#include "kernels/recipe-parts.h"

#define READ_SECONDS 60
#define REMOVE_SECONDS 600
#define CONFIG_LIMIT ((size_t)4 << 20)

/* Lines that make prints for a hundred lines NAME=VALUE of a configuration: estimates, for the
 * progress alone. */
#define GUEST_LINES 240
#define HOST_LINES 220

/* What a tree and its objects take, estimated generously. */
#define GUEST_MIB 2500
#define HOST_LOADED_MIB 5000
#define HOST_ALL_MIB 16000

static int check_room(const struct building *building, struct err *err)
{
	const struct recipe *recipe = building->recipe;
	uint64_t needed = recipe->base == RECIPE_GUEST               ? GUEST_MIB
			  : recipe->modules == RECIPE_MODULES_LOADED ? HOST_LOADED_MIB
								     : HOST_ALL_MIB;
	struct statvfs fs;

	if (statvfs(building->aside, &fs) < 0 ||
		(uint64_t)fs.f_bavail * fs.f_frsize >= needed << 20)
		return 0;
	return err_set(err, -ENOSPC,
		"kernel %s needs about %lu MiB to be built, and %s has only %lu; free some, or "
		"mount a larger file system at /var/cache/latcampaign",
		recipe->name, needed, building->aside, (uint64_t)fs.f_bavail * fs.f_frsize >> 20);
}

static int check_programs(const struct building *building, struct err *err)
{
	static const char *const guest[] = {
		"gcc", "ld", "make", "flex", "bison", "bc", "patch", NULL};
	static const char *const deb[] = {"dpkg-buildpackage", "dh", "rsync", "cpio", "perl", NULL};
	static const char *const rpm[] = {"rpmbuild", "rsync", "cpio", "perl", NULL};
	static const char *const none[] = {NULL};
	const char *const *lists[] = {guest, building->recipe->base == RECIPE_GUEST ? none
					     : packages_are_deb(building->root)     ? deb
										    : rpm};
	autoclose int machine =
		open("/", O_PATH | O_CLOEXEC); /* programs run here, whatever the root */
	char *missing = talloc_strdup(building->ctx, "");

	for (size_t i = 0; i < 2; i++)
		for (const char *const *name = lists[i]; *name; name++)
			if (!program_path(building->ctx, machine, *name))
				missing = talloc_asprintf_append(missing, " %s", *name);
	if (!*missing)
		return 0;
	return err_set(err, -ENOENT,
		"kernel %s cannot be built without:%s; run sudo latcampaign prepare with the "
		"campaign's file",
		building->recipe->name, missing);
}

/* directory_remove() makes every step durable, which takes too long for 80000 files. */
static int remove_tree(void *ctx, const char *path, struct err *err)
{
	const char *const argv[] = {"rm", "-rf", "--", path, NULL};

	return spawn_read(ctx, argv, REMOVE_SECONDS, NULL, err);
}

static int compile(struct building *building, struct err *err)
{
	static const char *const guest[] = {"bzImage", NULL}, *const host[] = {"all", NULL};
	bool is_guest = building->recipe->base == RECIPE_GUEST;
	char *config = NULL;
	unsigned options = 0;
	int r = file_read(building->ctx, AT_FDCWD,
		talloc_asprintf(building->ctx, "%s/.config", building->tree), CONFIG_LIMIT, &config,
		NULL, err);

	if (r < 0)
		return r;
	for (const char *at = config; (at = strchr(at, '=')); at++)
		options++;
	return building_run(building, "compiling", building_make(building, is_guest ? guest : host),
		options * (is_guest ? GUEST_LINES : HOST_LINES) / 100, err);
}

static int take(const struct building *building, const char *from, const char *to, struct err *err)
{
	char *old = talloc_asprintf(building->ctx, "%s/%s", building->tree, from);
	char *new = talloc_asprintf(building->ctx, "%s/%s", building->aside, to);

	if (rename(old, new) < 0)
		return err_set(
			err, -errno, "%s: cannot be renamed to %s: %s", old, new, strerror(errno));
	return 0;
}

/* What is kept of the tree; the image tells its own release. */
static int keep_image(struct building *building, struct err *err)
{
	char *image = talloc_asprintf(building->ctx, "%s/bzImage", building->aside),
	     *release = NULL;
	char *config = NULL, hex[DIGEST_HEX + 1];
	int r = take(building, "arch/x86/boot/bzImage", "bzImage", err);

	if (r == 0)
		r = take(building, ".config", "bzImage.config", err);
	if (r == 0)
		r = take(building, "System.map", "System.map", err);
	if (r == 0)
		r = image_release(building->ctx, AT_FDCWD, image, &release, err);
	if (r == 0)
		r = digest_file(AT_FDCWD, image, hex, err);
	if (r == 0)
		r = file_read(building->ctx, AT_FDCWD,
			talloc_asprintf(building->ctx, "%s.config", image), CONFIG_LIMIT, &config,
			NULL, err);
	if (r < 0)
		return r;
	json_object_set_new(building->told, "release", json_string(release));
	json_object_set_new(building->told, "image_sha256", json_string(hex));
	json_object_set_new(building->told, "rt",
		json_boolean(strcmp(option_found(building->ctx, config, "CONFIG_PREEMPT_RT"),
				     "y") == 0));
	return 0;
}

static json_t *strings(char *const *list)
{
	json_t *json = json_array();

	for (; *list; list++)
		json_array_append_new(json, json_string(*list));
	return json;
}

static int tell_inputs(struct building *building, struct err *err)
{
	static const char *const ld[] = {"ld", "--version", NULL};
	const struct recipe *recipe = building->recipe;
	json_t *inputs = NULL;
	char *linker = NULL;
	int r = recipe_inputs(building->ctx, building->root, recipe, &inputs, err);

	if (r < 0)
		return r;
	json_object_set_new(building->told, "inputs", inputs);
	json_object_set_new(building->told, "name", json_string(recipe->name));
	json_object_set_new(building->told, "source", json_string(recipe->source));
	json_object_set_new(building->told, "patches", strings(recipe->patches));
	json_object_set_new(building->told, "compiler", json_string(compiler(building->ctx)));
	r = spawn_read(building->ctx, ld, READ_SECONDS, &linker, err);
	if (r == 0)
		json_object_set_new(
			building->told, "linker", json_stringn(linker, strcspn(linker, "\n")));
	return r;
}

static int make_all(struct building *building, struct err *err)
{
	int r = tell_inputs(building, err);

	if (r == 0)
		r = source_bring(building, err);
	if (r == 0)
		r = tree_configure(building, err);
	if (r == 0)
		r = compile(building, err);
	if (r == 0 && building->recipe->base == RECIPE_HOST)
		r = packages_make(building, err);
	return r == 0 ? keep_image(building, err) : r;
}

/* Everything is on the disk before the name says that it is whole. */
static int make_stand(struct building *building, time_t began, struct err *err)
{
	autoclose int aside = open(building->aside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *log = talloc_asprintf(building->ctx, "%s/build.log", building->aside);

	json_object_set_new(building->told, "seconds", json_integer(time(NULL) - began));
	int r = sealed_save(aside, "build.json", building->told, err);
	if (r == 0)
		r = remove_tree(building->ctx, building->folder, err);
	if (r < 0)
		return r;
	if (rename(building->log_path, log) < 0 || syncfs(aside) < 0 ||
		rename(building->aside, building->folder) < 0)
		return err_set(err, -errno, "%s: cannot be renamed to %s: %s", building->aside,
			building->folder, strerror(errno));
	return directory_sync(building->root, &RECIPE_CACHE[1], err);
}

/* Source and what else is of no use later goes. */
static int clean(struct building *building, struct err *err)
{
	static const char *const names[] = {"source", "rpms", "patch"};
	int r = 0;

	building_tell(building, "cleaning up", 0, 0);
	for (size_t i = 0; r == 0 && i < sizeof(names) / sizeof(*names); i++)
		r = remove_tree(building->ctx,
			talloc_asprintf(building->ctx, "%s/%s", building->aside, names[i]), err);
	return r;
}

static int build(struct building *building, struct err *err)
{
	time_t began = time(NULL);
	int r = check_programs(building, err);

	if (r == 0)
		r = remove_tree(building->ctx, building->aside, err);
	if (r == 0)
		r = directory_make(AT_FDCWD, building->aside, err);
	if (r == 0)
		r = check_room(building, err);
	if (r == 0)
		r = make_all(building, err);
	if (r == 0)
		r = clean(building, err);
	if (r == 0)
		r = make_stand(building, began, err);
	if (r < 0)
		remove_tree(building->ctx, building->aside, NULL);
	return r;
}

static int open_building(struct building *building, struct err *err)
{
	char *prefix = root_prefix(building->ctx, building->root), *folder;
	int r = build_folder(building->ctx, building->root, building->recipe, &folder, err);

	if (r < 0)
		return r;
	building->folder = talloc_asprintf(building->ctx, "%s%s", prefix, folder);
	building->aside = talloc_asprintf(building->ctx, "%s.new", building->folder);
	building->tree = talloc_asprintf(building->ctx, "%s/source", building->aside);
	building->log_path = talloc_asprintf(
		building->ctx, "%s" RECIPE_CACHE "/%s.log", prefix, building->recipe->name);
	building->log =
		open(building->log_path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
	if (building->log < 0)
		return err_set(
			err, -errno, "%s: cannot be made: %s", building->log_path, strerror(errno));
	return 0;
}

/* One at a time: two would fill the disk, and one folder, together. */
static int lock(int root, int *ret_fd, struct err *err)
{
	int r = directory_make(root, &RECIPE_CACHE[1], err);

	if (r < 0)
		return r;
	int fd = openat(root, &RECIPE_CACHE[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0) {
		*ret_fd = fd;
		return 0;
	}
	r = -errno;
	close_fd(&fd);
	return r == -EWOULDBLOCK
		       ? err_set(err, -EBUSY,
				 "another latcampaign is building kernels; wait for its end")
		       : err_set(err, r, RECIPE_CACHE ": cannot be locked: %s", strerror(-r));
}

int recipe_build(int root, const struct recipe *recipe, recipe_progress *progress, void *argument,
	struct err *err)
{
	void *ctx = talloc_new(NULL);
	struct building building = {.ctx = ctx,
		.root = root,
		.recipe = recipe,
		.progress = progress,
		.argument = argument,
		.log = -1};
	autoclose int held = -1;
	char *folder;
	int r = lock(root, &held, err);

	if (r == 0 && recipe_find(ctx, root, recipe, &folder, NULL) < 0) {
		r = open_building(&building, err);
		building.told = json_object();
		if (r == 0)
			r = build(&building, err);
		json_decref(building.told);
		close_fd(&building.log);
	}
	talloc_free(ctx);
	return r;
}
