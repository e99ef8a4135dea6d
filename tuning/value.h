/* SPDX-License-Identifier: MIT */
#ifndef TUNING_VALUE_H
#define TUNING_VALUE_H

#include <stdbool.h>

#include "base/err.h"

/* The value of a knob's file below `root`, a talloc child of `ctx`: its line, or of a line of
 * choices ("always madvise [never]") the one that is chosen. */
int value_read(void *ctx, int root, const char *path, char **ret, struct err *err);

/* Writes a value in one write(2), as /proc and /sys want it. */
int value_write(int root, const char *path, const char *value, struct err *err);

/* Whether two values mean the same: masks are read back with leading zeros and commas. Pure. */
bool value_same(const char *asked, const char *found);

#endif
