/* SPDX-License-Identifier: MIT */
#include "distributions/work.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "base/spawn.h"

#define LOG_LIMIT ((size_t)64 << 20)

int work_open(int dir, const char *path, const char *name, struct work *ret, struct err *err)
{
	int fd = openat(dir, path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0)
		return err_set(err, -errno, "%s: cannot be opened: %s", name, strerror(errno));
	*ret = (struct work){fd, name};
	return 0;
}

/* What package managers print when something outside of them is in the way. */
static const struct {
	const char *needle;
	int code;
} reasons[] = {
	{"Could not get lock", -EBUSY}, /* apt */
	{"Unable to acquire the dpkg frontend", -EBUSY},
	{"was locked by another process", -EBUSY},
	{"already locked by", -EBUSY},           /* dnf 4 */
	{"transaction lock", -EBUSY},            /* dnf 5, rpm */
	{"System management is locked", -EBUSY}, /* zypper */
	{"No space left on device", -ENOSPC},
	{"enough free space", -ENOSPC},        /* apt */
	{"more space needed on", -ENOSPC},     /* dnf */
	{"Unable to locate package", -ENOENT}, /* apt */
	{"has no installation candidate", -ENOENT},
	{"No match for argument", -ENOENT},      /* dnf */
	{"not found in package names", -ENOENT}, /* zypper */
	{"No provider of", -ENOENT},
	{"Failed to fetch", -ENETUNREACH},    /* apt */
	{"Failed to download", -ENETUNREACH}, /* dnf */
	{"Curl error", -ENETUNREACH},
	{"Download (curl) error", -ENETUNREACH}, /* zypper */
	{"Valid metadata not found", -ENETUNREACH},
};

/* The line of `text` that `at` points into. */
static char *line_at(void *ctx, const char *text, const char *at)
{
	while (at > text && at[-1] != '\n')
		at--;
	return talloc_strndup(ctx, at, strcspn(at, "\r\n"));
}

static const char *last_line(const char *text)
{
	const char *line = text;

	for (const char *at = text; *at; at++)
		if (at[0] != '\n' && (at == text || at[-1] == '\n'))
			line = at;
	return line;
}

int work_blame(void *ctx, const char *output, char **ret_line)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		const char *at = strstr(output, reasons[i].needle);
		if (!at)
			continue;
		*ret_line = line_at(ctx, output, at);
		return reasons[i].code;
	}
	*ret_line = line_at(ctx, output, last_line(output));
	return -EIO;
}

static int explain(const struct work *work, const char *program, const char *output,
	const struct spawn_result *result, struct err *err)
{
	void *ctx = talloc_new(NULL);
	char *line = NULL;
	int code = work_blame(ctx, output, &line);
	const char *how = spawn_describe(ctx, result);

	if (code == -EBUSY)
		err_set(err, code,
			"%s: another package manager works on this machine (%s); run this again when "
			"it has ended",
			program, line);
	else if (code == -ENETUNREACH)
		err_set(err, code,
			"%s: a package could not be fetched (%s); connect the machine to the network "
			"and run this again",
			program, line);
	else if (code == -ENOSPC)
		err_set(err, code, "%s: the disk is full (%s); free some and run this again",
			program, line);
	else if (code == -ENOENT)
		err_set(err, code,
			"%s: no package source of this machine has it (%s); enable one that has "
			"(Debian: security or backports), or let the campaign ask for another one, "
			"and run this again",
			program, line);
	else
		err_set(err, code, "%s %s: %s; %s has all of it", program, how, line,
			work->log_path);
	talloc_free(ctx);
	return code;
}

/* The part of the log behind `from`. */
static int read_back(
	void *ctx, const struct work *work, off_t from, char **ret_output, struct err *err)
{
	off_t size = lseek(work->log, 0, SEEK_END) - from;

	if (size < 0 || (size_t)size > LOG_LIMIT)
		return err_set(err, -EFBIG, "%s: is too large to be read", work->log_path);
	char *text = talloc_zero_size(ctx, (size_t)size + 1);
	ssize_t n = pread(work->log, text, (size_t)size, from);
	if (n < 0)
		return err_set(
			err, -errno, "%s: cannot be read: %s", work->log_path, strerror(errno));
	*ret_output = text;
	return 0;
}

static void log_command(const struct work *work, const char *const *argv)
{
	dprintf(work->log, "$");
	for (; *argv; argv++)
		dprintf(work->log, " %s", *argv);
	dprintf(work->log, "\n");
}

/* env(1) stands before a program that wants a variable: it is not whom a person asks about. */
static const char *program_of(const char *const *argv)
{
	if (strcmp(*argv, "env") == 0)
		for (argv++; strchr(*argv, '=');)
			argv++;
	return *argv;
}

static int run_logged(void *ctx, const struct work *work, const char *const *argv,
	int timeout_seconds, struct spawn_result *ret_result, char **ret_output, struct err *err)
{
	struct spawn_options options = spawn_options(argv);

	options.output_fd = work->log;
	options.timeout_seconds = timeout_seconds;
	log_command(work, argv);
	off_t from = lseek(work->log, 0, SEEK_END);
	int r = spawn_run(&options, ret_result, err);
	return r == 0 ? read_back(ctx, work, from, ret_output, err) : r;
}

int work_run(void *ctx, const struct work *work, const char *const *argv, int timeout_seconds,
	char **ret_output, struct err *err)
{
	struct spawn_result result = {SPAWN_NOT_STARTED, 0};
	char *output = NULL;
	int r = run_logged(ctx, work, argv, timeout_seconds, &result, &output, err);

	if (!output)
		return r;
	if (result.how != SPAWN_EXITED || result.code != 0)
		r = explain(work, program_of(argv), output, &result, err);
	else if (ret_output) {
		*ret_output = output;
		return 0;
	}
	talloc_free(output);
	return r;
}

char *work_try(void *ctx, const struct work *work, const char *const *argv, int timeout_seconds)
{
	struct spawn_result result = {SPAWN_NOT_STARTED, 0};
	char *output = NULL;

	if (run_logged(ctx, work, argv, timeout_seconds, &result, &output, NULL) < 0)
		return talloc_strdup(ctx, "");
	return output;
}
