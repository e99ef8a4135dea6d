/* SPDX-License-Identifier: MIT */
/*
 * The record: what results cannot tell. One JSON file, replaced atomically and durably before
 * every action.
 */
#ifndef STATEMACHINE_RECORD_H
#define STATEMACHINE_RECORD_H

#include <stdint.h>

#include "base/err.h"
#include "campaigns/plan.h"
#include "statemachine/proof.h"
#include "statemachine/step.h"

struct record {
	struct state state;    /* its arrays belong to the record */
	struct identity *home; /* what the machine was in when the campaign was started */
	int64_t started;       /* seconds since the epoch */
	int64_t changed;       /* when the record was last saved */
	int64_t boot_seconds;  /* from the last arming to the arrival; 0 = not known yet */
	char *trouble;         /* why the runner gave up, a sentence; "" while it has not */
};

/* A record of a campaign that has not done anything; a talloc child of `ctx`. */
struct record *record_new(void *ctx, const struct plan *plan, struct identity *home, int64_t now);

/* Lets a stopped or ended campaign go on: open runs get all their attempts again. */
void record_revive(struct record *record, const struct plan *plan, int64_t now);

/* Reads record.json of the campaign's directory. -ENOENT when there is none; -EBADMSG when it is
 * damaged or does not belong to the plan. */
int record_load(
	void *ctx, int campaign, const struct plan *plan, struct record **ret, struct err *err);

/* Makes the record durable and sets `changed`. */
int record_save(
	struct record *record, int campaign, const struct plan *plan, int64_t now, struct err *err);

/* The view that step() has of a plan; a talloc child of `ctx`. */
struct step_plan *record_step_plan(void *ctx, const struct plan *plan);

const char *phase_name(enum phase phase);
const char *ending_name(enum ending ending);

#endif
