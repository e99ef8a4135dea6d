/* SPDX-License-Identifier: MIT */
/*
 * run.json: what was asked of a run and what was found.
 */
#ifndef STATEMACHINE_RUN_JSON_H
#define STATEMACHINE_RUN_JSON_H

#include <jansson.h>
#include <stdint.h>

#include "statemachine/effects.h"

/* What every run.json tells, whatever became of the run (new reference). */
json_t *run_json(const struct runner *runner, const struct run *run);

/* Adds what only a measured run can tell. Takes over `guest_found`; `began` is a time of day. */
void run_json_add_found(json_t *json, const struct runner *runner, const struct run *run,
	json_t *guest_found, int64_t began);

#endif
