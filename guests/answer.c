/* SPDX-License-Identifier: MIT */
#include "guests/answer.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "base/digest.h"
#include "base/files.h"

#define FILES_LIMIT 64
#define BYTES_LIMIT ((size_t)64 << 20)
#define LINES_LIMIT 1000000u
#define PANIC "Kernel panic - not syncing"

/* A frame as far as it has been collected. */
struct frame {
	const char *nonce;
	unsigned lines, next; /* promised; number of the next one */
	char sha256[DIGEST_HEX + 1];
	char *base64; /* talloc; NULL while no frame has begun */
	size_t used;
	const char *damage; /* what was wrong with the last frame; NULL while none was */
};

/* The line behind its "latcampaign-KIND NONCE " or NULL. A line may begin in the middle: what a
 * kernel message left on it stands in front. */
static const char *behind(const char *line, const char *kind, const char *nonce)
{
	const char *at = strstr(line, kind);

	if (!at)
		return NULL;
	at += strlen(kind);
	if (*at != ' ' || strncmp(at + 1, nonce, strlen(nonce)) != 0)
		return NULL;
	at += 1 + strlen(nonce);
	return *at == ' ' ? at + 1 : *at ? NULL : at;
}

static void drop(struct frame *frame, const char *damage)
{
	talloc_free(frame->base64);
	frame->base64 = NULL;
	frame->damage = damage;
}

/* "LINES SHA256" */
static bool read_promise(const char *rest, struct frame *frame)
{
	char *end;
	unsigned long lines = strtoul(rest, &end, 10);

	if (lines == 0 || lines > LINES_LIMIT || *end != ' ' || strlen(end + 1) != DIGEST_HEX)
		return false;
	frame->lines = (unsigned)lines;
	memcpy(frame->sha256, end + 1, DIGEST_HEX + 1);
	return true;
}

static void begin(void *ctx, struct frame *frame, const char *rest)
{
	if (frame->base64)
		drop(frame, "the frame before has no end");
	if (!read_promise(rest, frame)) {
		drop(frame, "its first line is damaged");
		return;
	}
	frame->next = 1;
	frame->used = 0;
	frame->base64 = talloc_strdup(ctx, "");
}

static void add_line(struct frame *frame, const char *rest)
{
	char *end;
	unsigned long number = strtoul(rest, &end, 10);
	size_t size = strlen(end + (*end == ' '));

	if (!frame->base64)
		return;
	if (number != frame->next || *end != ' ' || number > frame->lines || size > 76) {
		drop(frame, "a line is missing or damaged");
		return;
	}
	frame->base64 = talloc_realloc_size(
		talloc_parent(frame->base64), frame->base64, frame->used + size + 1);
	memcpy(frame->base64 + frame->used, end + 1, size + 1);
	frame->used += size;
	frame->next++;
}

/* Decodes the collected frame and compares its checksum. */
static bool finish(void *ctx, struct frame *frame, char **ret_archive, size_t *ret_size)
{
	char hex[DIGEST_HEX + 1];

	if (!frame->base64)
		return false;
	if (frame->next != frame->lines + 1) {
		drop(frame, "its end comes too early");
		return false;
	}
	unsigned char *bytes = talloc_size(ctx, frame->used + 1);
	int size = EVP_DecodeBlock(bytes, (unsigned char *)frame->base64, (int)frame->used);
	for (size_t i = frame->used; size > 0 && i > 0 && frame->base64[i - 1] == '='; i--)
		size--; /* EVP_DecodeBlock counts the padding as bytes */
	if (size <= 0 || digest_bytes(bytes, (size_t)size, hex, NULL) < 0 ||
		strcmp(hex, frame->sha256) != 0) {
		talloc_free(bytes);
		drop(frame, "its checksum is wrong");
		return false;
	}
	*ret_archive = (char *)bytes;
	*ret_size = (size_t)size;
	return true;
}

static bool take_line(
	void *ctx, struct frame *frame, const char *line, char **ret_archive, size_t *ret_size)
{
	const char *rest;

	if ((rest = behind(line, "latcampaign-begin", frame->nonce)))
		begin(ctx, frame, rest);
	else if ((rest = behind(line, "latcampaign-line", frame->nonce)))
		add_line(frame, rest);
	else if (behind(line, "latcampaign-end", frame->nonce))
		return finish(ctx, frame, ret_archive, ret_size);
	return false;
}

static int explain(const struct frame *frame, const char *panic, struct err *err)
{
	if (panic)
		return err_set(err, -EBADMSG, "the guest's kernel panicked: %.200s", panic);
	if (frame->base64)
		return err_set(err, -EBADMSG, "the guest's answer breaks off after %u of %u lines",
			frame->next - 1, frame->lines);
	if (frame->damage)
		return err_set(
			err, -EBADMSG, "no whole answer came from the guest: %s", frame->damage);
	return err_set(err, -EBADMSG, "the guest ended without an answer; console.txt shows why");
}

int answer_find(void *ctx, const char *console, size_t size, const char *nonce, char **ret_archive,
	size_t *ret_size, struct err *err)
{
	void *scratch = talloc_new(ctx);
	struct frame frame = {.nonce = nonce};
	char *panic = NULL, *at = talloc_size(scratch, size + 1), *end = at + size;
	bool found = false;

	memcpy(at, console, size); /* a console may hold NUL bytes; they end their line */
	while (!found && at < end) {
		char *newline = memchr(at, '\n', (size_t)(end - at));
		char *next = newline ? newline + 1 : end;
		*(newline ? newline : end) = '\0';
		at[strcspn(at, "\r")] = '\0';
		if (strstr(at, PANIC))
			panic = strstr(at, PANIC);
		found = take_line(ctx, &frame, at, ret_archive, ret_size);
		at = next;
	}
	int r = found ? 0 : explain(&frame, panic, err);
	talloc_free(frame.base64);
	talloc_free(scratch);
	return r;
}

/* --- unpacking --------------------------------------------------------------------------- */

/* "./histogram.txt" -> "histogram.txt"; NULL for anything but a plain name. */
static const char *plain_name(const char *path)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

	if (path && strncmp(path, "./", 2) == 0)
		path += 2;
	if (!path || !*path || *path == '.' || path[strspn(path, allowed)])
		return NULL;
	return path;
}

static int unpack_file(int directory, struct archive *archive, struct archive_entry *entry,
	size_t *left, struct err *err)
{
	const char *name = plain_name(archive_entry_pathname(entry));
	la_int64_t size = archive_entry_size(entry);

	if (!name || archive_entry_filetype(entry) != S_IFREG || size < 0 || (size_t)size > *left)
		return err_set(err, -EBADMSG,
			"the guest's answer holds \"%.100s\", which is no plain file or too large",
			archive_entry_pathname(entry) ? archive_entry_pathname(entry) : "");
	if (file_exists(directory, name))
		return err_set(err, -EBADMSG, "the guest's answer would overwrite %s", name);
	char *bytes = talloc_size(NULL, (size_t)size + 1);
	int r = archive_read_data(archive, bytes, (size_t)size) == size
			? file_write(directory, name, bytes, (size_t)size, err)
			: err_set(err, -EBADMSG, "the guest's answer breaks off in %s", name);
	*left -= (size_t)size;
	talloc_free(bytes);
	return r;
}

static bool is_root_folder(struct archive_entry *entry)
{
	const char *path = archive_entry_pathname(entry);

	return archive_entry_filetype(entry) == S_IFDIR && path &&
	       (strcmp(path, "./") == 0 || strcmp(path, ".") == 0);
}

static int unpack_all(int directory, struct archive *archive, struct err *err)
{
	size_t left = BYTES_LIMIT;
	unsigned files = 0;
	struct archive_entry *entry;
	int r = 0, next;

	while (r == 0 && (next = archive_read_next_header(archive, &entry)) == ARCHIVE_OK) {
		if (is_root_folder(entry))
			continue;
		r = files++ < FILES_LIMIT
			    ? unpack_file(directory, archive, entry, &left, err)
			    : err_set(err, -EBADMSG, "the guest's answer has more than %d files",
				      FILES_LIMIT);
	}
	if (r == 0 && next != ARCHIVE_EOF)
		r = err_set(err, -EBADMSG, "the guest's answer is no whole archive: %s",
			archive_error_string(archive));
	return r;
}

int answer_unpack(int directory, const char *bytes, size_t size, struct err *err)
{
	struct archive *archive = archive_read_new();

	archive_read_support_format_tar(archive);
	archive_read_support_filter_gzip(archive);
	int r = archive_read_open_memory(archive, bytes, size) == ARCHIVE_OK
			? unpack_all(directory, archive, err)
			: err_set(err, -EBADMSG, "the guest's answer is no archive: %s",
				  archive_error_string(archive));
	archive_read_free(archive);
	return r;
}
