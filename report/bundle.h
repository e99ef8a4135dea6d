/* SPDX-License-Identifier: MIT */
/*
 * What a reviewer gets: everything in the campaign's directory that does not change any more, with
 * its checksums, and described by an RO-Crate 1.1 (https://w3id.org/ro/crate/1.1).
 */
#ifndef REPORT_BUNDLE_H
#define REPORT_BUNDLE_H

#include "tables/report-parts.h"

#define BUNDLE_CRATE "ro-crate-metadata.json"

/* Writes ro-crate-metadata.json, then SHA256SUMS for `sha256sum -c`, which lists that too. Left out
 * are the record and the log, which go on, and names that begin with a dot. */
int bundle_write(const struct report *report, struct err *err);

struct bundle_file {
	char *path; /* below the campaign's directory */
	char *sha256;
	size_t size;
};

/* crate.c: the crate's metadata; a talloc child of `ctx`. */
char *crate_text(
	void *ctx, const struct report *report, const struct bundle_file *files, unsigned count);

#endif
