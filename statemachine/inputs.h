/* SPDX-License-Identifier: MIT */
/*
 * NAME/inputs/: copies of what a campaign's file rests on, for a person who measures again.
 */
#ifndef STATEMACHINE_INPUTS_H
#define STATEMACHINE_INPUTS_H

#include "base/err.h"
#include "campaigns/plan.h"

/* Copies the files that the campaign includes and its guests' scripts into the campaign's directory
 * `campaign`, under their own names; a second file of the same name gets a number in front:
 * 2-measure.sh. Without any there is no folder. */
int inputs_keep(const struct plan *plan, int campaign, struct err *err);

#endif
