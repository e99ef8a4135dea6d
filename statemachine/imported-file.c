/* SPDX-License-Identifier: MIT */
#include "statemachine/imported-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "output/cell.h"
#include "output/cyclictest-json.h"

#define FILE_LIMIT ((size_t)256 << 20)
/* A run may last a little longer than it was asked to. */
#define SURPLUS 0.01

static int free_json(struct imported_file *file)
{
	json_decref(file->kernel);
	return 0;
}

static int take_json(struct imported_file *file, int64_t bins, struct err *err)
{
	json_error_t where;
	json_t *json = json_loadb(file->bytes, file->size, 0, &where);
	int r = 0;

	file->is_json = true;
	if (!json)
		return err_set(err, -EBADMSG, "line %d: %s", where.line, where.text);
	if (bins == 0)
		r = err_set(err, -EINVAL,
			"cyclictest's JSON does not tell how wide the histogram is; say "
			"--histogram as its -h was, such as 2000us");
	else
		r = cyclictest_json_text(file, json, (unsigned)bins, &file->text, err);
	file->kernel = cyclictest_json_kernel(json);
	json_decref(json);
	return r;
}

static int take(struct imported_file *file, int64_t bins, struct err *err)
{
	int r = digest_bytes(file->bytes, file->size, file->sha256, err);

	file->kernel = json_null();
	file->text = file->bytes;
	if (r == 0 && file->bytes[strspn(file->bytes, " \t\r\n")] == '{')
		r = take_json(file, bins, err);
	return r == 0 ? histogram_parse(file, file->text, strlen(file->text), &file->histogram, err)
		      : r;
}

/* The parser calls every histogram by the name that it has among results. */
static void name_file(const char *path, const char *why, int code, struct err *err)
{
	static const char name[] = "histogram.txt";

	if (strncmp(why, name, strlen(name)) == 0)
		err_set(err, code, "%s%s", path, why + strlen(name));
	else
		err_set(err, code, "%s: %s", path, why);
}

int imported_file_read(
	void *ctx, const char *path, int64_t bins, struct imported_file **ret, struct err *err)
{
	struct imported_file *file = talloc_zero(ctx, struct imported_file);
	struct err why = {""};

	talloc_set_destructor(file, free_json);
	file->path = path;
	int r = file_read(file, AT_FDCWD, path, FILE_LIMIT, &file->bytes, &file->size, err);
	if (r == 0) {
		r = take(file, bins, &why);
		if (r < 0)
			name_file(path, why.text, r, err);
	}
	if (r < 0)
		talloc_free(file);
	else
		*ret = file;
	return r;
}

int imported_file_check(
	const struct imported_file *file, const struct cyclictest *said, struct err *err)
{
	const struct histogram *histogram = file->histogram;

	if ((int64_t)histogram->bins != said->histogram_us ||
		(int)histogram->thread_count != said->threads)
		return err_set(err, -EINVAL,
			"%s: has %u threads and a histogram of %uus, not %d and %ldus as the other "
			"files and --histogram say; give it an --experiment of its own",
			file->path, histogram->thread_count, histogram->bins, said->threads,
			said->histogram_us);
	for (unsigned t = 0; t < histogram->thread_count; t++) {
		struct wakeups wakeups = wakeups_of(said, &histogram->threads[t]);
		if ((double)wakeups.got > (1 + SURPLUS) * (double)wakeups.expected + 1)
			return err_set(err, -EINVAL,
				"%s: thread %u woke up %lu times, and an interval of %ldus makes "
				"%lu in %lds; say --interval and --duration as they were",
				file->path, t, wakeups.got, said->interval_us, wakeups.expected,
				said->duration_s);
	}
	return 0;
}
