/* SPDX-License-Identifier: MIT */
/*
 * Faults at the n-th call that changes something: system calls and programs, through the linker's
 * --wrap. The count runs over all processes of one campaign.
 */
#ifndef TESTS_DURABLE_FAULTS_H
#define TESTS_DURABLE_FAULTS_H

#include <stdbool.h>

enum fault {
	FAULT_NONE,
	FAULT_DIE,    /* the process dies before the call */
	FAULT_TORN,   /* a write writes half and the process dies; other calls happen and it dies */
	FAULT_ENOSPC, /* the call fails once */
	FAULT_EIO,
	FAULT_EROFS,
	FAULT_FULL,   /* it and every further call of this boot that needs space fails: ENOSPC */
	FAULT_DAMAGE, /* a byte of the record changes, and the process dies */
	FAULT_COUNT,
};

#define FAULTS_DIED 77 /* exit status of a process that died of a fault */
#define FAULTS_DOWN 42 /* exit status of one that systemd ended when the machine went down */

/* Shared between the processes of one campaign. */
struct faults {
	enum fault fault;
	unsigned at;    /* the call that fails, from 1 */
	unsigned calls; /* so far */
	bool hit;
	bool full; /* FAULT_FULL is in effect; a new boot clears it */
};

extern struct faults *faults; /* never NULL */
extern bool faults_on;        /* calls of this process count; those of the test itself do not */

/* Changes a byte of the record; machine.c knows where it is. */
void faults_damage_record(void);

const char *fault_name(enum fault fault);

/* Counts a call that changes something and lets the fault happen; returns the errno that the call
 * has to fail with, or 0. */
int faults_count(bool needs_space);

/* For FAULT_TORN, after the call. */
void faults_after(void);

#endif
