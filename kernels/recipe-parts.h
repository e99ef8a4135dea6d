/* SPDX-License-Identifier: MIT */
/*
 * What the parts of building a kernel share; recipe.h is what the others see.
 */
#ifndef KERNELS_RECIPE_PARTS_H
#define KERNELS_RECIPE_PARTS_H

#include <jansson.h>

#include "kernels/recipe.h"

/* A build that is being made, below `aside`, which is renamed to `folder` when it is whole. */
struct building {
	void *ctx; /* owns all of it */
	int root;
	const struct recipe *recipe;
	char *folder, *aside; /* absolute paths that programs can take: the root's own in front */
	char *tree;           /* the kernel's source, ASIDE/source */
	char *log_path;       /* RECIPE_CACHE/NAME.log until the build stands */
	int log;
	recipe_progress *progress;
	void *argument;
	json_t *told; /* build.json */
};

/* --- recipe-inputs.c --- */

enum source_kind {
	SOURCE_TARBALL,
	SOURCE_DIRECTORY,
	SOURCE_GIT,
};

/* A file or directory that a recipe names, where it really is. */
struct location {
	int dir;          /* root, or AT_FDCWD */
	const char *path; /* relative to it */
};

/* The source (a package's name is its tarball in /usr/src) and what it is; -ENOENT with a remedy.
 */
int source_find(void *ctx, int root, const struct recipe *recipe, struct location *ret,
	enum source_kind *ret_kind, struct err *err);

/* Any other file of a recipe. */
struct location location_of(int root, const char *path);

/* Its path as programs can take it. */
char *location_path(void *ctx, const struct location *location);

/* The commit that a git tree is built from, in full. */
int source_commit(void *ctx, const struct location *location, const char *wanted, char **ret_commit,
	struct err *err);

/* The descriptor's own path, "" for the root directory itself: what to put before a path below it.
 */
char *root_prefix(void *ctx, int root);

/* Everything that makes the key, with digests instead of paths (new reference). */
int recipe_inputs(
	void *ctx, int root, const struct recipe *recipe, json_t **ret_inputs, struct err *err);

/* --- recipe-source.c --- */

/* Brings the source to building->tree and patches it. */
int source_bring(struct building *building, struct err *err);

/* --- recipe-options.c --- */

/* One line of a configuration that is asked for. */
struct option {
	char *name;       /* CONFIG_NAME */
	char *value;      /* "y", "m", "n", "\"text\"", a number */
	int major, minor; /* kernels from this version on; 0, 0: all */
};

/* All that is asked: the base's file, the recipe's options, PREEMPT_RT and a host's LOCALVERSION;
 * where an option is given twice the later one counts. Ends with a NULL name. */
int options_read(
	void *ctx, const struct recipe *recipe, struct option **ret_options, struct err *err);

/* Their text for the key. */
char *options_text(void *ctx, const struct option *options);

/* Leaves out what belongs to newer kernels than `version` ("6.12.95"). */
void options_keep(struct option *options, const char *version);

/* As lines to be added to a .config. */
char *options_lines(void *ctx, const struct option *options);

/* Compares a finished .config with what was asked: -EINVAL names every option that came out
 * otherwise. `ret_found` (new reference) has each option with what the configuration says. */
int options_check(void *ctx, const struct option *options, const char *config, json_t **ret_found,
	struct err *err);

/* What a .config says of an option: its value, "n" when it is not set or not there. A talloc child
 * of `ctx`. */
char *option_found(void *ctx, const char *config, const char *name);

/* --- recipe-configure.c --- */

/* Makes the .config of building->tree and checks it. */
int tree_configure(struct building *building, struct err *err);

/* --- recipe-run.c --- */

/* Runs a program of the build with its output in the log, while the progress is told; `total` lines
 * are expected of it, 0: nobody knows. Anything but exit status 0 is an error whose sentence has
 * the line that tells most. Ends with -EINTR on SIGINT and SIGTERM. */
int building_run(struct building *building, const char *phase, const char *const *argv,
	unsigned total, struct err *err);

/* Tells the progress, if anybody wants to know. */
void building_tell(
	const struct building *building, const char *phase, unsigned done, unsigned total);

/* `make` in the tree with what every call of it needs, then `targets` (NULL-terminated); a talloc
 * child of building->ctx. */
const char *const *building_make(const struct building *building, const char *const *targets);

/* Whether a make needs the host's package format .deb (Debian and what comes of it) or .rpm. */
bool packages_are_deb(int root);

/* --- recipe-packages.c --- */

/* Makes the host kernel's packages in building->aside, and adds them to building->told. */
int packages_make(struct building *building, struct err *err);

/* --- recipe-cache.c --- */

/* Where a recipe's build stands or will stand: RECIPE_CACHE/NAME-KEY. */
int build_folder(
	void *ctx, int root, const struct recipe *recipe, char **ret_folder, struct err *err);

/* The compiler's own first line, a talloc child of `ctx`; NULL when there is none. */
char *compiler(void *ctx);

#endif
