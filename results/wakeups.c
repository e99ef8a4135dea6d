/* SPDX-License-Identifier: MIT */
#include "results/wakeups.h"

uint64_t wakeups_expected(const struct cyclictest *asked)
{
	return (uint64_t)(asked->duration_s * 1000000 / asked->interval_us);
}

struct wakeups wakeups_of(const struct cyclictest *asked, const struct histogram_thread *histogram)
{
	uint64_t expected = wakeups_expected(asked);
	uint64_t got = histogram->total + histogram->overflows;

	return (struct wakeups){expected, got, got < expected ? expected - got : 0};
}

void wakeups_add(struct wakeups *sum, const struct wakeups *thread)
{
	sum->expected += thread->expected;
	sum->got += thread->got;
	sum->missed += thread->missed;
}

bool wakeups_miss(const struct wakeups *wakeups)
{
	return (double)wakeups->missed > WAKEUPS_MISSED_LIMIT * (double)wakeups->expected;
}
