/* SPDX-License-Identifier: MIT */
/* What `prepare` reads of a machine: os-release, lists of packages, what package managers print. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "distributions/manager.h"
#include "distributions/os-release.h"
#include "distributions/work.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned count(char *const *list)
{
	unsigned count = 0;

	while (list[count])
		count++;
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *text = talloc_strndup(ctx, (const char *)data, size), *line = NULL;
	struct os_release os = os_release_parse(ctx, text);

	if (!os.id || !os.like || !os.version || !os.name)
		abort();
	if (manager_size(text, "get ") < -1)
		abort();
	work_blame(ctx, text, &line);
	if (!line || strchr(line, '\n') || !strstr(text, line))
		abort();
	char **after = manager_lines(ctx, talloc_strdup(ctx, text));
	char *none[] = {NULL};
	/* All of it came where nothing was, and nothing where all of it was. */
	if (count(packages_that_came(ctx, after, after)) != 0 ||
		count(packages_that_came(ctx, none, after)) > count(after))
		abort();
	talloc_free(ctx);
	return 0;
}
