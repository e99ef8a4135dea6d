/* SPDX-License-Identifier: MIT */
#include "kernels/kernel.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "base/digest.h"
#include "base/files.h"
#include "kernels/image.h"
#include "kernels/recipe.h"

#define CONFIG_LIMIT ((size_t)4 << 20)

/* The configuration that belongs to an image: beside it, or where the distribution keeps it. */
static int read_config(
	void *ctx, int root, const char *image, const char *release, char **ret, struct err *err)
{
	const char *slash = strrchr(image, '/');
	int folder = (int)(slash ? slash - image : 0);
	char *const places[] = {
		talloc_asprintf(ctx, "%s.config", image),
		talloc_asprintf(ctx, "%.*s/config-%s", folder, image, release),
		talloc_asprintf(ctx, "boot/config-%s", release),
		talloc_asprintf(ctx, "lib/modules/%s/config", release),
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (file_read(ctx, root, places[i], CONFIG_LIMIT, ret, NULL, NULL) == 0)
			return 0;
	return err_set(err, -ENOENT,
		"/%s: its configuration is nowhere, so nobody knows whether it is PREEMPT_RT; put "
		"it beside the image as /%s",
		image, places[0]);
}

static bool config_has(const char *config, const char *line)
{
	size_t size = strlen(line);

	for (const char *at = config; at && (at = strstr(at, line)); at += size)
		if ((at == config || at[-1] == '\n') && (at[size] == '\n' || !at[size]))
			return true;
	return false;
}

/* Identifies the image at `path` (relative to root): release from itself, PREEMPT_RT from its
 * configuration. */
static int identify(void *ctx, int root, const char *path, struct kernel *kernel, struct err *err)
{
	char *config = NULL;
	int r = image_release(ctx, root, path, &kernel->release, err);

	if (r == 0)
		r = read_config(ctx, root, path, kernel->release, &config, err);
	if (r < 0)
		return r;
	/* What it was called before Linux 5.3, in patches such as 4.19-rt. */
	kernel->rt = config_has(config, "CONFIG_PREEMPT_RT=y") ||
		     config_has(config, "CONFIG_PREEMPT_RT_FULL=y");
	kernel->image = talloc_asprintf(ctx, "/%s", path);
	talloc_free(config);
	return 0;
}

static bool is_wanted(const struct kernel *found, const char *wanted)
{
	if (strcmp(wanted, "nrt") == 0)
		return !found->rt;
	if (strcmp(wanted, "rt") == 0)
		return found->rt;
	return fnmatch(wanted, found->release, 0) == 0;
}

/* The newest kernel in /boot that is wanted. */
static int find_installed(void *ctx, int root, struct kernel *kernel, struct err *err)
{
	struct kernel best = {.wanted = kernel->wanted};
	bool denied = false;
	char **names;
	int r = directory_list(ctx, root, "boot", &names, err);

	for (char **name = names; r == 0 && *name; name++) {
		struct kernel found = {.wanted = kernel->wanted};
		char *path = talloc_asprintf(ctx, "boot/%s", *name);
		if (strncmp(*name, "vmlinuz-", 8) != 0)
			continue;
		int identified = identify(ctx, root, path, &found, NULL);
		denied = denied || identified == -EACCES;
		if (identified < 0 || !is_wanted(&found, kernel->wanted))
			continue;
		if (!best.release || strverscmp(found.release, best.release) > 0)
			best = found;
	}
	if (r == 0 && !best.release && denied)
		return err_set(err, -EACCES,
			"only root can read the kernels in /boot; run this with sudo");
	if (r == 0 && !best.release)
		return -ENOENT;
	if (r == 0)
		*kernel = best;
	return r;
}

static int missing(const char *wanted, struct err *err)
{
	if (strcmp(wanted, "rt") == 0)
		return err_set(err, -ENOENT,
			"no kernel with PREEMPT_RT is in /boot; install one (Debian: apt install "
			"linux-image-rt-amd64)");
	if (strcmp(wanted, "nrt") == 0)
		return err_set(err, -ENOENT,
			"no kernel without PREEMPT_RT is in /boot; install one (Debian: apt "
			"install linux-image-amd64)");
	return err_set(err, -ENOENT,
		"no kernel with the release %s is in /boot; `ls /boot/vmlinuz-*` shows those that "
		"are",
		wanted);
}

static int digest(void *ctx, int root, const char *path, char **ret, struct err *err)
{
	char hex[DIGEST_HEX + 1];
	int r = digest_file(root, path + 1, hex, err);

	if (r == 0)
		*ret = talloc_strdup(ctx, hex);
	return r;
}

static int find_wanted(void *ctx, int root, struct kernel *kernel, struct err *err)
{
	int r = *kernel->wanted == '/' ? identify(ctx, root, kernel->wanted + 1, kernel, err)
				       : find_installed(ctx, root, kernel, err);

	if (r == -ENOENT && *kernel->wanted != '/')
		return missing(kernel->wanted, err);
	return r == 0 ? digest(ctx, root, kernel->image, &kernel->image_sha256, err) : r;
}

/* Whatever stands under a build's name: it has to be that build, and PREEMPT_RT if that was asked.
 */
static int check_built(const struct recipe *recipe, const struct kernel *kernel,
	const struct recipe_build *build, struct err *err)
{
	if (strcmp(kernel->image_sha256, build->image_sha256) != 0)
		return err_set(err, -ESTALE,
			"%s is not the kernel %s that was built; run sudo latcampaign prepare with "
			"the campaign's file",
			kernel->image, recipe->name);
	if (kernel->rt != recipe->rt)
		return err_set(err, -EINVAL,
			"kernel %s was to be built %s PREEMPT_RT and its configuration says otherwise",
			recipe->name, recipe->rt ? "with" : "without");
	return 0;
}

/* A guest's kernel is where it was built, a host's where its package has put it. */
static int find_built(
	void *ctx, int root, const struct recipe *recipe, struct kernel *kernel, struct err *err)
{
	struct recipe_build build;
	char *folder = NULL, *path;
	int r = recipe_find(ctx, root, recipe, &folder, err);

	if (r == 0)
		r = recipe_read(ctx, root, folder, &build, err);
	if (r != 0)
		return r;
	path = recipe->base == RECIPE_HOST ? talloc_asprintf(ctx, "boot/vmlinuz-%s", build.release)
					   : talloc_asprintf(ctx, "%s/bzImage", folder + 1);
	r = identify(ctx, root, path, kernel, err);
	if (r == -ENOENT && recipe->base == RECIPE_HOST)
		return err_set(err, r,
			"kernel %s is built and not installed; run sudo latcampaign prepare with the "
			"campaign's file",
			recipe->name);
	if (r == 0)
		r = digest(ctx, root, kernel->image, &kernel->image_sha256, err);
	return r == 0 ? check_built(recipe, kernel, &build, err) : r;
}

static int find_initrd(void *ctx, int root, struct kernel *kernel, struct err *err)
{
	char *const places[] = {
		talloc_asprintf(ctx, "/boot/initrd.img-%s", kernel->release),
		talloc_asprintf(ctx, "/boot/initramfs-%s.img", kernel->release),
		talloc_asprintf(ctx, "/boot/initrd-%s", kernel->release),
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (file_exists(root, places[i] + 1)) {
			kernel->initrd = places[i];
			return digest(ctx, root, places[i], &kernel->initrd_sha256, err);
		}
	return 0;
}

int kernel_resolve(
	void *ctx, int root, const struct plan *plan, struct kernel *kernel, struct err *err)
{
	const struct recipe *recipe = plan_recipe(plan, kernel->wanted);
	int r = recipe ? find_built(ctx, root, recipe, kernel, err)
		       : find_wanted(ctx, root, kernel, err);

	return r == 0 ? find_initrd(ctx, root, kernel, err) : r;
}

bool kernel_has_option(int root, const struct kernel *kernel, const char *line)
{
	void *ctx = talloc_new(NULL);
	char *config;
	bool has = read_config(ctx, root, kernel->image + 1, kernel->release, &config, NULL) == 0 &&
		   config_has(config, line);

	talloc_free(ctx);
	return has;
}
