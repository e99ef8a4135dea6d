/* SPDX-License-Identifier: MIT */
/* The builds that stand. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "base/sealed.h"
#include "base/spawn.h"
#include "kernels/recipe-parts.h"

#define BUILD_LIMIT ((size_t)1 << 20)
#define COMPILER_SECONDS 30

int build_folder(
	void *ctx, int root, const struct recipe *recipe, char **ret_folder, struct err *err)
{
	char *key;
	int r = recipe_key(ctx, root, recipe, &key, err);

	if (r == 0)
		*ret_folder = talloc_asprintf(
			ctx, RECIPE_CACHE "/%s-%.*s", recipe->name, RECIPE_KEY_HEX, key);
	return r;
}

char *compiler(void *ctx)
{
	static const char *const argv[] = {"gcc", "--version", NULL};
	char *line;

	if (spawn_read(ctx, argv, COMPILER_SECONDS, &line, NULL) < 0)
		return NULL;
	line[strcspn(line, "\n")] = '\0';
	return line;
}

static int not_built(const struct recipe *recipe, const char *why, struct err *err)
{
	return err_set(err, -ENOENT,
		"kernel %s %s; run sudo latcampaign prepare with the campaign's file", recipe->name,
		why);
}

static int load(void *ctx, int root, const char *folder, json_t **ret, struct err *err)
{
	return sealed_load(
		root, talloc_asprintf(ctx, "%s/build.json", folder + 1), BUILD_LIMIT, ret, err);
}

int recipe_find(
	void *ctx, int root, const struct recipe *recipe, char **ret_folder, struct err *err)
{
	char *folder = NULL;
	json_t *told;
	int r = build_folder(ctx, root, recipe, &folder, err);

	if (r < 0)
		return r;
	r = load(ctx, root, folder, &told, err);
	if (r == -ENOENT)
		return not_built(recipe, "is not built yet", err);
	if (r == -EBADMSG)
		return not_built(recipe, "has a damaged build.json", err);
	if (r < 0)
		return r;
	/* A machine without a compiler cannot build another one, and does not have to. */
	const char *built_by = json_string_value(json_object_get(told, "compiler"));
	const char *now = compiler(ctx);
	bool stale = now && built_by && strcmp(now, built_by) != 0;
	json_decref(told);
	if (stale)
		return not_built(recipe, "was built by another compiler than there is now", err);
	*ret_folder = folder;
	return 0;
}

/* The names and files of "packages", which a guest's kernel does not have. */
static bool read_packages(
	void *ctx, const json_t *json, const char *folder, struct recipe_build *to)
{
	size_t count = json_array_size(json);

	to->packages = talloc_zero_array(ctx, char *, (unsigned)count + 1);
	to->package_files = talloc_zero_array(ctx, char *, (unsigned)count + 1);
	for (size_t i = 0; i < count; i++) {
		const json_t *package = json_array_get(json, i);
		const char *name = json_string_value(json_object_get(package, "name"));
		const char *file = json_string_value(json_object_get(package, "file"));
		/* Neither an option nor a path elsewhere goes to a package manager. */
		if (!name || !*name || *name == '-' || strchr(name, '/') || !file || !*file ||
			strchr(file, '/'))
			return false;
		to->packages[i] = talloc_strdup(ctx, name);
		to->package_files[i] = talloc_asprintf(ctx, "%s/%s", folder, file);
	}
	return true;
}

bool recipe_build_from_json(
	void *ctx, const json_t *json, const char *folder, struct recipe_build *ret)
{
	const char *release = json_string_value(json_object_get(json, "release"));
	const char *sha256 = json_string_value(json_object_get(json, "image_sha256"));
	const json_t *rt = json_object_get(json, "rt");
	struct recipe_build build = {0};

	if (!release || !*release || strchr(release, '/') || !sha256 || !json_is_boolean(rt) ||
		!read_packages(ctx, json_object_get(json, "packages"), folder, &build))
		return false;
	build.release = talloc_strdup(ctx, release);
	build.image_sha256 = talloc_strdup(ctx, sha256);
	build.rt = json_is_true(rt);
	*ret = build;
	return true;
}

int recipe_read(void *ctx, int root, const char *folder, struct recipe_build *ret, struct err *err)
{
	json_t *told;
	int r = load(ctx, root, folder, &told, err);

	if (r < 0)
		return r;
	if (!recipe_build_from_json(ctx, told, folder, ret))
		r = err_set(err, -EBADMSG, "%s/build.json: a member is missing or damaged", folder);
	json_decref(told);
	return r;
}

char **recipe_needs(void *ctx, const struct recipe *recipe)
{
	char **needs = talloc_zero_array(ctx, char *, 4);
	char *git = talloc_asprintf(needs, "%s/.git", recipe->source);
	unsigned count = 0;

	needs[count++] = talloc_strdup(
		needs, recipe->base == RECIPE_HOST ? "kernel-build-host" : "kernel-build");
	if (*recipe->commit || (strchr(recipe->source, '/') && file_exists(AT_FDCWD, git)))
		needs[count++] = talloc_strdup(needs, "git");
	if (!strchr(recipe->source, '/'))
		needs[count++] = talloc_asprintf(needs, "kernel-source:%s", recipe->source);
	return needs;
}
