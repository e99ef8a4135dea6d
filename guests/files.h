/* SPDX-License-Identifier: MIT */
/*
 * Where the programs and scripts are that a guest's image is made of.
 */
#ifndef GUESTS_FILES_H
#define GUESTS_FILES_H

#include "base/complaints.h"
#include "base/err.h"

/* A program's absolute path: PATH of base/spawn.h; NULL when it is not there. A talloc child of
 * `ctx`. */
char *files_program(void *ctx, int root, const char *name);

/* A script that came with latcampaign: DATADIR/guest/NAME, or below $LATCAMPAIGN_DATADIR for a
 * latcampaign that is not installed. A talloc child of `ctx`. */
char *files_script(void *ctx, const char *name);

/* Complains, with the remedy, about a program that is missing. */
void files_need(void *ctx, int root, const char *program, const char *package,
	struct complaints *complaints);

#endif
