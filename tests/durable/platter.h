/* SPDX-License-Identifier: MIT */
/*
 * A disk that keeps only what was flushed. A file's bytes are what they were at its last fsync(2),
 * a directory's names what they were at the directory's own; nothing reaches the disk by itself.
 * That is the least that POSIX promises, and less than any file system keeps.
 */
#ifndef TESTS_DURABLE_PLATTER_H
#define TESTS_DURABLE_PLATTER_H

/* Puts the disk of the machine below the directory `root` beside it. Without it the
 * others do nothing. */
void platter_make(const char *root);
void platter_remove(void);

/* The file or directory behind the descriptor is flushed. */
void platter_flush(int fd);

/* All is, as an orderly shutdown does it. */
void platter_flush_all(void);

/* The power comes back: `root` is made again from what was flushed. The new files are not on the
 * platter before the next platter_flush_all(). */
void platter_restore(void);

#endif
