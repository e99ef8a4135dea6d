/* SPDX-License-Identifier: MIT */
#include "statemachine/imported-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "latencies/cyclictest-json.h"
#include "latencies/histogram-text.h"
#include "latencies/samples.h"
#include "statistics/cell.h"

#define FILE_LIMIT ((size_t)256 << 20)
/* Whether it is a log of samples shows in its first lines. */
#define HEAD_SIZE ((size_t)1 << 16)
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

	file->format = "json";
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

	file->format = "text";
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

static int read_histogram(struct imported_file *file, int64_t bins, struct err *err)
{
	struct err why = {""};
	int r = file_read(file, AT_FDCWD, file->path, FILE_LIMIT, &file->bytes, &file->size, err);

	if (r < 0)
		return r;
	r = take(file, bins, &why);
	if (r < 0)
		name_file(file->path, why.text, r, err);
	return r;
}

/* --- samples ------------------------------------------------------------------------------ */

static int read_head(const char *path, bool *ret_is_samples, struct err *err)
{
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	char head[HEAD_SIZE];
	ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof(head));

	if (n < 0)
		return err_set(err, -errno, "%s: cannot be %s: %s", path,
			fd < 0 ? "opened" : "read", strerror(errno));
	*ret_is_samples = samples_look(head, (size_t)n);
	return 0;
}

/* A run of the expected length has SLICES slices. */
static uint64_t slice_size(const struct cyclictest *said)
{
	uint64_t wakeups = (uint64_t)(said->duration_s * 1000000 / said->interval_us);

	return (wakeups + SLICES - 1) / SLICES;
}

static int read_samples(
	struct imported_file *file, int64_t bins, const struct cyclictest *said, struct err *err)
{
	struct samples *samples;

	if (bins == 0)
		return err_set(err, -EINVAL,
			"%s: is a log of samples and does not tell how wide the histogram shall be; "
			"say --histogram, such as 2000us",
			file->path);
	file->format = "samples";
	int r = samples_read(
		file, AT_FDCWD, file->path, (unsigned)bins, slice_size(said), &samples, err);
	if (r < 0)
		return r;
	memcpy(file->sha256, samples->sha256, sizeof(file->sha256));
	file->histogram = samples->histogram;
	file->slices = samples->slices;
	file->text = histogram_text(file, samples->histogram);
	return 0;
}

/* ------------------------------------------------------------------------------------------ */

int imported_file_read(void *ctx, const char *path, int64_t bins, const struct cyclictest *said,
	struct imported_file **ret, struct err *err)
{
	struct imported_file *file = talloc_zero(ctx, struct imported_file);
	bool is_samples = false;

	talloc_set_destructor(file, free_json);
	file->path = path;
	file->kernel = json_null();
	int r = read_head(path, &is_samples, err);
	if (r == 0)
		r = is_samples ? read_samples(file, bins, said, err)
			       : read_histogram(file, bins, err);
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
