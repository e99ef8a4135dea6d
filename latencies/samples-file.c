/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/digest-beside.h"
#include "base/files.h"
#include "latencies/samples.h"

/* Large enough that the kernel's calls do not count, small enough for a processor's cache. */
#define PIECE ((size_t)1 << 18)

/* A file that is read once: what is counted is what the digest is of. The digest takes as long as
 * the counting, and is counted beside it: pieces come in two buffers by turns. */
struct log_file {
	const char *path;
	int fd;
	struct digest_beside *digest;
	char *bytes, *other; /* the present buffer, and the one of the piece before */
	size_t size;         /* the beginning of a line that has no end yet */
};

/* Returns how many bytes came, 0 at the end. */
static ssize_t read_more(struct log_file *file, struct err *err)
{
	char *room = file->bytes + file->size;
	ssize_t n;

	do
		n = read(file->fd, room, PIECE - file->size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set(err, -errno, "%s: cannot be read: %s", file->path, strerror(errno));
	digest_beside_add(file->digest, room, (size_t)n);
	file->size += (size_t)n;
	return n;
}

static int feed(struct samples_reader *reader, struct log_file *file, struct err *err)
{
	size_t used;
	int r = samples_feed(reader, file->bytes, file->size, &used, err);

	if (r < 0)
		return r;
	file->size -= used;
	memcpy(file->other, file->bytes + used, file->size);
	char *bytes = file->other;
	file->other = file->bytes;
	file->bytes = bytes;
	return 0;
}

static int read_all(struct samples_reader *reader, struct log_file *file, struct err *err)
{
	ssize_t n = 1;
	int r = 0;

	/* A line that fills the whole piece is none of a log: there is room for nothing more, and
	 * it is left as one without an end. */
	while (r == 0 && (n = read_more(file, err)) > 0)
		r = feed(reader, file, err);
	return n < 0 ? (int)n : r;
}

int samples_read(void *ctx, int dir, const char *path, unsigned bins, uint64_t wakeups,
	struct samples **ret, struct err *err)
{
	autoclose int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, -errno, "%s: cannot be opened: %s", path, strerror(errno));
	struct samples_reader *reader = samples_begin(NULL, path, bins, wakeups);
	struct log_file file = {.path = path,
		.fd = fd,
		.bytes = talloc_size(reader, PIECE),
		.other = talloc_size(reader, PIECE)};
	struct samples *samples = NULL;
	/* Freed first: its thread looks into the buffers. */
	file.digest = digest_beside_begin(NULL);
	int r = read_all(reader, &file, err);
	if (r == 0)
		r = samples_end(ctx, reader, file.size, &samples, err);
	if (r == 0)
		r = digest_beside_end(file.digest, samples->sha256, err);
	if (r == 0)
		*ret = samples;
	talloc_free(file.digest);
	talloc_free(reader);
	return r;
}
