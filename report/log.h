/* SPDX-License-Identifier: MIT */
#ifndef REPORT_LOG_H
#define REPORT_LOG_H

#include <stddef.h>

#include "base/err.h"

/* What is read of a log at most. */
#define LOG_LIMIT ((size_t)64 << 20)

/* What stands in front of a warning's text in a line of the log. */
#define LOG_WARNING " warning: "

/* Reads the campaign's log as a talloc child of `ctx`; of one that is larger than LOG_LIMIT its
 * end, behind a warning that says so. `ret_size` may be NULL. */
int log_read(void *ctx, int campaign, char **ret_text, size_t *ret_size, struct err *err);

#endif
