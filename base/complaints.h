/* SPDX-License-Identifier: MIT */
#ifndef BASE_COMPLAINTS_H
#define BASE_COMPLAINTS_H

/* All that is wrong with a campaign or a machine, one sentence each, so that a person can mend
 * everything in one go. Starts as {0}. */
struct complaints {
	char **lines; /* talloc array; NULL while count is 0 */
	unsigned count;
};

/* Appends a sentence; `ctx` owns the array when it is the first one. */
void complaints_add(void *ctx, struct complaints *complaints, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
