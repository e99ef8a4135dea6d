/* SPDX-License-Identifier: MIT */
/* From what is asked to the tree's .config. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/digest.h"
#include "base/files.h"
#include "base/spawn.h"
#include "kernels/recipe-parts.h"

#define CONFIG_LIMIT ((size_t)4 << 20)
#define MAKE_SECONDS 300
#define PHASE "configuring"

static int make_target(struct building *building, const char *target, struct err *err)
{
	const char *const targets[] = {target, NULL};

	return building_run(building, PHASE, building_make(building, targets), 0, err);
}

static char *in_tree(const struct building *building, const char *name)
{
	return talloc_asprintf(building->ctx, "%s/%s", building->tree, name);
}

/* "6.12.95": what the Makefile says, without local versions. */
static int tree_version(struct building *building, char **ret, struct err *err)
{
	const char *const argv[] = {"make", "-s", "-C", building->tree, "kernelversion", NULL};

	return spawn_read(building->ctx, argv, MAKE_SECONDS, ret, err);
}

/* The configuration of the kernel that runs now, which is known to boot this machine. */
static int take_running(struct building *building, struct err *err)
{
	char *release, *config, *path, hex[DIGEST_HEX + 1] = "";
	size_t size;
	int r = file_read_line(
		building->ctx, building->root, "proc/sys/kernel/osrelease", &release, err);

	if (r < 0)
		return r;
	path = talloc_asprintf(building->ctx, "boot/config-%s", release);
	if (!file_exists(building->root, path))
		path = talloc_asprintf(building->ctx, "lib/modules/%s/config", release);
	r = file_read(building->ctx, building->root, path, CONFIG_LIMIT, &config, &size, err);
	if (r == 0)
		r = file_write(AT_FDCWD, in_tree(building, ".config"), config, size, err);
	if (r == 0)
		r = digest_bytes(config, size, hex, err);
	json_object_set_new(building->told, "running_release", json_string(release));
	json_object_set_new(building->told, "running_config_sha256", json_string(hex));
	return r;
}

/* The modules that are loaded now; localmodconfig keeps what they need. */
static int take_modules(struct building *building, char **ret_path, struct err *err)
{
	char *path = in_tree(building, ".modules"), *modules, *rest;
	size_t size;
	int r = file_read(
		building->ctx, building->root, "proc/modules", CONFIG_LIMIT, &modules, &size, err);

	if (r == 0)
		r = file_write(AT_FDCWD, path, modules, size, err);
	if (r < 0)
		return r;
	json_t *names = json_array();
	for (char *line = strtok_r(modules, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		json_array_append_new(names, json_stringn(line, strcspn(line, " ")));
	json_object_set_new(building->told, "loaded_modules", names);
	*ret_path = path;
	return 0;
}

/* olddefconfig first: what the running configuration does not know is no question of modules. */
static int keep_loaded(struct building *building, struct err *err)
{
	char *path = NULL, *setting;
	int r = make_target(building, "olddefconfig", err);

	if (r == 0)
		r = take_modules(building, &path, err);
	if (r < 0)
		return r;
	setting = talloc_asprintf(building->ctx, "LSMOD=%s", path);
	const char *const targets[] = {setting, "localmodconfig", NULL};
	return building_run(building, PHASE, building_make(building, targets), 0, err);
}

static int make_base(struct building *building, struct err *err)
{
	if (building->recipe->base == RECIPE_GUEST)
		return make_target(building, "tinyconfig", err);
	int r = take_running(building, err);
	if (r == 0 && building->recipe->modules == RECIPE_MODULES_LOADED)
		r = keep_loaded(building, err);
	return r;
}

/* In a .config the last line about an option counts. */
static int add_options(struct building *building, const struct option *options, struct err *err)
{
	char *path = in_tree(building, ".config"), *config;
	int r = file_read(building->ctx, AT_FDCWD, path, CONFIG_LIMIT, &config, NULL, err);

	if (r < 0)
		return r;
	config = talloc_asprintf_append(config, "\n%s", options_lines(building->ctx, options));
	r = file_write(AT_FDCWD, path, config, strlen(config), err);
	return r == 0 ? make_target(building, "olddefconfig", err) : r;
}

static int check(struct building *building, const struct option *options, struct err *err)
{
	char *config;
	struct err why = {""};
	json_t *found;
	int r = file_read(building->ctx, AT_FDCWD, in_tree(building, ".config"), CONFIG_LIMIT,
		&config, NULL, err);

	if (r < 0)
		return r;
	r = options_check(building->ctx, options, config, &found, &why);
	if (r < 0)
		return err_set(err, r, "kernel %s: %s", building->recipe->name, why.text);
	json_object_set_new(building->told, "options", found);
	return 0;
}

int tree_configure(struct building *building, struct err *err)
{
	struct option *options = NULL;
	char *version = NULL;
	int r = options_read(building->ctx, building->recipe, &options, err);

	if (r == 0)
		r = tree_version(building, &version, err);
	if (r < 0)
		return r;
	options_keep(options, version);
	r = make_base(building, err);
	if (r == 0)
		r = add_options(building, options, err);
	return r == 0 ? check(building, options, err) : r;
}
