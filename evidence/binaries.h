/* SPDX-License-Identifier: MIT */
/*
 * Which programs and images took part: path, SHA-256 and version of each. Each file is read once,
 * see base/digests.h, and each program is asked for its version once; a later question costs a
 * stat(2).
 */
#ifndef EVIDENCE_BINARIES_H
#define EVIDENCE_BINARIES_H

#include <jansson.h>

#include "base/digests.h"

/* A talloc child of `ctx`; `digests` has to live as long. */
struct binaries;
struct binaries *binaries_new(void *ctx, struct digests *digests);

/* All return a new reference to { "name", "path", "sha256", "version", "not_read" }, see
 * docs/run.schema.json. */

/* The program that runs now, whatever stands under its name meanwhile. */
json_t *binaries_self(struct binaries *binaries);

/* A program of the machine below `root`, where programs are looked for (base/programs.h). */
json_t *binaries_program(struct binaries *binaries, int root, const char *name);

/* A file whose version is known; NULL: it is not. */
json_t *binaries_image(struct binaries *binaries, int root, const char *name, const char *path,
	const char *version);

#endif
