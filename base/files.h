/* SPDX-License-Identifier: MIT */
/*
 * Files below a directory descriptor.
 *
 * Every path is relative to `dir` (AT_FDCWD is allowed, absolute paths then work too). The
 * program opens "/" once, or the directory given by --root, so that a test can hand it a recorded
 * machine.
 */
#ifndef BASE_FILES_H
#define BASE_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Closes *fd unless it is negative; for __attribute__((cleanup)). */
void close_fd(int *fd);
#define autoclose __attribute__((cleanup(close_fd)))

/*
 * Reads a whole file, at most `limit` bytes (-EFBIG beyond), as a talloc child of `ctx`, with a
 * NUL byte behind the last byte. `ret_size` may be NULL. Works for /proc and /sys too.
 */
int file_read(void *ctx, int dir, const char *path, size_t limit, char **ret_text, size_t *ret_size,
	struct err *err);

/* file_read for the end of a file that may be larger than `limit`; `ret_cut` says whether it is. */
int file_read_end(void *ctx, int dir, const char *path, size_t limit, char **ret_text,
	size_t *ret_size, bool *ret_cut, struct err *err);

/* file_read for a file of one line: the text without white space at its end. */
int file_read_line(void *ctx, int dir, const char *path, char **ret_line, struct err *err);

/*
 * Replaces a file atomically and durably: written aside as PATH.new, fsynced, renamed, its
 * directory fsynced. The file gets `mode` whatever the umask.
 */
int file_replace(
	int dir, const char *path, const char *bytes, size_t size, unsigned mode, struct err *err);

/* Writes a new or truncated file and fsyncs it, without a rename; for files in a directory that
 * is renamed as a whole later. */
int file_write(int dir, const char *path, const char *bytes, size_t size, struct err *err);

/* Removes a file durably (directory fsynced). A file that is not there is a success. */
int file_remove(int dir, const char *path, struct err *err);

/* True when something (a file, a directory, a symbolic link's target) is there. */
bool file_exists(int dir, const char *path);

/* Makes a directory and its parents (mode 0755), durably. One that is there is a success. */
int directory_make(int dir, const char *path, struct err *err);

/* Removes a directory with all that is in it. One that is not there is a success. Symbolic links
 * are removed, never followed. */
int directory_remove(int dir, const char *path, struct err *err);

/* fsyncs a directory ("." allowed), so that names in it are durable. */
int directory_sync(int dir, const char *path, struct err *err);

/* Names in a directory without "." and "..", sorted by byte, NULL-terminated, talloc child of
 * `ctx`. */
int directory_list(void *ctx, int dir, const char *path, char ***ret_names, struct err *err);

#endif
