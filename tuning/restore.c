/* SPDX-License-Identifier: MIT */
#include "tuning/restore.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "base/sealed.h"
#include "tuning/tuning.h"
#include "tuning/value.h"

#define FILE_NAME "tuning.json"
#define FILE_LIMIT ((size_t)4 << 20) /* a line for each of some thousand CPUs */
#define BOOT_ID "proc/sys/kernel/random/boot_id"

int restore_note(int root, int campaign, json_t *changes, struct err *err)
{
	char *boot_id;
	int r = file_read_line(NULL, root, BOOT_ID, &boot_id, err);

	if (r < 0)
		return r;
	json_t *note = json_pack("{s:s, s:O}", "boot_id", boot_id, "changes", changes);
	r = sealed_save(campaign, FILE_NAME, note, err);
	json_decref(note);
	talloc_free(boot_id);
	return r;
}

/* A boot that is over has taken its knobs with it. */
static bool is_of_this_boot(int root, const json_t *note)
{
	const char *noted = json_string_value(json_object_get(note, "boot_id"));
	char *boot_id;

	if (!noted || file_read_line(NULL, root, BOOT_ID, &boot_id, NULL) < 0)
		return false;
	bool same = strcmp(noted, boot_id) == 0;
	talloc_free(boot_id);
	return same;
}

static int put_back(int root, const char *path, const char *was, struct err *err)
{
	char *found = NULL;
	void *ctx = talloc_new(NULL);
	int r = value_read(ctx, root, path, &found, err);

	if (r == 0 && !value_same(was, found))
		r = value_write(root, path, was, err);
	talloc_free(ctx);
	return r;
}

/* Backwards: a CPU that was switched off has to be there again before its governor is set. */
static int put_all_back(int root, const json_t *changes, struct err *err)
{
	int first = 0;

	for (size_t i = json_array_size(changes); i > 0; i--) {
		const json_t *change = json_array_get(changes, i - 1);
		const char *path = json_string_value(json_object_get(change, "path"));
		const char *was = json_string_value(json_object_get(change, "was"));
		int r = path && was ? put_back(root, path, was, first < 0 ? NULL : err) : -EBADMSG;
		first = first < 0 ? first : r;
	}
	return first;
}

int tuning_restore(int root, int campaign, struct err *err)
{
	json_t *note;
	int r = sealed_load(campaign, FILE_NAME, FILE_LIMIT, &note, err);

	if (r == -ENOENT)
		return 0;
	if (r == -EBADMSG) /* nobody knows what was there; one run pays for it */
		file_remove(campaign, FILE_NAME, NULL);
	if (r < 0)
		return r;
	if (is_of_this_boot(root, note))
		r = put_all_back(root, json_object_get(note, "changes"), err);
	json_decref(note);
	int removed = file_remove(campaign, FILE_NAME, r < 0 ? NULL : err);
	return r < 0 ? r : removed;
}
