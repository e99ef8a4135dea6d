/* SPDX-License-Identifier: MIT */
/*
 * What a measurement was made in: read before it begins and after it has ended, never meanwhile.
 */
#ifndef EVIDENCE_ENVIRONMENT_H
#define EVIDENCE_ENVIRONMENT_H

#include <jansson.h>

/* A talloc object: what was read before, and where the kernel's messages ended then. */
struct environment;

/* Reads, as a talloc child of `ctx`; `root` is the descriptor of "/". */
struct environment *environment_begin(void *ctx, int root);

/* Reads again: { "before", "after", "change" }, see docs/run.schema.json (new reference). What
 * could not be read is null, with its reason in "not_read". */
json_t *environment_end(struct environment *environment);

/* What differs of two samples, which have "interrupts" as parse_interrupts() tells them (new
 * reference). Pure. */
json_t *environment_change(const json_t *before, const json_t *after);

/* One sample; sample.c (new reference). */
json_t *environment_sample(int root);

#endif
