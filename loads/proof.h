/* SPDX-License-Identifier: MIT */
/*
 * What tells that a load ran all the time, wherever it ran.
 */
#ifndef LOADS_PROOF_H
#define LOADS_PROOF_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

struct load_proof {
	const char *name;
	const char *argv;
	bool ran;           /* from before the first sample to after the last */
	double cpu_seconds; /* of that time */
	double seconds;     /* how long that was */
	const char *status;
};

/* As run.json keeps it (new reference). */
json_t *load_proof_json(const struct load_proof *proof);

/* A load that waits for something all the time is none: an error below one hundredth of a CPU. */
int load_proof_check(const char *name, double cpu_seconds, double seconds, struct err *err);

#endif
