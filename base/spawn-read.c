/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <talloc.h>
#include <unistd.h>

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

/* A sealed one holds no more, and a program that goes on printing gets an error: for those that no
 * RLIMIT_FSIZE bounds. */
static int output_file(bool sealed)
{
	int fd = memfd_create("output", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && sealed &&
		(ftruncate(fd, (off_t)READ_LIMIT) < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_GROW) < 0))
		close_fd(&fd);
	return fd;
}

static int read_output(void *ctx, int fd, char **ret, struct err *err)
{
	char *self = talloc_asprintf(ctx, "/proc/self/fd/%d", fd);
	int r = file_read(ctx, AT_FDCWD, self, 2 * READ_LIMIT, ret, NULL, err);

	talloc_free(self);
	return r;
}

static int run_and_read(
	void *ctx, struct spawn_options *options, char **ret_output, struct err *err)
{
	autoclose int fd = output_file(options->output_limit == 0);
	struct spawn_result result = {SPAWN_NOT_STARTED, 0};
	char *output = NULL;

	if (fd < 0)
		return err_set(
			err, -errno, "%s: no memory file: %s", options->argv[0], strerror(errno));
	options->output_fd = fd;
	int r = spawn_run(options, &result, err);
	if (r == 0)
		r = read_output(ctx, fd, &output, err);
	if (r == 0 && (result.how != SPAWN_EXITED || result.code != 0))
		r = err_set(err, -EIO, "%s: %s: %s", join(output, options->argv),
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
	struct spawn_options options = spawn_options(argv);

	options.timeout_seconds = timeout_seconds;
	options.output_limit = READ_LIMIT;
	return run_and_read(ctx, &options, ret_output, err);
}

int spawn_in(int directory, const char *const *argv, int timeout_seconds, struct err *err)
{
	struct spawn_options options = spawn_options(argv);

	options.directory = directory;
	options.timeout_seconds = timeout_seconds;
	return run_and_read(NULL, &options, NULL, err);
}

int spawn_daemon(const char *const *argv, int timeout_seconds, struct err *err)
{
	struct spawn_options options = spawn_options(argv);

	options.timeout_seconds = timeout_seconds;
	options.leaves_daemon = true;
	return run_and_read(NULL, &options, NULL, err);
}
