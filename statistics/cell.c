/* SPDX-License-Identifier: MIT */
#include "statistics/cell.h"

#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "results/result.h"

/* The boot that a result was measured in; made when it is the first of that boot. */
static unsigned boot_of(struct cell *cell, const struct result *result, unsigned visit)
{
	const char *found = json_string_value(json_object_get(result->json, "boot_id"));
	char *id =
		found ? talloc_strdup(cell, found) : talloc_asprintf(cell, "visit-%u", visit + 1);
	int64_t began = json_integer_value(json_object_get(result->json, "began"));

	for (unsigned b = 0; b < cell->boot_count; b++)
		if (strcmp(cell->boots[b].id, id) == 0)
			return b;
	cell->boots = talloc_realloc(cell, cell->boots, struct boot, cell->boot_count + 1);
	cell->boots[cell->boot_count] = (struct boot){
		.id = id,
		.visit = visit,
		.began = began,
		.pool = histogram_new(cell, cell->pool->bins),
	};
	return cell->boot_count++;
}

static void state_quantiles(const struct histogram *pool, int64_t *ret)
{
	for (unsigned i = 0; i < QUANTILE_COUNT; i++)
		ret[i] = quantile_of(pool, quantiles[i].q);
}

static void count_wakeups(
	struct cell *cell, struct cell_run *taken, const struct histogram *histogram)
{
	taken->thread_count = histogram->thread_count;
	taken->threads = talloc_array(cell, struct wakeups, histogram->thread_count);
	for (unsigned t = 0; t < histogram->thread_count; t++) {
		struct wakeups thread =
			wakeups_of(&cell->experiment->cyclictest, &histogram->threads[t]);
		taken->threads[t] = thread;
		wakeups_add(&cell->wakeups, &thread);
	}
}

static void take_result(
	struct cell *cell, struct result *result, const struct run *run, unsigned visit)
{
	const struct histogram *histogram = result->histogram;

	if (!histogram)
		return;
	if (!cell->pool) {
		cell->pool = histogram_new(cell, histogram->bins);
		cell->corrected = histogram_new(cell, histogram->bins);
	}
	if (histogram->bins != cell->pool->bins)
		return; /* of another campaign: it cannot be pooled */
	struct cell_run taken = {.run = run,
		.boot = boot_of(cell, result, visit),
		.slices = talloc_steal(cell, result->slices)};
	struct histogram *of_run = histogram_new(cell, histogram->bins);
	histogram_add(of_run, histogram);
	state_quantiles(of_run, taken.quantiles);
	taken.whole = slices_of_run(cell, of_run, wakeups_expected(&cell->experiment->cyclictest));
	talloc_free(of_run);
	histogram_add(cell->boots[taken.boot].pool, histogram);
	histogram_add(cell->pool, histogram);
	correct_add(cell->corrected, histogram, cell->experiment->cyclictest.interval_us);
	cell->boots[taken.boot].runs++;
	count_wakeups(cell, &taken, histogram);
	disturbance_add(&cell->disturbance, result->json);
	cell->runs = talloc_realloc(cell, cell->runs, struct cell_run, cell->run_count + 1);
	cell->runs[cell->run_count++] = taken;
}

static void load_run(
	struct cell *cell, const struct plan *plan, unsigned visit, unsigned run, int campaign)
{
	struct result *result;

	cell->planned++;
	cell->place = plan->runs[run].place;
	if (result_load(cell, campaign, plan->runs[run].id, &result, NULL) < 0)
		return;
	take_result(cell, result, &plan->runs[run], visit);
	talloc_free(result);
}

/* NULL when the plan has no run for it. */
static struct cell *load_cell(
	void *ctx, const struct plan *plan, unsigned setup, unsigned experiment, int campaign)
{
	struct cell *cell = talloc_zero(ctx, struct cell);

	cell->setup = &plan->setups[setup];
	cell->experiment = &plan->experiments[experiment];
	cell->name = talloc_asprintf(cell, "%s-%s", cell->setup->name, cell->experiment->name);
	for (unsigned v = 0; v < plan->visit_count; v++) {
		const struct visit *visit = &plan->visits[v];
		for (unsigned i = 0; visit->setup == setup && i < visit->run_count; i++)
			if (plan->runs[visit->first_run + i].experiment == experiment)
				load_run(cell, plan, v, visit->first_run + i, campaign);
	}
	if (cell->planned == 0)
		TALLOC_FREE(cell);
	for (unsigned b = 0; cell && b < cell->boot_count; b++)
		state_quantiles(cell->boots[b].pool, cell->boots[b].quantiles);
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

bool cell_misses(const struct cell *cell)
{
	return wakeups_miss(&cell->wakeups);
}

bool cell_do_not_rank(const struct cell *cell)
{
	return cell_misses(cell) || disturbance_any(&cell->disturbance);
}

static char *heading(void *ctx, const struct cell *cell, const struct histogram *pool)
{
	char *text = talloc_asprintf(ctx,
		"# %s: %u of %u runs in %u boots, %lu wake-ups, %lu missed of %lu expected\n",
		cell->name, cell->run_count, cell->planned, cell->boot_count,
		histogram_samples(cell->pool), cell->wakeups.missed, cell->wakeups.expected);

	if (pool == cell->corrected)
		text = talloc_asprintf_append(text,
			"# corrected for coordinated omission as by HdrHistogram's "
			"recordValueWithExpectedInterval,\n# interval %ld us: %lu wake-ups with "
			"those that were swallowed\n",
			cell->experiment->cyclictest.interval_us, histogram_samples(pool));
	return talloc_asprintf_append(text,
		"# %lu wake-ups lie beyond the histogram's %u us; they count in N, so that the "
		"curve\n"
		"# ends below 1 when there are any\n"
		"# latency_us P(latency <= x)\n",
		pool->threads->overflows, pool->bins);
}

static char *cdf_text(void *ctx, const struct cell *cell, const struct histogram *pool)
{
	uint64_t samples = histogram_samples(pool), seen = 0;
	char *text = heading(ctx, cell, pool);

	for (unsigned bin = 0; bin < pool->bins; bin++) {
		seen += pool->threads->counts[bin];
		/* A point where the curve rises, and the two ends. */
		if (pool->threads->counts[bin] == 0 && bin > 0 && bin + 1 < pool->bins)
			continue;
		text = talloc_asprintf_append_buffer(
			text, "%u %.9f\n", bin, (double)seen / (double)samples);
	}
	return text;
}

static int write_cdf(const struct cell *cell, const struct histogram *pool, const char *suffix,
	int campaign, struct err *err)
{
	char *path = talloc_asprintf(NULL, "cdf/cdf-%s%s.txt", cell->name, suffix);
	char *text = cdf_text(path, cell, pool);
	int r = file_replace(campaign, path, text, strlen(text), 0644, err);

	talloc_free(path);
	return r;
}

int cell_write_cdf(const struct cell *cell, int campaign, struct err *err)
{
	int r = directory_make(campaign, "cdf", err);

	if (r == 0)
		r = write_cdf(cell, cell->pool, "", campaign, err);
	if (r == 0 && cell->wakeups.missed > 0)
		r = write_cdf(cell, cell->corrected, "-corrected", campaign, err);
	return r;
}
