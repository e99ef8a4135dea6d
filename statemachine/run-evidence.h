/* SPDX-License-Identifier: MIT */
#ifndef STATEMACHINE_RUN_EVIDENCE_H
#define STATEMACHINE_RUN_EVIDENCE_H

#include <jansson.h>

#include "statemachine/effects.h"

/* What the host is that the run is measured on (evidence/host.h), with "binaries": each program and
 * image that takes part (new reference). To be called before the measurement: it reads files and
 * asks programs for their versions. */
json_t *run_host(const struct runner *runner, const struct run *run);

#endif
