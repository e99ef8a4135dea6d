/* SPDX-License-Identifier: MIT */
#include "output/cell.h"

#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "output/result.h"

static void take_result(struct cell *cell, const struct result *result)
{
	const struct cyclictest *asked = &cell->experiment->cyclictest;
	const struct histogram *histogram = result->histogram;

	if (!histogram)
		return;
	if (!cell->pool)
		cell->pool = histogram_new(cell, histogram->bins);
	if (histogram->bins != cell->pool->bins)
		return; /* of another campaign: it cannot be pooled */
	histogram_add(cell->pool, histogram);
	cell->measured++;
	cell->expected += (uint64_t)(asked->duration_s * 1000000 / asked->interval_us) *
			  histogram->thread_count;
}

/* NULL when the plan has no run for it. */
static struct cell *load_cell(
	void *ctx, const struct plan *plan, unsigned setup, unsigned experiment, int campaign)
{
	struct cell *cell = talloc_zero(ctx, struct cell);

	cell->setup = &plan->setups[setup];
	cell->experiment = &plan->experiments[experiment];
	cell->name = talloc_asprintf(cell, "%s-%s", cell->setup->name, cell->experiment->name);
	for (unsigned i = 0; i < plan->run_count; i++) {
		const struct run *run = &plan->runs[i];
		struct result *result;
		if (run->setup != setup || run->experiment != experiment)
			continue;
		cell->runs++;
		cell->place = run->place;
		if (result_load(cell, campaign, run->id, &result, NULL) < 0)
			continue;
		take_result(cell, result);
		talloc_free(result);
	}
	if (cell->runs == 0)
		TALLOC_FREE(cell);
	return cell;
}

struct cell **cells_load(void *ctx, const struct plan *plan, int campaign)
{
	struct cell **cells = talloc_zero_array(
		ctx, struct cell *, plan->setup_count * plan->experiment_count + 1);
	unsigned count = 0;

	for (unsigned s = 0; s < plan->setup_count; s++)
		for (unsigned e = 0; e < plan->experiment_count; e++) {
			struct cell *cell = load_cell(cells, plan, s, e, campaign);
			if (cell)
				cells[count++] = cell;
		}
	return cells;
}

uint64_t cell_missed(const struct cell *cell)
{
	uint64_t got = cell->pool ? histogram_samples(cell->pool) : 0;

	return got < cell->expected ? cell->expected - got : 0;
}

static char *cdf_text(void *ctx, const struct cell *cell)
{
	const struct histogram_thread *pool = cell->pool->threads;
	uint64_t samples = histogram_samples(cell->pool), seen = 0;
	char *text = talloc_asprintf(ctx,
		"# %s: %u of %u runs, %lu wake-ups, %lu missed of %lu expected\n"
		"# %lu wake-ups lie beyond the histogram's %u us; they count in N, so that the "
		"curve\n"
		"# ends below 1 when there are any\n"
		"# latency_us P(latency <= x)\n",
		cell->name, cell->measured, cell->runs, samples, cell_missed(cell), cell->expected,
		pool->overflows, cell->pool->bins);

	for (unsigned bin = 0; bin < cell->pool->bins; bin++) {
		seen += pool->counts[bin];
		/* A point where the curve rises, and the two ends. */
		if (pool->counts[bin] == 0 && bin > 0 && bin + 1 < cell->pool->bins)
			continue;
		text = talloc_asprintf_append_buffer(
			text, "%u %.9f\n", bin, (double)seen / (double)samples);
	}
	return text;
}

int cell_write_cdf(const struct cell *cell, int campaign, struct err *err)
{
	char *path = talloc_asprintf(NULL, "cdf/cdf-%s.txt", cell->name);
	char *text = cdf_text(path, cell);
	int r = directory_make(campaign, "cdf", err);

	if (r == 0)
		r = file_replace(campaign, path, text, strlen(text), 0644, err);
	talloc_free(path);
	return r;
}
