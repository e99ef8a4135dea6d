/* SPDX-License-Identifier: MIT */
#include "loads/proof.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "loads/load.h"
#include "loads/running.h"

#define LEAST_SHARE 0.01 /* of one CPU; a load that waits for a slow disk uses more */

/* Clock ticks are no finer. */
static json_t *hundredths(double seconds)
{
	return json_real(round(seconds * 100) / 100);
}

json_t *load_proof_json(const struct load_proof *proof)
{
	return json_pack("{s:s, s:s, s:b, s:b, s:o, s:o, s:s, s:i}", "name", proof->name, "argv",
		proof->argv, "began_before_first_sample", 1, "ended_after_last", proof->ran,
		"cpu_seconds", hundredths(proof->cpu_seconds), "seconds",
		hundredths(proof->seconds), "status", proof->status, "restarts", 0);
}

int load_proof_check(const char *name, double cpu_seconds, double seconds, struct err *err)
{
	if (cpu_seconds >= seconds * LEAST_SHARE)
		return 0;
	return err_set(err, -EIO,
		"load %s used %.2f s of CPU time in %.1f s of measuring, which is no load", name,
		cpu_seconds, seconds);
}

/* --- in the guest ------------------------------------------------------------------------- */

/* The rest of the line "KEY ..." of a small file; NULL when there is none. `text` is kept. */
static char *field(void *ctx, const char *text, const char *key)
{
	size_t size = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, size) == 0 && line[size] == ' ')
			return talloc_strndup(ctx, line + size + 1, strcspn(line + size + 1, "\n"));
	}
	return NULL;
}

static int read_seconds(const char *text, double *ret)
{
	char *end;

	if (!text)
		return -EBADMSG;
	*ret = strtod(text, &end);
	return *end || end == text || !isfinite(*ret) || *ret < 0 ? -EBADMSG : 0;
}

static int take_proof(
	void *ctx, const char *path, const char *text, struct load_proof *proof, struct err *err)
{
	proof->status = field(ctx, text, "status");
	if (read_seconds(field(ctx, text, "cpu_seconds"), &proof->cpu_seconds) < 0 ||
		read_seconds(field(ctx, text, "seconds"), &proof->seconds) < 0 || !proof->status)
		return err_set(err, -EBADMSG,
			"%s: does not tell cpu_seconds, seconds and status of the load", path);
	proof->ran = strcmp(proof->status, "running") == 0;
	return 0;
}

static int prove(void *ctx, const struct experiment *experiment, const char *name, int directory,
	json_t *list, struct err *err)
{
	char *text, *path = talloc_asprintf(ctx, "load-%s.txt", name);
	struct load_proof proof = {.name = name,
		.argv = load_line(ctx,
			load_argv(ctx, load_find(name), experiment->vcpus, LOAD_GUEST_SCRATCH))};
	int r = file_read(ctx, directory, path, 4096, &text, NULL, err);

	if (r == 0)
		r = take_proof(ctx, path, text, &proof, err);
	if (r < 0)
		return r;
	json_array_append_new(list, load_proof_json(&proof));
	if (!proof.ran)
		return err_set(err, -EIO,
			"load %s in the guest ended before the measurement was over", name);
	return load_proof_check(name, proof.cpu_seconds, proof.seconds, err);
}

int loads_in_guest(
	const struct experiment *experiment, int directory, json_t **ret_json, struct err *err)
{
	void *ctx = talloc_new(NULL);
	json_t *list = json_array();
	int r = 0;

	for (char **name = experiment->load; r == 0 && *name; name++)
		r = prove(ctx, experiment, *name, directory, list, err);
	*ret_json = json_pack("{s:s, s:o}", "place", "guest", "loads", list);
	talloc_free(ctx);
	return r;
}

static int check_neighbours(json_t *guests, struct err *err)
{
	json_t *guest;
	size_t i;
	int r = 0;

	json_array_foreach(guests, i, guest)
	{
		double used = json_real_value(json_object_get(guest, "cpu_seconds")),
		       seconds = json_real_value(json_object_get(guest, "seconds"));
		char *name = talloc_asprintf(
			NULL, "of %s", json_string_value(json_object_get(guest, "name")));
		if (r == 0)
			r = load_proof_check(name, used, seconds, err);
		talloc_free(name);
		json_object_set_new(guest, "cpu_seconds", hundredths(used));
		json_object_set_new(guest, "seconds", hundredths(seconds));
	}
	return r;
}

int loads_in_neighbours(
	const struct experiment *experiment, const json_t *used, json_t **ret_json, struct err *err)
{
	void *ctx = talloc_new(NULL);
	json_t *list = json_array(), *guests = json_deep_copy(used);

	for (char **name = experiment->load; *name; name++)
		json_array_append_new(list,
			json_pack("{s:s, s:s, s:s}", "name", *name, "argv",
				load_line(ctx, load_argv(ctx, load_find(*name), experiment->vcpus,
						       LOAD_GUEST_SCRATCH)),
				"status",
				"its guest would have powered off without it, and did not"));
	talloc_free(ctx);
	*ret_json =
		json_pack("{s:s, s:o, s:o}", "place", "neighbour", "loads", list, "guests", guests);
	return check_neighbours(guests, err);
}
