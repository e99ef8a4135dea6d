/* SPDX-License-Identifier: MIT */
/*
 * The record: what results cannot tell. One sealed JSON file, replaced atomically and durably
 * before every action.
 */
#ifndef STATEMACHINE_RECORD_H
#define STATEMACHINE_RECORD_H

#include <jansson.h>
#include <stdint.h>

#include "base/err.h"
#include "campaigns/plan.h"
#include "statemachine/step.h"

struct record {
	struct state state;   /* its arrays belong to the record */
	int64_t started;      /* seconds since the epoch */
	int64_t changed;      /* when the record was last saved */
	int64_t boot_seconds; /* from the last arming to the arrival; 0 = not known yet */
	int64_t spent;        /* seconds that the machine was up for it; no clock can change them */
	int64_t uptime;       /* in seconds, in the boot `up_in`, when `spent` was last counted */
	char up_in[STEP_BOOT_ID_SIZE]; /* "" = not counted yet */
	char *trouble;                 /* why the runner gave up, a sentence; "" while it has not */
};

/* A record of a campaign that has not done anything; a talloc child of `ctx`. */
struct record *record_new(void *ctx, const struct plan *plan, int64_t now);

/* Lets a stopped or ended campaign go on: open runs get all their attempts again. */
void record_revive(struct record *record, const struct plan *plan, int64_t now);

/* A record from what record.json holds; -EBADMSG when it does not fit the plan. */
int record_from_json(void *ctx, const json_t *json, const struct plan *plan, struct record **ret,
	struct err *err);

/* Reads record.json of the campaign's directory. -ENOENT when there is none; -EBADMSG when it is
 * damaged or does not belong to the plan. */
int record_load(
	void *ctx, int campaign, const struct plan *plan, struct record **ret, struct err *err);

/* Counts the time up to `uptime` seconds of the boot `boot_id`. What a boot before this one took
 * after it was last counted, and the firmware's time, are left out. */
void record_count_time(struct record *record, const char *boot_id, int64_t uptime);

/* Makes the record durable and sets `changed`. */
int record_save(
	struct record *record, int campaign, const struct plan *plan, int64_t now, struct err *err);

/* The view that step() has of a plan; a talloc child of `ctx`. */
struct step_plan *record_step_plan(void *ctx, const struct plan *plan);

const char *phase_name(enum phase phase);
const char *ending_name(enum ending ending);

#endif
