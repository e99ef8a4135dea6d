/* SPDX-License-Identifier: MIT */
#include "results/result.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "results/sums.h"

#define JSON_LIMIT ((size_t)16 << 20)
#define SLICES_FILE "time.json"
#define HISTOGRAM_LIMIT ((size_t)256 << 20)

static const char *const outcomes[] = {
	[OUTCOME_PASS] = "PASS",
	[OUTCOME_FAIL] = "FAIL",
	[OUTCOME_ERROR] = "ERROR",
	[OUTCOME_MISS] = "MISS",
	[OUTCOME_SKIP] = "SKIP",
};

const char *outcome_name(enum outcome outcome)
{
	return outcomes[outcome];
}

static char *aside_path(const char *id)
{
	return talloc_asprintf(NULL, "runs/.%s.new", id);
}

static char *final_path(const char *id)
{
	return talloc_asprintf(NULL, "runs/%s", id);
}

static int open_directory(int campaign, const char *path, int *ret, struct err *err)
{
	int fd = openat(campaign, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return err_set(err, -errno, "%s: cannot be opened: %s", path, strerror(errno));
	*ret = fd;
	return 0;
}

int result_begin(int campaign, const char *id, int *ret_directory, struct err *err)
{
	char *path = aside_path(id);
	int r = directory_remove(campaign, path, err);

	if (r == 0)
		r = directory_make(campaign, path, err);
	if (r == 0)
		r = open_directory(campaign, path, ret_directory, err);
	talloc_free(path);
	return r;
}

static int write_json(
	int directory, json_t *json, enum outcome outcome, const char *reason, struct err *err)
{
	json_object_set_new(json, "outcome", json_string(outcome_name(outcome)));
	json_object_set_new(json, "reason", json_string(reason));
	char *text = json_dumps(json, JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(12));
	int r = text ? file_write(directory, "run.json", text, strlen(text), err)
		     : err_set(err, -ENOMEM, "run.json: out of memory");
	free(text);
	return r;
}

/* The rename that makes a result: from here on it is done. */
static int publish(int campaign, const char *aside, const char *final, struct err *err)
{
	if (renameat(campaign, aside, campaign, final) < 0)
		return err_set(err, -errno, "%s: cannot be renamed to %s: %s", aside, final,
			strerror(errno));
	return directory_sync(campaign, "runs", err);
}

/* A result is never replaced, and what is none must not stand where one belongs. */
static int keep(int campaign, const char *aside, const char *final, struct err *err)
{
	autoclose int directory = -1;
	struct err why = {""};
	int r = open_directory(campaign, final, &directory, &why);

	if (r == 0)
		r = sums_check(directory, &why);
	if (r < 0)
		return err_set(err, r, "%s stands where a result belongs, and is none: %s", final,
			why.text);
	return directory_remove(campaign, aside, err);
}

int result_finish(int campaign, const char *id, enum outcome outcome, const char *reason,
	json_t *json, struct err *err)
{
	char *aside = aside_path(id), *final = final_path(id);
	autoclose int directory = -1;
	int r;

	if (file_exists(campaign, final)) {
		r = keep(campaign, aside, final, err);
	} else {
		r = open_directory(campaign, aside, &directory, err);
		if (r == 0)
			r = write_json(directory, json, outcome, reason, err);
		if (r == 0)
			r = sums_write(directory, err);
		if (r == 0)
			r = publish(campaign, aside, final, err);
	}
	talloc_free(aside);
	talloc_free(final);
	return r;
}

static int move_to_attempts(int campaign, const char *from, const char *to, struct err *err)
{
	int r = directory_make(campaign, "attempts", err);

	if (r == 0)
		r = directory_remove(campaign, to, err);
	if (r == 0 && renameat(campaign, from, campaign, to) < 0)
		r = err_set(
			err, -errno, "%s: cannot be moved to %s: %s", from, to, strerror(errno));
	return r == 0 ? directory_sync(campaign, "attempts", err) : r;
}

int result_put_aside(int campaign, const char *id, int attempt, const char *reason, struct err *err)
{
	char *aside = aside_path(id);
	char *to = talloc_asprintf(aside, "attempts/%s.%d", id, attempt);
	char *file = talloc_asprintf(aside, "%s/reason.txt", aside);
	char *line = talloc_asprintf(aside, "%s\n", reason);
	int r = file_write(campaign, file, line, strlen(line), err);

	if (r == 0)
		r = move_to_attempts(campaign, aside, to, err);
	talloc_free(aside);
	return r;
}

/* A damaged result is evidence, not a result. */
static void put_damaged_aside(
	int campaign, const char *id, const char *final, const struct err *why, struct err *err)
{
	char *to = NULL;
	int n = 0;

	do {
		talloc_free(to);
		to = talloc_asprintf(NULL, "attempts/%s.damaged-%d", id, ++n);
	} while (file_exists(campaign, to));
	if (move_to_attempts(campaign, final, to, err) == 0)
		err_set(err, 0,
			"the result of run %s was damaged (%s) and is now %s; it is measured again",
			id, why->text, to);
	talloc_free(to);
}

/* A symbolic link or a file in its place has never been a result either. */
static bool is_damage(int code)
{
	return code == -EBADMSG || code == -ENOTDIR || code == -ELOOP;
}

bool result_is_done(int campaign, const char *id, struct err *err)
{
	char *final = final_path(id);
	autoclose int directory = -1;
	struct err why = {""};
	int r = open_directory(campaign, final, &directory, &why);

	if (r == 0)
		r = sums_check(directory, &why);
	if (is_damage(r))
		put_damaged_aside(campaign, id, final, &why, err);
	else if (r < 0 && r != -ENOENT)
		err_set(err, r, "the result of run %s cannot be read now and is left alone: %s", id,
			why.text);
	talloc_free(final);
	/* One that cannot be read just now has been measured all the same. */
	return r == 0 || (r != -ENOENT && !is_damage(r));
}

static int free_json(struct result *result)
{
	json_decref(result->json);
	return 0;
}

static int load_json(struct result *result, int directory, struct err *err)
{
	size_t size;
	char *text;
	json_error_t where;
	int r = file_read(result, directory, "run.json", JSON_LIMIT, &text, &size, err);

	if (r < 0)
		return r;
	result->json = json_loadb(text, size, 0, &where);
	const char *word = json_string_value(json_object_get(result->json, "outcome"));
	const char *reason = json_string_value(json_object_get(result->json, "reason"));
	for (size_t i = 0; word && reason && i < sizeof(outcomes) / sizeof(*outcomes); i++)
		if (strcmp(word, outcomes[i]) == 0) {
			result->outcome = (enum outcome)i;
			result->reason = talloc_strdup(result, reason);
			return 0;
		}
	return err_set(err, -EBADMSG, "run.json: has no outcome");
}

int result_read_histogram(void *ctx, int directory, struct histogram **ret, struct err *err)
{
	size_t size;
	char *text;
	int r = file_read(ctx, directory, "histogram.txt", HISTOGRAM_LIMIT, &text, &size, err);

	if (r < 0)
		return r;
	r = histogram_parse(ctx, text, size, ret, err);
	talloc_free(text);
	return r;
}

int result_write_slices(int directory, const struct slices *slices, struct err *err)
{
	json_t *json = slices_to_json(slices);
	char *text = json_dumps(json, JSON_COMPACT);
	int r = text ? file_write(directory, SLICES_FILE, text, strlen(text), err)
		     : err_set(err, -ENOMEM, SLICES_FILE ": out of memory");

	free(text);
	json_decref(json);
	return r;
}

static int load_slices(struct result *result, int directory, struct err *err)
{
	size_t size;
	char *text;
	int r = file_read(result, directory, SLICES_FILE, JSON_LIMIT, &text, &size, err);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	json_t *json = json_loadb(text, size, 0, NULL);
	r = slices_from_json(result, json, &result->slices, err);
	json_decref(json);
	talloc_free(text);
	return r;
}

static int load_histogram(struct result *result, int directory, struct err *err)
{
	if (result->outcome != OUTCOME_PASS && result->outcome != OUTCOME_FAIL)
		return 0;
	return result_read_histogram(result, directory, &result->histogram, err);
}

int result_load(void *ctx, int campaign, const char *id, struct result **ret, struct err *err)
{
	struct result *result = talloc_zero(ctx, struct result);
	char *final = final_path(id);
	autoclose int directory = -1;
	int r = open_directory(campaign, final, &directory, err);

	talloc_set_destructor(result, free_json);
	if (r == 0)
		r = load_json(result, directory, err);
	if (r == 0)
		r = load_histogram(result, directory, err);
	if (r == 0)
		r = load_slices(result, directory, err);
	talloc_free(final);
	if (r < 0)
		talloc_free(result);
	else
		*ret = result;
	return r;
}
