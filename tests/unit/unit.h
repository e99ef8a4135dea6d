/* SPDX-License-Identifier: MIT */
/* What all unit tests share: cmocka's includes and a scratch directory. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "base/err.h"
#include "base/files.h"

struct scratch {
	char path[64];
	int fd;
	void *ctx;
};

static inline int scratch_setup(void **state)
{
	struct scratch *scratch = talloc_zero(NULL, struct scratch);

	snprintf(scratch->path, sizeof(scratch->path), "/tmp/latcampaign-test-XXXXXX");
	if (!mkdtemp(scratch->path))
		return -1;
	scratch->fd = open(scratch->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scratch->ctx = talloc_new(scratch);
	*state = scratch;
	return scratch->fd < 0 ? -1 : 0;
}

static inline int scratch_teardown(void **state)
{
	struct scratch *scratch = *state;

	close(scratch->fd);
	int r = directory_remove(AT_FDCWD, scratch->path, NULL);
	talloc_free(scratch);
	return r;
}

/* Writes a file below the scratch directory, its folders included. */
static inline void scratch_file(struct scratch *scratch, const char *path, const char *text)
{
	char *folder = talloc_strdup(scratch->ctx, path), *slash = strrchr(folder, '/');

	if (slash) {
		*slash = '\0';
		assert_int_equal(directory_make(scratch->fd, folder, NULL), 0);
	}
	assert_int_equal(file_write(scratch->fd, path, text, strlen(text), NULL), 0);
}

#define scratch_test(function)                                                                     \
	cmocka_unit_test_setup_teardown(function, scratch_setup, scratch_teardown)

#endif
