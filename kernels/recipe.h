/* SPDX-License-Identifier: MIT */
/*
 * Kernels from source: what a campaign's group "kernels" tells (struct recipe), built once and
 * kept.
 *
 * A build stands in RECIPE_CACHE/NAME-KEY/, made aside and renamed, so that what stands is whole:
 *
 *   bzImage, bzImage.config, System.map   the kernel and its own configuration
 *   *.deb, *.rpm                          host recipes: the packages to be installed
 *   build.json                            release, PREEMPT_RT, every input with its digest, what
 * was asked of the configuration, compiler, seconds; sealed build.log what every program printed
 *
 * KEY is of all that the campaign and latcampaign say: source, patches, configuration. A build that
 * is there is never made again, unless the compiler has become another one. A host kernel starts
 * from the running kernel's configuration and modules; these wander while a machine is used, so
 * they are kept in build.json and are no part of the key.
 *
 * Files that a recipe names are looked for below `root` first (packages bring them there), then as
 * they are named: a campaign's own files lie beside it, wherever the machine's root is.
 */
#ifndef KERNELS_RECIPE_H
#define KERNELS_RECIPE_H

#include "campaigns/plan.h"

#define RECIPE_CACHE "/var/cache/latcampaign/kernels"
#define RECIPE_KEY_HEX 16 /* digits of the key in a build's name */

/* The key of a recipe: SHA-256 in hexadecimal. -ENOENT when a file of it is not there (yet),
 * -EBADMSG when a file is not the one whose digest the campaign gives. */
int recipe_key(void *ctx, int root, const struct recipe *recipe, char **ret_hex, struct err *err);

/* The recipe's build that stands, an absolute path (below `root`); -ENOENT, with the remedy in the
 * sentence, when there is none. */
int recipe_find(
	void *ctx, int root, const struct recipe *recipe, char **ret_folder, struct err *err);

/* Told while a kernel is built: "unpacking", "configuring", "compiling", "packaging", ... `total`
 * is 0 where nobody knows how much there is to do; otherwise an estimate, and done <= total. */
typedef void recipe_progress(void *argument, const char *phase, unsigned done, unsigned total);

/*
 * Builds the recipe's kernel unless its build stands already. Interrupted (SIGINT, SIGTERM: -EINTR)
 * or failed it leaves nothing but a log, RECIPE_CACHE/NAME.log, which the sentence names. What is
 * missing (a package's source, a program, room) comes with its remedy.
 */
int recipe_build(int root, const struct recipe *recipe, recipe_progress *progress, void *argument,
	struct err *err);

/* What build.json tells of a build. */
struct recipe_build {
	char *release;        /* as `uname -r` prints it */
	char *image_sha256;   /* of the bzImage, which a host's package installs as it is */
	bool rt;              /* of its own configuration */
	char **packages;      /* host recipes: names, as the package manager removes them;
				 NULL-terminated */
	char **package_files; /* as many absolute paths (below `root`), in the same order */
};

/* Reads it from a folder that recipe_find() told; -EBADMSG when it is damaged. */
int recipe_read(void *ctx, int root, const char *folder, struct recipe_build *ret, struct err *err);

/* The same from the text of a build.json; false when it is damaged. */
bool recipe_build_from_json(
	void *ctx, const json_t *json, const char *folder, struct recipe_build *ret);

/* What has to be installed before recipe_build(): "kernel-build", "kernel-build-host", "git",
 * "kernel-source:NAME"; NULL-terminated, a talloc child of `ctx`. */
char **recipe_needs(void *ctx, const struct recipe *recipe);

#endif
