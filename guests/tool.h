/* SPDX-License-Identifier: MIT */
/*
 * A tool is a program that measures. One table of operations each; tool_get() is the only place
 * that chooses. What it prints is read by latencies/histogram.h.
 */
#ifndef GUESTS_TOOL_H
#define GUESTS_TOOL_H

#include "base/complaints.h"
#include "campaigns/plan.h"

struct tool_operations {
	const char *program; /* "cyclictest", "rtla" */
	const char *package; /* Debian's, for the remedy */
	const char *config;  /* the line of a kernel's configuration that it needs; NULL: none */

	/* The options for what was asked, one space between them; a talloc child of `ctx`. Pure. */
	char *(*options)(void *ctx, const struct cyclictest *asked);

	/* The names of the threads that measure begin with this; "" = all threads of the program
	 * but its first one. */
	const char *threads;
};

/* Never NULL. */
const struct tool_operations *tool_get(enum tool tool);

/* Complains about a program that is not installed. */
void tool_check(
	void *ctx, int root, const struct experiment *experiment, struct complaints *complaints);

/* The command, NULL-terminated; a talloc child of `ctx`. */
const char **tool_argv(void *ctx, const struct experiment *experiment);

/* The same as one line. */
char *tool_line(void *ctx, const struct experiment *experiment);

/* The words for a guest's command line that tell init.sh what measures:
 * "latcampaign.tool=PROGRAM latcampaign.options=OPTION,OPTION,..."; a talloc child of `ctx`. */
char *tool_words(void *ctx, const struct experiment *experiment);

#endif
