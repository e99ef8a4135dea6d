/* SPDX-License-Identifier: MIT */
/*
 * Knobs that prepare a host for latency work. Some are words of the kernel's command line and
 * hold for a boot; the others are files of /proc and /sys that are set for a run and put back.
 *
 * Sources: Linux's admin-guide/kernel-parameters.rst, admin-guide/sysctl/, admin-guide/pm/.
 */
#ifndef CAMPAIGNS_KNOBS_H
#define CAMPAIGNS_KNOBS_H

#include <stdbool.h>
#include <stddef.h>

/* Not a file of text: it holds for as long as it is open, see cpu_dma_latency's documentation. */
#define KNOB_DMA_LATENCY "dev/cpu_dma_latency"

struct knob {
	const char *name;
	/* The word of the command line, with one %s for the value; NULL for a run-time knob. */
	const char *word;
	/* The file below /, "*" for every one that there is (cpu*); NULL for a knob of the boot. */
	const char *file;
	/* What may be said: NULL-terminated words, or NULL for anything without spaces. */
	const char *const *values;
	const char *meaning; /* for the manual page and for complaints */
	/* What a kernel does that does not have the file: PREEMPT_RT ones have neither THP nor NUMA
	 * balancing. Asking for that is fulfilled then. NULL: a missing file is an error. */
	const char *without;
	/* Of a knob of the boot: the file below / that tells what came of it; NULL: none does. */
	const char *told;
	bool told_same; /* it has to tell the value itself; else it is kept with the results */
};

/* All of them; the last has no name. */
extern const struct knob knobs[];

/* The knob of "KNOB=VALUE" or of a bare name; NULL when there is none. */
const struct knob *knob_find(const char *setting);

/* The value in "KNOB=VALUE"; never NULL. */
const char *knob_value(const char *setting);

/* The settings of a named profile, NULL-terminated; NULL when there is no such profile. */
const char *const *knob_profile(const char *name);

/* The words for the kernel's command line that `tuning` asks for, joined by spaces, "" for none; a
 * talloc child of `ctx`. */
char *knobs_cmdline(void *ctx, char *const *tuning);

#endif
