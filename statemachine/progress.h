/* SPDX-License-Identifier: MIT */
#ifndef STATEMACHINE_PROGRESS_H
#define STATEMACHINE_PROGRESS_H

#include <stdbool.h>

/* Long work in front of a person: a bar on a terminal, a line for whatever is new elsewhere. Starts
 * as {.terminal = ...}. */
struct progress {
	bool terminal;
	char told[120]; /* step and text, the last that was told */
	bool open;      /* the terminal's line waits for its end */
};

/* A prepare_progress whose argument is a struct progress. */
void progress_tell(void *argument, unsigned step, unsigned steps, const char *text, unsigned done,
	unsigned total);

/* Ends the bar's line. */
void progress_end(struct progress *progress);

#endif
