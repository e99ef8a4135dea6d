/* SPDX-License-Identifier: MIT */
/*
 * A machine that is a directory: two kernels, GRUB with its real environment block, a systemd that
 * reboots. Boots go through what GRUB would read. Programs of the host are played, and their
 * arguments checked; those of GRUB's tools that write or judge are the real ones.
 */
#ifndef TESTS_DURABLE_MACHINE_H
#define TESTS_DURABLE_MACHINE_H

#include <stdbool.h>

#define MACHINE_NRT "6.1.0-1-amd64"
#define MACHINE_RT "6.1.0-1-rt-amd64"
#define MACHINE_UPTIME 60 /* seconds, in each boot */

/* The machine itself is broken: ends the test with `what` and errno's words. */
_Noreturn void machine_broken(const char *what);

static inline void machine_must(bool fine, const char *what)
{
	if (!fine)
		machine_broken(what);
}

/* Makes the machine in a new directory, in its home boot; its path. Aborts when it cannot. Without
 * `cuts` its power is never cut, and nobody looks at what of its disk was flushed. */
const char *machine_make(bool cuts);
void machine_remove(void);

/* Goes through GRUB: takes the one-shot if its entry is found, the default entry otherwise. */
void machine_boot(void);

/* The same after a power cut: the disk has only what was flushed. */
void machine_cut(void);

/* Is the present boot one of latcampaign's entries? */
bool machine_boot_is_ours(void);

/* NULL, or a sentence about what is left behind on a machine that should be as before. */
const char *machine_left_behind(void);

#endif
