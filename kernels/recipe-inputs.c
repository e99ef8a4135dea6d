/* SPDX-License-Identifier: MIT */
/* What a kernel is made from: where it is, and the key of it all. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/files.h"
#include "base/spawn.h"
#include "kernels/recipe-parts.h"

#define GIT_SECONDS 120

char *root_prefix(void *ctx, int root)
{
	char link[64], path[PATH_MAX] = "";

	if (root == AT_FDCWD)
		return talloc_strdup(ctx, "");
	snprintf(link, sizeof(link), "/proc/self/fd/%d", root);
	if (readlink(link, path, sizeof(path) - 1) < 0 || strcmp(path, "/") == 0)
		*path = '\0';
	return talloc_strdup(ctx, path);
}

struct location location_of(int root, const char *path)
{
	if (root != AT_FDCWD && *path == '/' && file_exists(root, path + 1))
		return (struct location){root, path + 1};
	return (struct location){AT_FDCWD, path};
}

char *location_path(void *ctx, const struct location *location)
{
	if (location->dir == AT_FDCWD)
		return talloc_strdup(ctx, location->path);
	return talloc_asprintf(ctx, "%s/%s", root_prefix(ctx, location->dir), location->path);
}

static int no_source(const struct recipe *recipe, const char *path, struct err *err)
{
	if (strchr(recipe->source, '/'))
		return err_set(err, -ENOENT,
			"kernel %s: its source %s is not there; put it there, or name another one",
			recipe->name, recipe->source);
	return err_set(err, -ENOENT,
		"kernel %s: the package %s, which brings %s, is not installed; run sudo latcampaign "
		"prepare with the campaign's file",
		recipe->name, recipe->source, path);
}

int source_find(void *ctx, int root, const struct recipe *recipe, struct location *ret,
	enum source_kind *ret_kind, struct err *err)
{
	const char *path = strchr(recipe->source, '/')
				   ? recipe->source
				   : talloc_asprintf(ctx, "/usr/src/%s.tar.xz", recipe->source);
	struct location location = location_of(root, path);
	struct stat st;

	if (fstatat(location.dir, location.path, &st, 0) < 0)
		return no_source(recipe, path, err);
	*ret = location;
	*ret_kind = SOURCE_TARBALL;
	if (S_ISDIR(st.st_mode)) {
		char *git = talloc_asprintf(ctx, "%s/.git", location.path);
		bool is_git = *recipe->commit || file_exists(location.dir, git);
		*ret_kind = is_git ? SOURCE_GIT : SOURCE_DIRECTORY;
	}
	return 0;
}

/* root builds from a person's tree, which git takes for an attack unless it is told otherwise; and
 * git leaves the tree's index alone, which would become root's and is larger than a program of
 * spawn_read() may write. */
#define GIT "git", "--no-optional-locks", "-c", "safe.directory=*", "-C"

static int check_committed(void *ctx, const char *path, struct err *err)
{
	const char *const argv[] = {
		GIT, path, "status", "--porcelain", "--untracked-files=no", NULL};
	char *changes = NULL;
	int r = spawn_read(ctx, argv, GIT_SECONDS, &changes, err);

	if (r == 0 && *changes)
		return err_set(err, -EINVAL,
			"%s has changes that are not committed, so nobody could tell later what "
			"was built; commit them, or name a commit in the campaign",
			path);
	return r;
}

int source_commit(void *ctx, const struct location *location, const char *wanted, char **ret_commit,
	struct err *err)
{
	const char *path = location_path(ctx, location);
	char *revision = talloc_asprintf(ctx, "%s^{commit}", *wanted ? wanted : "HEAD");
	const char *const argv[] = {
		GIT, path, "rev-parse", "--verify", "--end-of-options", revision, NULL};
	char *commit = NULL;
	int r = *wanted ? 0 : check_committed(ctx, path, err);

	if (r == 0)
		r = spawn_read(ctx, argv, GIT_SECONDS, &commit, err);
	if (r != 0)
		return r;
	commit[strspn(commit, "0123456789abcdef")] = '\0';
	if (strlen(commit) < 40)
		return err_set(
			err, -EINVAL, "%s has no commit %s", path, *wanted ? wanted : "HEAD");
	*ret_commit = commit;
	return 0;
}

static int compare_entries(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Names, sizes and times of all files, which is what make goes by as well: reading the 1.5 GB each
 * time would take too long. */
static char *directory_state(void *ctx, const char *path)
{
	char *const paths[] = {(char *)path, NULL};
	FTS *walk = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, compare_entries);
	char *state = talloc_strdup(ctx, "");

	for (FTSENT *entry; walk && (entry = fts_read(walk));)
		if (entry->fts_info == FTS_F || entry->fts_info == FTS_SL)
			state = talloc_asprintf_append_buffer(state, "%s %ld %ld.%09ld\n",
				entry->fts_path + strlen(path), entry->fts_statp->st_size,
				entry->fts_statp->st_mtim.tv_sec,
				entry->fts_statp->st_mtim.tv_nsec);
	if (walk)
		fts_close(walk);
	return state;
}

static int directory_digest(void *ctx, const char *path, char *ret_hex, struct err *err)
{
	char *state = directory_state(ctx, path);
	int r = *state ? digest_bytes(state, strlen(state), ret_hex, err)
		       : err_set(err, -ENOENT, "%s has no files", path);

	talloc_free(state);
	return r;
}

/* The digest of a file, which has to be `sha256` unless that is "". */
static int file_digest(
	const struct location *location, const char *sha256, char *ret_hex, struct err *err)
{
	int r = digest_file(location->dir, location->path, ret_hex, err);

	if (r == 0 && *sha256 && strcmp(sha256, ret_hex) != 0)
		return err_set(err, -EBADMSG,
			"%s is another file than the campaign asks for: its SHA-256 is %s, asked "
			"was %s",
			location->path, ret_hex, sha256);
	return r;
}

static int add_source(
	void *ctx, int root, const struct recipe *recipe, json_t *inputs, struct err *err)
{
	static const char *const words[] = {[SOURCE_TARBALL] = "source_sha256",
		[SOURCE_DIRECTORY] = "directory_sha256",
		[SOURCE_GIT] = "commit"};
	struct location location = {0};
	enum source_kind kind = SOURCE_TARBALL;
	char hex[DIGEST_HEX + 1], *commit = hex;
	int r = source_find(ctx, root, recipe, &location, &kind, err);

	if (r == 0 && kind == SOURCE_TARBALL)
		r = file_digest(&location, recipe->source_sha256, hex, err);
	else if (r == 0 && kind == SOURCE_DIRECTORY)
		r = directory_digest(ctx, location_path(ctx, &location), hex, err);
	else if (r == 0)
		r = source_commit(ctx, &location, recipe->commit, &commit, err);
	if (r == 0)
		json_object_set_new(inputs, words[kind], json_string(commit));
	return r;
}

static int add_patches(int root, const struct recipe *recipe, json_t *inputs, struct err *err)
{
	json_t *patches = json_array();
	char *const *sha256 = recipe->patches_sha256;
	char hex[DIGEST_HEX + 1];
	int r = 0;

	for (char **patch = recipe->patches; r == 0 && *patch; patch++) {
		struct location location = location_of(root, *patch);
		r = file_digest(&location, *sha256 ? *sha256++ : "", hex, err);
		if (r == 0)
			json_array_append_new(patches, json_string(hex));
	}
	json_object_set_new(inputs, "patches_sha256", patches);
	return r;
}

int recipe_inputs(
	void *ctx, int root, const struct recipe *recipe, json_t **ret_inputs, struct err *err)
{
	json_t *inputs = json_object();
	struct option *options = NULL;
	int r = options_read(ctx, recipe, &options, err);

	if (r == 0)
		r = add_source(ctx, root, recipe, inputs, err);
	if (r == 0)
		r = add_patches(root, recipe, inputs, err);
	if (r < 0) {
		json_decref(inputs);
		return r;
	}
	json_object_set_new(
		inputs, "base", json_string(recipe->base == RECIPE_HOST ? "host" : "guest"));
	json_object_set_new(inputs, "modules",
		json_string(recipe->modules == RECIPE_MODULES_LOADED ? "loaded" : "all"));
	json_object_set_new(inputs, "options", json_string(options_text(ctx, options)));
	*ret_inputs = inputs;
	return 0;
}

int recipe_key(void *ctx, int root, const struct recipe *recipe, char **ret_hex, struct err *err)
{
	char hex[DIGEST_HEX + 1];
	void *scratch = talloc_new(ctx);
	json_t *inputs;
	int r = recipe_inputs(scratch, root, recipe, &inputs, err);

	if (r == 0) {
		char *text = json_dumps(inputs, JSON_COMPACT | JSON_SORT_KEYS);
		r = digest_bytes(text, strlen(text), hex, err);
		free(text);
		json_decref(inputs);
	}
	if (r == 0)
		*ret_hex = talloc_strdup(ctx, hex);
	talloc_free(scratch);
	return r;
}
