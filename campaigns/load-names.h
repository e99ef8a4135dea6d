/* SPDX-License-Identifier: MIT */
/*
 * The names of loads, for the language; what they are stands in loads/load.c.
 */
#ifndef CAMPAIGNS_LOAD_NAMES_H
#define CAMPAIGNS_LOAD_NAMES_H

/* NULL-terminated; the first is the kernel-heavy one. */
extern const char *const load_names[];

/* Why this load cannot run in a guest, as the end of a sentence ("needs ..., which a guest does not
 * have"); NULL when it can. */
const char *load_guest_refusal(const char *name);

#endif
