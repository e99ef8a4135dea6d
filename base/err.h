/* SPDX-License-Identifier: MIT */
/*
 * The error contract of the whole project.
 *
 * A function that can fail returns 0 or a negative errno and, where a person will have to act on
 * the failure, writes one sentence into a struct err: what failed, the path or command, what to
 * do. Libraries never print: only the commands and drive.c do. A function that fails leaves its
 * ret_ parameters untouched.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#define ERR_TEXT_MAX 1024

struct err {
	char text[ERR_TEXT_MAX]; /* one sentence without newline; "" while nothing failed */
};

/*
 * Writes the sentence (cut at ERR_TEXT_MAX - 1 bytes) unless `err` is NULL, and returns `code`, a
 * negative errno, so that a caller can write: return err_set(err, -ENOENT, "...", path);
 */
int err_set(struct err *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
