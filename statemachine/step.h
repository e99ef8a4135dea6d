/* SPDX-License-Identifier: MIT */
/*
 * The pure core: from what is planned, what is recorded and what is seen, to what is recorded
 * next and what is done next. It touches nothing of the system, so that a test can explore
 * every course that a night can take.
 *
 * The driver's loop: observe, step(), make the state durable, perform the action, again. After a
 * crash at any point the same loop derives the same action again; every action is idempotent.
 */
#ifndef STATEMACHINE_STEP_H
#define STATEMACHINE_STEP_H

#include <stdbool.h>

#define STEP_TOKEN_SIZE 17   /* 16 hexadecimal characters and a NUL byte */
#define STEP_BOOT_ID_SIZE 40 /* a boot id of Linux: 36 characters and a NUL byte */
#define STEP_NO_RUN (-1)

enum phase {
	PHASE_CHOOSING,  /* no boot of ours is under way: which visit is next? */
	PHASE_BOOTING,   /* armed for `visit` with `token` in the boot `boot_id` */
	PHASE_VISITING,  /* the boot `boot_id` is proved to be `visit`'s setup */
	PHASE_RETURNING, /* on the way home; the reboot is asked for in the boot `boot_id` */
	PHASE_CLOSING,   /* at home (or as near as we got): tidy up, report */
	PHASE_ENDED,
	PHASE_COUNT,
};

enum ending {
	ENDING_NONE,          /* it has not ended */
	ENDING_FINISHED,      /* every run has an outcome */
	ENDING_STOPPED,       /* a person stopped it; it can be started again */
	ENDING_BOOTS,         /* the budget of boots is used up */
	ENDING_WALL_TIME,     /* the campaign's time is used up */
	ENDING_CANNOT_REBOOT, /* the reboot was asked for and did not happen */
	ENDING_DAMAGED,       /* the record was damaged again and again; never set by step() */
	ENDING_NO_PROGRESS,   /* boot after boot brought no result */
	ENDING_PERSON,        /* a person rebooted the machine; it is left to them */
	ENDING_COUNT,
};

/* What the core needs of the plan. */
struct step_plan {
	unsigned visit_count;
	unsigned run_count;
	const unsigned *visit_of_run; /* [run_count] */
	unsigned boot_attempts;       /* boots in a row that may fail to reach one visit */
	unsigned run_attempts;        /* executions of one run */
	unsigned boots;               /* boots of visits in all */
	unsigned idle_boots;          /* boots of visits in a row without a new result */
};

/* What is made durable before every action. Plain data, copied freely. */
struct state {
	enum phase phase;
	enum ending ending; /* set when the way home begins */
	char token[STEP_TOKEN_SIZE];
	char boot_id[STEP_BOOT_ID_SIZE];
	unsigned visit;          /* PHASE_BOOTING and PHASE_VISITING */
	int run;                 /* under way in PHASE_VISITING, else STEP_NO_RUN */
	unsigned boots;          /* of visits, so far */
	unsigned idle_boots;     /* of them, since a result was last new */
	unsigned results;        /* how many there were then */
	unsigned reboot_asks;    /* how often this boot's end was asked for */
	unsigned home_attempts;  /* boots that should have been home and were not */
	unsigned reports;        /* attempts to write the report */
	bool away;               /* home was not reached */
	unsigned *boot_attempts; /* [visit_count]; owned by the caller */
	unsigned *run_attempts;  /* [run_count]; owned by the caller */
};

enum boot_proof {
	BOOT_NOT_OURS, /* without the token of the last arming */
	BOOT_WRONG,    /* the token, but not the setup that was asked */
	BOOT_PROVED,   /* the token, and all that was asked was found */
};

/* What is seen of the world; gathered anew before every step. */
struct observation {
	char boot_id[STEP_BOOT_ID_SIZE];
	char fresh_token[STEP_TOKEN_SIZE]; /* never used before */
	enum boot_proof proof;             /* of this boot, against state.token and state.visit */
	bool at_home;                      /* this boot is what the machine was in at the start */
	bool one_shot;                     /* the boot loader holds a one-shot of ours */
	bool entries;                      /* files of ours are left beside the boot loader's */
	bool active;                       /* the unit's condition holds for this campaign */
	bool report;                       /* the report stands */
	bool stop;                         /* a person asked to stop */
	bool person;                       /* a person rebooted the machine away from us */
	bool out_of_time;                  /* the campaign's wall time is over */
	const bool *done;                  /* [run_count]: the run's result stands */
	const bool *ready; /* [visit_count]: the setup's files are those of the start */
};

enum action {
	ACTION_NONE,        /* nothing is left to do */
	ACTION_CLEAR,       /* take back a one-shot that is left */
	ACTION_BOOT_VISIT,  /* write the entry of state.visit, arm it with state.token, reboot */
	ACTION_MEASURE,     /* execute step.run */
	ACTION_CLOSE_MISS,  /* write step.run's result as MISS */
	ACTION_CLOSE_ERROR, /* write step.run's result as ERROR */
	ACTION_BOOT_HOME,   /* reboot into the default entry */
	ACTION_TIDY,        /* remove our files beside the boot loader's */
	ACTION_REPORT,      /* write figures and report */
	ACTION_RELEASE,     /* take away the unit's condition */
	ACTION_COUNT,
};

/* Things that happened on the way to the action, for the log; a set of bits. */
enum note {
	NOTE_ARRIVED = 1,     /* the visit's setup is proved */
	NOTE_WRONG_SETUP = 2, /* the armed entry came up as something else */
	NOTE_NOT_ARRIVED = 4, /* another boot than the armed one came up */
	NOTE_VISIT_LOST = 8,  /* the machine rebooted in the middle of a visit */
	NOTE_RUN_BROKE = 16,  /* the run that was under way left no result */
	NOTE_VISIT_DONE = 32, /* nothing is left to measure in this visit */
	NOTE_HOME = 64,       /* home is reached */
	NOTE_AWAY = 128,      /* home is given up */
};

struct step {
	enum action action;
	int run;        /* of ACTION_MEASURE and ACTION_CLOSE_*, else STEP_NO_RUN */
	unsigned notes; /* of enum note */
};

/* How often one boot is asked to end, and how many boots may miss home. */
#define STEP_REBOOT_ASKS 3
#define STEP_HOME_ATTEMPTS 3
#define STEP_REPORTS 2

/*
 * Decides. `state` is changed in place; the caller makes it durable before it performs the
 * action. Terminates for every input; never fails.
 */
struct step step(const struct step_plan *plan, struct state *state, const struct observation *seen);

#endif
