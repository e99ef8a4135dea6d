/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "report/bundle.h"
#include "report/export.h"

static const char *media_type(const char *path)
{
	static const struct {
		const char *ending, *type;
	} types[] = {
		{".txt", "text/plain"},
		{".cfg", "text/plain"},
		{".gp", "text/plain"},
		{".sh", "application/x-sh"},
		{".csv", "text/csv"},
		{".html", "text/html"},
		{".json", "application/json"},
		{".xml", "application/xml"},
		{".pdf", "application/pdf"},
		{".eps", "application/postscript"},
		{".svg", "image/svg+xml"},
		{".png", "image/png"},
	};
	const char *ending = strrchr(path, '.');

	for (size_t i = 0; ending && i < sizeof(types) / sizeof(*types); i++)
		if (strcmp(ending, types[i].ending) == 0)
			return types[i].type;
	return NULL;
}

/* A path as a relative URI: RFC 3986. */
static char *uri(void *ctx, const char *path)
{
	char *text = talloc_strdup(ctx, "");

	for (; *path; path++)
		text = isalnum((unsigned char)*path) || strchr("/._-", *path)
			       ? talloc_strndup_append_buffer(text, path, 1)
			       : talloc_asprintf_append_buffer(
					 text, "%%%02X", (unsigned)(unsigned char)*path);
	return text;
}

static json_t *reference(const char *id)
{
	return json_pack("{s:s}", "@id", id);
}

static json_t *file_json(const struct bundle_file *file)
{
	char *id = uri(NULL, file->path), *size = talloc_asprintf(id, "%zu", file->size);
	const char *type = media_type(file->path);
	json_t *json = json_pack("{s:s, s:s, s:s%, s:s, s:s}", "@id", id, "@type", "File", "name",
		file->path, strlen(file->path), "contentSize", size, "sha256", file->sha256);

	if (type)
		json_object_set_new(json, "encodingFormat", json_string(type));
	talloc_free(id);
	return json;
}

/* The time of the last run: the same results make the same crate. */
static void add_root(json_t *graph, const struct report *report, json_t *parts)
{
	const struct plan *plan = report->plan;
	int64_t began, ended;
	void *ctx = talloc_new(NULL);

	export_period(report, &began, &ended);
	char *published = export_time(ctx, ended > 0 ? ended : time(NULL), "Z");
	json_array_append_new(graph, json_pack("{s:s, s:s, s:o, s:{s:s}}", "@id", BUNDLE_CRATE,
					     "@type", "CreativeWork", "about", reference("./"),
					     "conformsTo", "@id", "https://w3id.org/ro/crate/1.1"));
	json_array_append_new(graph,
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "@id", "./", "@type", "Dataset",
			"name", talloc_asprintf(ctx, "latcampaign: campaign %s", plan->name),
			"description",
			*plan->description ? plan->description
			: plan->imported   ? "Wake-up latencies, measured by others"
					   : "Wake-up latencies, measured by latcampaign",
			"datePublished", published, "hasPart", parts, "mentions",
			reference("#campaign")));
	json_t *action = json_pack("{s:s, s:s, s:s, s:o, s:o, s:s}", "@id", "#campaign", "@type",
		"CreateAction", "name", plan->name, "instrument", reference("#latcampaign"),
		"result", reference("./"), "description", report->outcome);
	if (began > 0) {
		json_object_set_new(action, "startTime", json_string(export_time(ctx, began, "Z")));
		json_object_set_new(action, "endTime", json_string(published));
	}
	json_array_append_new(graph, action);
	talloc_free(ctx);
}

char *crate_text(
	void *ctx, const struct report *report, const struct bundle_file *files, unsigned count)
{
	json_t *graph = json_array(), *parts = json_array();

	add_root(graph, report, parts);
	json_array_append_new(graph,
		json_pack("{s:s, s:s, s:s, s:s}", "@id", "#latcampaign", "@type",
			"SoftwareApplication", "name", "latcampaign", "softwareVersion", VERSION));
	for (unsigned i = 0; i < count; i++) {
		json_t *file = file_json(&files[i]);
		json_array_append_new(
			parts, reference(json_string_value(json_object_get(file, "@id"))));
		json_array_append_new(graph, file);
	}
	/* The context of RO-Crate 1.1 is older than schema.org's sha256. */
	json_t *crate = json_pack("{s:[s, {s:s}], s:o}", "@context",
		"https://w3id.org/ro/crate/1.1/context", "sha256", "https://schema.org/sha256",
		"@graph", graph);
	char *text = json_dumps(crate, JSON_INDENT(2));
	char *ret = talloc_asprintf(ctx, "%s\n", text ? text : "{}");

	free(text);
	json_decref(crate);
	return ret;
}
