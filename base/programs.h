/* SPDX-License-Identifier: MIT */
/*
 * The programs of the machine that we call or put into a guest.
 */
#ifndef BASE_PROGRAMS_H
#define BASE_PROGRAMS_H

#include "base/complaints.h"

/* A program's absolute path, in the folders of base/spawn.h's PATH below the descriptor `root`;
 * NULL when it is not there. A talloc child of `ctx`. */
char *program_path(void *ctx, int root, const char *name);

/* Complains, with the remedy, about a program that is missing. */
void program_need(void *ctx, int root, const char *name, const char *debian_package,
	struct complaints *complaints);

#endif
