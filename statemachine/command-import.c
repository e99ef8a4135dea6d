/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "base/sealed.h"
#include "campaigns/imported.h"
#include "campaigns/units.h"
#include "results/result.h"
#include "statemachine/command.h"
#include "statemachine/imported-file.h"
#include "statemachine/journal.h"
#include "statemachine/opened.h"
#include "statemachine/store.h"

/* What `import` works with. */
struct importing {
	const struct command_line *line;
	struct imported_cell cell;
	int64_t histogram_us; /* 0: not said */
	struct imported_file **files;
	unsigned count;
	int store, lock, campaign;
	struct plan *plan;
};

/* --- the command line -------------------------------------------------------------------- */

static bool take_duration(
	const char *text, int64_t least_us, int64_t most_us, int64_t unit_us, int64_t *ret)
{
	int64_t us;

	if (!text || !units_duration(text, &us) || us < least_us || us > most_us || us % unit_us)
		return false;
	*ret = us / unit_us;
	return true;
}

/* What cyclictest was asked, as whoever imports its results says. */
static int take_durations(struct importing *importing)
{
	const struct command_line *line = importing->line;
	struct cyclictest *said = &importing->cell.cyclictest;

	if (!take_duration(line->interval, 1, 1000000000, 1, &said->interval_us))
		return command_fail(COMMAND_USAGE,
			"say --interval, cyclictest's -i, with its unit: 1us to 1000s, such as "
			"100us");
	if (!take_duration(line->duration, 1000000, INT64_C(30) * 86400 * 1000000, 1000000,
		    &said->duration_s))
		return command_fail(COMMAND_USAGE,
			"say --duration, how long it measured, with its unit: 1s to 30d, such as "
			"10m");
	if (line->histogram &&
		!take_duration(line->histogram, 1, 1000000, 1, &importing->histogram_us))
		return command_fail(COMMAND_USAGE,
			"--histogram is cyclictest's -h with its unit: 1us to 1s, such as 2000us");
	return COMMAND_FINE;
}

static int take_names(struct importing *importing)
{
	const struct command_line *line = importing->line;

	importing->cell.setup = line->setup ? line->setup : "imported";
	importing->cell.experiment = line->experiment ? line->experiment : "imported";
	const char *const names[] = {
		line->operand, importing->cell.setup, importing->cell.experiment};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!imported_name_is_fine(names[i]))
			return command_fail(COMMAND_USAGE,
				"the name \"%s\" becomes part of file names; it has to begin with "
				"a letter or digit and to hold nothing but letters, digits, '.', "
				"'_' and '-', at most 64",
				names[i]);
	return COMMAND_FINE;
}

static int take_line(struct importing *importing)
{
	if (importing->line->operand_count < 2)
		return command_fail(COMMAND_USAGE,
			"import takes the name of a campaign and at least one file; `latcampaign "
			"import --help` shows an example");
	int status = take_durations(importing);
	return status == COMMAND_FINE ? take_names(importing) : status;
}

/* --- the files --------------------------------------------------------------------------- */

/* All of them are read and checked before anything is written. */
static int read_files(struct importing *importing, struct err *err)
{
	struct cyclictest *said = &importing->cell.cyclictest;
	int r = 0;

	importing->count = importing->line->operand_count - 1;
	importing->files = talloc_zero_array(importing, struct imported_file *, importing->count);
	for (unsigned i = 0; r == 0 && i < importing->count; i++) {
		r = imported_file_read(importing->files, importing->line->operands[i + 1],
			importing->histogram_us, said, &importing->files[i], err);
		if (r == 0 && i == 0) {
			said->threads = (int)importing->files[0]->histogram->thread_count;
			said->histogram_us = importing->histogram_us > 0
						     ? importing->histogram_us
						     : importing->files[0]->histogram->bins;
		}
		if (r == 0)
			r = imported_file_check(importing->files[i], said, err);
	}
	return r;
}

static int refuse_twice(
	const struct imported_file *file, const char *known, const char *where, struct err *err)
{
	if (!known || strcmp(known, file->sha256) != 0)
		return 0;
	return err_set(err, -EEXIST,
		"%s: is the same as %s, which is imported already; it would count twice",
		file->path, where);
}

/* The same file under two names would look like two runs. */
static int check_new(const struct importing *importing, struct err *err)
{
	const struct plan *plan = importing->plan;
	int r = 0;

	for (unsigned i = 0; r == 0 && i < importing->count; i++)
		for (unsigned k = 0; r == 0 && k < i; k++)
			r = refuse_twice(importing->files[i], importing->files[k]->sha256,
				importing->files[k]->path, err);
	for (unsigned run = 0; r == 0 && run < plan->run_count; run++) {
		struct result *result;
		if (result_load(NULL, importing->campaign, plan->runs[run].id, &result, NULL) < 0)
			continue;
		const char *known = json_string_value(
			json_object_get(json_object_get(result->json, "imported"), "sha256"));
		for (unsigned i = 0; r == 0 && i < importing->count; i++)
			r = refuse_twice(importing->files[i], known, plan->runs[run].id, err);
		talloc_free(result);
	}
	return r;
}

/* --- the campaign ------------------------------------------------------------------------ */

static int open_campaign(struct importing *importing, struct err *err)
{
	const struct command_line *line = importing->line;
	int r = store_open(line->root, true, &importing->store, err);

	if (r == 0)
		r = store_lock(importing->store, &importing->lock, err);
	if (r == 0)
		r = store_open_campaign(
			importing->store, line->operand, true, &importing->campaign, err);
	return r;
}

static int load_plan(struct importing *importing, struct err *err)
{
	const char *name = importing->line->operand;

	importing->plan = imported_plan(importing, name);
	int r = opened_load_plan(importing, importing->campaign, &importing->plan, err);
	if (r == -ENOENT)
		return 0; /* a new one */
	if (r == 0 && !importing->plan->imported)
		r = err_set(err, -EEXIST,
			"campaign %s was measured on this machine; import into one of another name",
			name);
	return r;
}

/* Each file is a run; whether they share a boot only the person knows. */
static json_t *file_json(
	const struct importing *importing, const struct run *run, const struct imported_file *file)
{
	const struct cyclictest *said = &importing->cell.cyclictest;
	json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:{s:I, s:I, s:i, s:I}}",
		"campaign", importing->plan->name, "run", run->id, "setup", importing->cell.setup,
		"experiment", importing->cell.experiment, "repetition", (int)run->repetition,
		"latcampaign", VERSION, "tool", "cyclictest", "boot_id",
		importing->line->boots ? run->id : "unknown", "cyclictest", "interval_us",
		(json_int_t)said->interval_us, "duration_s", (json_int_t)said->duration_s,
		"threads", said->threads, "histogram_us", (json_int_t)said->histogram_us);

	json_object_set_new(json, "imported",
		json_pack("{s:s, s:s, s:s}", "file", file->path, "sha256", file->sha256, "format",
			file->format));
	json_object_set_new(json, "asked", json_null());
	json_object_set_new(json, "found", json_null());
	json_object_set_new(json, "guest", json_pack("{s:n, s:O}", "asked", "found", file->kernel));
	return json;
}

/* What an import left that was cut short is none of the plan's. */
static int write_run(const struct importing *importing, const struct run *run,
	const struct imported_file *file, struct err *err)
{
	char *left = talloc_asprintf(NULL, "runs/%s", run->id);
	autoclose int directory = -1;
	int r = directory_remove(importing->campaign, left, err);

	talloc_free(left);
	if (r == 0)
		r = result_begin(importing->campaign, run->id, &directory, err);
	if (r == 0)
		r = file_write(directory, "histogram.txt", file->text, strlen(file->text), err);
	/* A log of samples may be larger than the disk: its digest stands for it. */
	if (r == 0 && strcmp(file->format, "json") == 0)
		r = file_write(directory, "imported.json", file->bytes, file->size, err);
	if (r == 0 && file->slices)
		r = result_write_slices(directory, file->slices, err);
	if (r < 0)
		return r;
	json_t *json = file_json(importing, run, file);
	r = result_finish(importing->campaign, run->id, OUTCOME_PASS, "", json, err);
	json_decref(json);
	if (r == 0)
		journal(importing->campaign, JOURNAL_INFO, "%s is imported as run %s", file->path,
			run->id);
	return r;
}

/* The plan comes last: with it the runs count. */
static int write_all(struct importing *importing, struct err *err)
{
	struct plan *plan = importing->plan;
	unsigned first = plan->run_count;
	int r = imported_add(plan, &importing->cell, importing->count, err);

	for (unsigned i = 0; r == 0 && i < importing->count; i++)
		r = write_run(importing, &plan->runs[first + i], importing->files[i], err);
	if (r < 0)
		return r;
	json_t *json = plan_to_json(plan);
	r = sealed_save(importing->campaign, "plan.json", json, err);
	json_decref(json);
	return r;
}

static void tell(const struct importing *importing)
{
	printf("campaign %s has %u more runs of cell %s-%s, %u in all; `latcampaign report %s` "
	       "shows them\n",
		importing->plan->name, importing->count, importing->cell.setup,
		importing->cell.experiment, importing->plan->run_count, importing->plan->name);
}

static int import(struct importing *importing)
{
	struct err err = {""};
	int status = take_line(importing);

	if (status != COMMAND_FINE)
		return status;
	int r = read_files(importing, &err);
	if (r == 0)
		r = open_campaign(importing, &err);
	if (r == 0)
		r = load_plan(importing, &err);
	if (r == 0)
		r = check_new(importing, &err);
	if (r == 0)
		r = write_all(importing, &err);
	if (r == 0)
		tell(importing);
	return r == 0 ? COMMAND_FINE : command_fail(COMMAND_FAILED, "%s", err.text);
}

int command_import(const struct command_line *line)
{
	struct importing *importing = talloc_zero(NULL, struct importing);

	*importing = (struct importing){.line = line, .store = -1, .lock = -1, .campaign = -1};
	int status = import(importing);
	close_fd(&importing->campaign);
	close_fd(&importing->lock);
	close_fd(&importing->store);
	talloc_free(importing);
	return status;
}
