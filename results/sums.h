/* SPDX-License-Identifier: MIT */
/*
 * SHA256SUMS of a directory, as sha256sum(1) writes and checks it.
 */
#ifndef RESULTS_SUMS_H
#define RESULTS_SUMS_H

#include "base/err.h"

#define SUMS_FILE "SHA256SUMS"

/* Writes SHA256SUMS of every other file in the directory, sorted by name, and makes all of them
 * durable. -EINVAL for anything but regular files. */
int sums_write(int directory, struct err *err);

/* 0 when SHA256SUMS is whole, every file that it lists is there and right, and no other file is;
 * -EBADMSG with a sentence when not, another negative errno when it cannot be read just now. */
int sums_check(int directory, struct err *err);

#endif
