/* SPDX-License-Identifier: MIT */
/*
 * What Linux prints about itself, parsed. Pure; formats are those of proc(5) and of
 * Documentation/ABI/testing/dev-kmsg in Linux. Bytes that are no UTF-8 become '?'.
 */
#ifndef EVIDENCE_PARSE_H
#define EVIDENCE_PARSE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* A value of the first processor of /proc/cpuinfo ("model name", "microcode", ...), as a talloc
 * child of `ctx`; NULL when there is none. /proc/meminfo has the same form. */
char *parse_info(void *ctx, const char *text, const char *key);

/* Whether the word stands among blanks. */
bool parse_has_word(const char *text, const char *word);

/* /proc/interrupts: { LABEL: { "name": words behind the counts, "count": of all CPUs } }, in the
 * order of the lines (new reference). */
json_t *parse_interrupts(const char *text);

/* The field-th number (from 1) of the line KEY of /proc/stat: "ctxt", 1; "cpu", PARSE_STAT_STEAL.
 * Returns false when it is not there. */
bool parse_stat(const char *text, const char *key, unsigned field, uint64_t *ret);
#define PARSE_STAT_STEAL 8

/* Records of /dev/kmsg, one after the other: those of level warning (4) and worse are counted, and
 * the last `keep` of them kept, each as "LEVEL: words". Lines that continue a record are left out.
 */
struct messages {
	uint64_t count;
	json_t *last; /* array */
};
void parse_messages(const char *text, unsigned keep, struct messages *messages);

#endif
