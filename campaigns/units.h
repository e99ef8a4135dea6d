/* SPDX-License-Identifier: MIT */
/*
 * Durations ("500us", "1h30m") and sizes ("256M") of the campaign language, and lists of CPUs.
 */
#ifndef CAMPAIGNS_UNITS_H
#define CAMPAIGNS_UNITS_H

#include <stdbool.h>
#include <stdint.h>

/* One or more NUMBER UNIT pairs with units ns us ms s m h d, largest first or not; the result in
 * microseconds. False for anything else, for a fraction of a microsecond and beyond 1e15 us. */
bool units_duration(const char *text, int64_t *ret_us);

/* NUMBER UNIT with units K M G (powers of 1024); the result in MiB. False for anything else, for
 * a fraction of a MiB and beyond 1 TiB. */
bool units_size(const char *text, int64_t *ret_mib);

/* Is it a list of CPUs as the kernel writes them: "0", "0-1,3"? Numbers up to 8191. */
bool units_cpus(const char *text);

#endif
