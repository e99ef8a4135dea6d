/* SPDX-License-Identifier: MIT */
#include "report/export.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "base/files.h"
#include "report/log.h"

const struct cell_run *export_run(const struct report *report, unsigned run)
{
	for (struct cell **cell = report->cells; *cell; cell++)
		for (unsigned r = 0; r < (*cell)->run_count; r++)
			if ((*cell)->runs[r].run == &report->plan->runs[run])
				return &(*cell)->runs[r];
	return NULL;
}

int64_t export_integer(const struct result *result, const char *member)
{
	return result ? json_integer_value(json_object_get(result->json, member)) : 0;
}

char *export_time(void *ctx, int64_t when, const char *suffix)
{
	time_t seconds = (time_t)when;
	struct tm tm;
	char text[32];

	if (when == 0 || !gmtime_r(&seconds, &tm))
		return talloc_strdup(ctx, "");
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	return talloc_asprintf(ctx, "%s%s", text, suffix);
}

void export_period(const struct report *report, int64_t *ret_began, int64_t *ret_ended)
{
	*ret_began = *ret_ended = 0;
	for (unsigned i = 0; i < report->plan->run_count; i++) {
		int64_t began = export_integer(report->results[i], "began");
		int64_t ended = export_integer(report->results[i], "ended");
		if (began > 0 && (*ret_began == 0 || began < *ret_began))
			*ret_began = began;
		if (ended > *ret_ended)
			*ret_ended = ended;
	}
}

/* The log itself goes on after the report, so that no checksum of it could hold. */
static int copy_log(int campaign, struct err *err)
{
	size_t size;
	char *text;
	void *ctx = talloc_new(NULL);
	int r = log_read(ctx, campaign, &text, &size, err);

	if (r == 0)
		r = file_replace(campaign, "export/log.txt", text, size, 0644, err);
	talloc_free(ctx);
	return r == -ENOENT ? 0 : r;
}

int export_write(const struct report *report, struct err *err)
{
	static const struct {
		const char *path;
		char *(*make)(void *ctx, const struct report *report);
	} exports[] = {
		{"export/results.csv", export_csv},
		{"export/report.json", export_json},
		{"export/junit.xml", export_junit},
		{"export/openmetrics.txt", export_openmetrics},
	};
	int r = directory_make(report->campaign, "export", err);

	for (size_t i = 0; r == 0 && i < sizeof(exports) / sizeof(*exports); i++) {
		char *text = exports[i].make(NULL, report);
		r = file_replace(report->campaign, exports[i].path, text, strlen(text), 0644, err);
		talloc_free(text);
	}
	return r == 0 ? copy_log(report->campaign, err) : r;
}
