/* SPDX-License-Identifier: MIT */
/*
 * What is read of a machine for run.json: a JSON object whose member "not_read" gives the reason
 * for each member that is null. A machine that lacks a file, or a sandbox that forbids it, costs
 * that member and nothing else.
 */
#ifndef EVIDENCE_READING_H
#define EVIDENCE_READING_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

struct reading {
	int root;     /* descriptor of "/", or of a test's recorded machine; paths are below it */
	json_t *json; /* the object */
	json_t *not_read; /* its member */
};

/* Begins an object; `json` of it is a new reference, to be taken over by whoever began it. */
struct reading reading_begin(int root);

/* Makes the member null, with the reason. */
void reading_null(struct reading *reading, const char *member, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The member is a file's text without white space around it. */
void reading_text(struct reading *reading, const char *member, const char *path);

/* It is a file's whole number. */
void reading_integer(struct reading *reading, const char *member, const char *path);

/* It is a file's 0 or 1 as a boolean. */
void reading_flag(struct reading *reading, const char *member, const char *path);

/* The text of a file without white space around it; a talloc child of `ctx`. -EILSEQ for one that
 * is no UTF-8, which JSON cannot hold. */
int read_text(void *ctx, int root, const char *path, char **ret, struct err *err);

/* A whole number, and nothing else. */
int read_integer(int root, const char *path, json_int_t *ret, struct err *err);

#endif
