/* SPDX-License-Identifier: MIT */
/*
 * What the host is that a run is measured on, as Linux tells it: in dom0 that is dom0's view.
 * docs/run.schema.json describes each member. `root` is the descriptor of "/"; nothing is changed
 * and no program is run. All return new references.
 */
#ifndef EVIDENCE_HOST_H
#define EVIDENCE_HOST_H

#include <jansson.h>

/* { "hardware", "power", "time", "isolation" } */
json_t *host_describe(int root);

/* hardware.c: processor, topology, firmware, memory. */
json_t *host_hardware(int root);

/* power.c: frequencies, boost, idle states, as they are now: knobs have been turned. */
json_t *host_power(int root);

#endif
