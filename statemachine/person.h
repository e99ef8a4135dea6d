/* SPDX-License-Identifier: MIT */
/*
 * A reboot that was neither ours nor an accident: a person (or a program of theirs) shut the
 * machine down in order. systemd ends the runner then, and the unit's ExecStop leaves a note for
 * the next boot; after a power cut, a panic or a reset there is no such note.
 */
#ifndef STATEMACHINE_PERSON_H
#define STATEMACHINE_PERSON_H

#include "statemachine/opened.h"

/* Called while the unit stops: leaves the note when the machine goes down and the runner has not
 * asked for it. */
int person_leaving(const char *root, struct err *err);

/* Did a person shut down an earlier boot than this one? */
bool person_was_here(const struct opened *opened, const char *boot_id);

/* Forgets it. */
int person_forget(const struct opened *opened, struct err *err);

#endif
