/* SPDX-License-Identifier: MIT */
/*
 * gnuplot's scripts, which a person may edit: figures/NAME.gp, and beside it .NAME.gp.sha256 with
 * the digest of what was written last.
 */
#ifndef FIGURES_SCRIPT_FILE_H
#define FIGURES_SCRIPT_FILE_H

#include <stdbool.h>

#include "base/err.h"

/* Writes figures/NAME.gp, unless a person has edited it: then it stays as it is. */
int script_write(int campaign, const char *name, const char *text, struct err *err);

/* Is there a figures/NAME.gp that is neither what was written last nor `text` (may be NULL)? */
bool script_is_edited(int campaign, const char *name, const char *text);

#endif
