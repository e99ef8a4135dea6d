/* SPDX-License-Identifier: MIT */
/*
 * Loads: named programs that keep a machine busy while something else is measured on it. One entry
 * of a table each, with the exact command.
 *
 * A load runs on the host (or in dom0), see loads/running.h; in the guest that is measured; or in a
 * neighbour guest. In a guest init.sh starts it, as these words of the kernel's command line say:
 *
 *   latcampaign.load=NAME,NAME     start /loads/NAME (image.c made it from the table) of each
 *   latcampaign.role=neighbour     measure nothing: say "latcampaign-ready NONCE" on the console
 *                                  when all of them run, and stay until killed. When one of them
 *                                  ends, "latcampaign-load-ended NONCE NAME" is said and the guest
 *                                  powers off.
 */
#ifndef LOADS_LOAD_H
#define LOADS_LOAD_H

#include "base/complaints.h"
#include "campaigns/plan.h"

struct load_program {
	const char *name;
	const char *package; /* Debian's, for the remedy */
};

struct load {
	const char *name; /* one of load_names */
	/* NULL-terminated; in its words {cpus} is the number of CPUs, {scratch} an own directory,
	 * {data} the folder of what came with latcampaign. */
	const char *const *argv;
	const struct load_program *programs; /* that it needs; the last has no name */
	/* A pattern of files in /usr/src of which it needs one, and Debian's package of them; NULL:
	 * none. */
	const char *source, *source_package;
};

/* Of every load in a guest. */
#define LOAD_GUEST_SCRATCH "/tmp"

/* NULL when there is none. */
const struct load *load_find(const char *name);

/* The exact command, NULL-terminated; a talloc child of `ctx`. */
const char **load_argv(void *ctx, const struct load *load, int cpus, const char *scratch);

/* The same as one line, for people and for results. */
char *load_line(void *ctx, const char *const *argv);

/* Complains about programs and sources that the experiment's loads need and that are not installed.
 */
void load_check(
	void *ctx, int root, const struct experiment *experiment, struct complaints *complaints);

/* The words for a guest's command line, see above, without spaces around them; "" for none. A
 * talloc child of `ctx`. `neighbour`: for a guest beside the measured one. */
char *load_words(void *ctx, const struct experiment *experiment, bool neighbour);

#endif
