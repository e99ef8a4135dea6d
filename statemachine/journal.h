/* SPDX-License-Identifier: MIT */
/*
 * The campaign's log: one line an event, appended to NAME/log and said on stderr for the journal.
 * Nothing is written while a measurement runs.
 */
#ifndef STATEMACHINE_JOURNAL_H
#define STATEMACHINE_JOURNAL_H

#include "base/err.h"

enum journal_level {
	JOURNAL_INFO,
	JOURNAL_WARNING, /* goes into the report's deviations too */
};

/* Appends "2026-11-23T19:20:11Z info: ..." to the log of the campaign's directory `campaign`. A
 * log that cannot be written is said on stderr and harms nothing else. */
void journal(int campaign, enum journal_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The log's warnings ("TIME: text") but for how runs ended, NULL-terminated, a talloc child of
 * `ctx`; empty when there is no log. */
char **journal_warnings(void *ctx, int campaign);

#endif
