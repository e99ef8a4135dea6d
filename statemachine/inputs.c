/* SPDX-License-Identifier: MIT */
#include "statemachine/inputs.h"

#include <fcntl.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"

#define INPUT_LIMIT ((size_t)16 << 20)

/* Paths, each once; a talloc context. */
struct inputs {
	const char **paths;
	unsigned count;
};

static void add(struct inputs *inputs, const char *path)
{
	for (unsigned i = 0; i < inputs->count; i++)
		if (strcmp(inputs->paths[i], path) == 0)
			return;
	inputs->paths = talloc_realloc(inputs, inputs->paths, const char *, inputs->count + 1);
	inputs->paths[inputs->count++] = path;
}

/* Where its copy goes: no other stands there yet. */
static char *free_path(void *ctx, int campaign, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	char *copy = talloc_asprintf(ctx, "inputs/%s", name);

	for (unsigned number = 2; file_exists(campaign, copy); number++)
		copy = talloc_asprintf(ctx, "inputs/%u-%s", number, name);
	return copy;
}

static int copy(void *ctx, int campaign, const char *path, struct err *err)
{
	char *bytes;
	size_t size;
	int r = file_read(ctx, AT_FDCWD, path, INPUT_LIMIT, &bytes, &size, err);

	return r < 0 ? r
		     : file_replace(
			       campaign, free_path(ctx, campaign, path), bytes, size, 0644, err);
}

static int copy_all(const struct inputs *inputs, int campaign, struct err *err)
{
	void *ctx = talloc_new(NULL);
	int r = inputs->count > 0 ? directory_make(campaign, "inputs", err) : 0;

	for (unsigned i = 0; r == 0 && i < inputs->count; i++)
		r = copy(ctx, campaign, inputs->paths[i], err);
	talloc_free(ctx);
	return r;
}

int inputs_keep(const struct plan *plan, int campaign, struct err *err)
{
	struct inputs *inputs = talloc_zero(NULL, struct inputs);
	/* A start that was cut off may have left others. */
	int r = directory_remove(campaign, "inputs", err);

	for (char **path = plan->includes; *path; path++)
		add(inputs, *path);
	for (unsigned i = 0; i < plan->experiment_count; i++)
		if (*plan->experiments[i].script)
			add(inputs, plan->experiments[i].script);
	if (r == 0)
		r = copy_all(inputs, campaign, err);
	talloc_free(inputs);
	return r;
}
