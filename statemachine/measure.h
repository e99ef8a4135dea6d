/* SPDX-License-Identifier: MIT */
#ifndef STATEMACHINE_MEASURE_H
#define STATEMACHINE_MEASURE_H

#include "statemachine/effects.h"

/* Measures a run: knobs are turned, loads run, and both are put back. Returns 0 when the run has a
 * result or was put aside with its reason; a negative errno when not even that could be kept. */
int measure_run(struct runner *runner, const struct run *run, struct err *err);

#endif
