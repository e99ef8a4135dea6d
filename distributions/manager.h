/* SPDX-License-Identifier: MIT */
/*
 * A package manager: one table of operations, one file each; package_manager_get() is the only
 * place that chooses.
 *
 * An installed package is a string: its name, and where several versions of one name may be
 * installed side by side a blank and the version. What is asked for is a name, or the absolute path
 * of a file.
 */
#ifndef DISTRIBUTIONS_MANAGER_H
#define DISTRIBUTIONS_MANAGER_H

#include <stdint.h>

#include "base/err.h"
#include "distributions/work.h"

/* A package manager waits five minutes for another one to end. */
#define MANAGER_QUERY_SECONDS 600
#define MANAGER_CHANGE_SECONDS (4 * 3600)

/* What an installation takes, in bytes; -1 where the package manager does not tell. */
struct estimate {
	int64_t download;
	int64_t disk;
};

struct package_manager {
	const char *name; /* as in distributions.conf */

	/* Ends what was cut short by a power cut or a kill. NULL: it does so by itself. */
	int (*repair)(const struct work *work, struct err *err);

	/* Fetches the lists of packages. Without a network the lists that are there may do. */
	int (*refresh)(const struct work *work, struct err *err);

	/* The packages installed below the path `root` ("" for this machine), sorted by byte; a
	 * talloc child of `ctx`. */
	int (*installed)(void *ctx, const char *root, char ***ret, struct err *err);

	/* The installed package that brought a file. -ENOENT when none did. */
	int (*owner)(void *ctx, const char *path, char **ret, struct err *err);

	/* What installing these would take; changes nothing. */
	int (*estimate)(
		const struct work *work, char *const *names, struct estimate *ret, struct err *err);

	/* Installs them with what they need and nothing else; those that are there are a success.
	 */
	int (*install)(const struct work *work, char *const *names, struct err *err);

	/* Removes these with their settings. An error when that would take away others too. */
	int (*remove)(const struct work *work, char *const *names, struct err *err);
};

/* NULL when there is none of this name. */
const struct package_manager *package_manager_get(const char *name);

extern const struct package_manager apt_manager, dnf_manager, zypper_manager;

/* argv of `fixed` (NULL-terminated) and then `names`; a talloc child of `ctx`. */
const char **manager_argv(void *ctx, const char *const *fixed, char *const *names);

/* Those of `after` that came since `before`: of each name as many as there are more now, so that an
 * upgraded one did not come. Both sorted; a talloc child of `ctx`. Pure. */
char **packages_that_came(void *ctx, char *const *before, char *const *after);

/* The lines of a text, sorted, NULL-terminated. Cuts `text` up; a talloc child of `ctx`. Pure. */
char **manager_lines(void *ctx, char *text);

/* The amount of bytes that stands behind `key` in what a package manager printed ("12.3 MB", "4
 * GiB", "12 M", digits grouped with commas); -1 when it does not. Pure. */
int64_t manager_size(const char *text, const char *key);

#endif
