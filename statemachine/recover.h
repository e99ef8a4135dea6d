/* SPDX-License-Identifier: MIT */
/*
 * What is done when the campaign's own files are damaged.
 */
#ifndef STATEMACHINE_RECOVER_H
#define STATEMACHINE_RECOVER_H

#include "statemachine/opened.h"

/* So many records of a campaign may be damaged; after that it goes home and ends. */
#define RECOVER_RECORDS 3

/*
 * Gives a campaign whose record is damaged or gone a new one, made from its results; the damaged
 * one is put aside. The new record begins at its beginning: what was measured stands, the rest is
 * tried again.
 */
int recover_record(struct opened *opened, struct err *err);

/* Puts the machine in order without reading the campaign: takes back one-shot and entries, and ends
 * the campaign. The next boot is the default entry. */
int recover_machine(const char *root, int store, struct err *err);

/* The same, and reboots when this boot is one of ours: then it returns 1, the machine goes down. */
int recover_home(const char *root, int store, struct err *err);

/* Is this boot a visit of a campaign, of whichever? */
bool recover_is_visit(const char *root);

#endif
