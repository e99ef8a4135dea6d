/* SPDX-License-Identifier: MIT */
#include "figures/ccdf.h"

#include <string.h>
#include <talloc.h>

#include "base/files.h"

static char *add_block(char *text, const struct histogram *pool)
{
	double samples = (double)histogram_samples(pool);
	uint64_t left = histogram_samples(pool);

	for (unsigned bin = 0; bin < pool->bins; bin++) {
		if (pool->threads->counts[bin] == 0)
			continue;
		text = talloc_asprintf_append_buffer(
			text, "%u %.9g\n", bin, (double)left / samples);
		left -= pool->threads->counts[bin];
	}
	/* Of those beyond the bins it is known how many there are, and how late the last one was.
	 */
	if (left > 0)
		text = talloc_asprintf_append_buffer(text, "%u %.9g\n%ld %.9g\n", pool->bins,
			(double)left / samples, pool->threads->max_us, 1 / samples);
	return text;
}

static char *ccdf_text(void *ctx, const struct cell *cell)
{
	char *text = talloc_asprintf(ctx,
		"# %s: %lu wake-ups in %u boots\n"
		"# latency_us P(latency >= x): all boots, the largest latency, each boot\n",
		cell->name, histogram_samples(cell->pool), cell->boot_count);

	text = add_block(text, cell->pool);
	text = talloc_asprintf_append_buffer(text, "\n\n%ld %.9g\n", cell->pool->threads->max_us,
		1 / (double)histogram_samples(cell->pool));
	for (unsigned b = 0; b < cell->boot_count; b++)
		text = add_block(talloc_asprintf_append_buffer(text, "\n\n"), cell->boots[b].pool);
	return text;
}

int ccdf_write(const struct cell *cell, int campaign, struct err *err)
{
	char *path = talloc_asprintf(NULL, "figures/ccdf-%s.txt", cell->name);
	char *text = ccdf_text(path, cell);
	int r = file_replace(campaign, path, text, strlen(text), 0644, err);

	talloc_free(path);
	return r;
}
