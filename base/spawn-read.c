/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <talloc.h>

#include "base/files.h"
#include "base/spawn.h"

/* The last line that is not empty, for the sentence of an error. */
static const char *last_line(char *output)
{
	size_t size = strlen(output);

	while (size > 0 && strchr(" \r\n", output[size - 1]))
		output[--size] = '\0';
	const char *newline = strrchr(output, '\n');
	return newline ? newline + 1 : output;
}

static char *join(void *ctx, const char *const *argv)
{
	char *line = talloc_strdup(ctx, argv[0]);

	for (argv++; *argv; argv++)
		line = talloc_asprintf_append(line, " %s", *argv);
	return line;
}

#define READ_LIMIT ((size_t)1 << 20)

static int read_program(void *ctx, const char *const *argv, int timeout_seconds, bool leaves_daemon,
	char **ret_output, struct err *err)
{
	autoclose int fd = memfd_create("output", MFD_CLOEXEC);
	struct spawn_options options = {
		.argv = argv,
		.output_fd = fd,
		.timeout_seconds = timeout_seconds,
		.cancel_fd = -1,
		.leaves_daemon = leaves_daemon,
		.output_limit = READ_LIMIT,
	};
	struct spawn_result result = {SPAWN_NOT_STARTED, 0};
	char *output = NULL;

	if (fd < 0)
		return err_set(err, -errno, "%s: no memory file: %s", argv[0], strerror(errno));
	int r = spawn_run(&options, &result, err);
	if (r < 0)
		return r;
	char *self = talloc_asprintf(ctx, "/proc/self/fd/%d", fd);
	r = file_read(ctx, AT_FDCWD, self, 2 * READ_LIMIT, &output, NULL, err);
	talloc_free(self);
	if (r < 0)
		return r;
	if (result.how != SPAWN_EXITED || result.code != 0)
		r = err_set(err, -EIO, "%s: %s: %s", join(output, argv),
			spawn_describe(output, &result), last_line(output));
	if (r == 0 && ret_output)
		*ret_output = output;
	else
		talloc_free(output);
	return r;
}

int spawn_read(
	void *ctx, const char *const *argv, int timeout_seconds, char **ret_output, struct err *err)
{
	return read_program(ctx, argv, timeout_seconds, false, ret_output, err);
}

int spawn_daemon(const char *const *argv, int timeout_seconds, struct err *err)
{
	return read_program(NULL, argv, timeout_seconds, true, NULL, err);
}
