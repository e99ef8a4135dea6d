/* SPDX-License-Identifier: MIT */
/*
 * A model of a machine with GRUB for the exploration of the real step(): all that survives or
 * happens outside the core, and the books that the invariants are checked against.
 */
#ifndef TESTS_EXPLORE_WORLD_H
#define TESTS_EXPLORE_WORLD_H

#include <stdbool.h>

#include "statemachine/step.h"

enum { MAX_VISITS = 4, MAX_RUNS = 8 };
enum { BOOT_ATTEMPTS = 3, RUN_ATTEMPTS = 2, RECORDS = 3 };

enum booted { AT_HOME, AT_VISIT, AT_WRONG, AT_FOREIGN };
enum result { RESULT_NONE, RESULT_PASS, RESULT_ERROR, RESULT_MISS };

/* Tokens and boots are numbers, from 1; 0 is none. Worlds are compared as bytes: the members are
 * ordered so that there is no padding but in `state`, which is copied with memcpy. */
struct world {
	struct state state; /* the durable record; its pointers are set before each use */
	unsigned boot_attempts[MAX_VISITS], run_attempts[MAX_RUNS];
	enum booted booted;
	unsigned boot;         /* number of the present boot */
	unsigned booted_visit; /* AT_VISIT and AT_WRONG */
	unsigned booted_token; /* on the present command line */
	unsigned one_shot;     /* token in GRUB's environment */
	unsigned entry;        /* token of the entry that GRUB would find */
	unsigned entry_visit;
	unsigned next_token;
	enum result results[MAX_RUNS];
	unsigned faults; /* still to come */
	unsigned active, report, stop, out_of_time;
	unsigned drifted; /* visits, as bits, whose files are not those of the start any more */
	unsigned person;  /* somebody else rebooted the machine */
	unsigned full;    /* the disk: nothing can be written, the record least of all */
	unsigned damages; /* of the record */

	/* The books: counted by what happens, not by what the core counts. */
	unsigned executions[MAX_RUNS];
	unsigned armed_in;             /* the boot of the last arming */
	unsigned armings;              /* different tokens that were decided on */
	unsigned in_a_row[MAX_VISITS]; /* of them, since the visit was last reached */
	unsigned decided_asks; /* reboots that were decided on in this boot, for one arming */
	unsigned home_misses;  /* boots on the way home that were seen and were not home */
	unsigned missed_boot;  /* the last of them */
	unsigned reports;      /* reports that were begun */
	unsigned idle;         /* armings since a result was new */
	unsigned had_results;  /* results there have been at once at most */
};

extern struct step_plan plan;
extern unsigned visit_of_run[MAX_RUNS];
extern unsigned max_faults;

unsigned token_number(const char *token);
bool same_boot_as_recorded(const struct world *world);
enum boot_proof world_prove(const struct world *world);

/* explore.c: walks on from a world; each way on is named, for the course that is told. */
void explore(const struct world *world);
void path_enter(const char *name);
void path_leave(void);

/* machine.c: what may happen to a world, and what an action does to it; all of them walk on. */
void explore_power_cut(struct world world, const char *name);
void explore_cut_or_kill(const struct world *world, const char *name);
void explore_damage(struct world world);
void explore_drift(const struct world *world);
void explore_full_disk(struct world world);
void live_with_full_disk(struct world world);
void perform(struct world *world, const struct step *next);

/* invariants.c: each ends the program with a sentence and the course that led there. */
void violated(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void check_decision(const struct world *before, const struct world *after, const struct step *next);
void check_measure(const struct world *world, unsigned run);
void check_close(const struct world *world, unsigned run, enum result result);
void check_ending(const struct world *world);

/* Updates the books with a decision; called before check_decision(). */
void keep_books(const struct world *before, struct world *after, const struct step *next);

#endif
