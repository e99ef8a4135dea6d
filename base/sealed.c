/* SPDX-License-Identifier: MIT */
#include "base/sealed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/digest.h"
#include "base/files.h"

#define SEAL "sha256"

/* Over the text that jansson makes of the object: the same object always makes the same text. */
static int seal_of(json_t *json, char ret_hex[DIGEST_HEX + 1], struct err *err)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	int r = text ? digest_bytes(text, strlen(text), ret_hex, err)
		     : err_set(err, -ENOMEM, "out of memory");

	free(text);
	return r;
}

int sealed_save(int dir, const char *path, json_t *json, struct err *err)
{
	char hex[DIGEST_HEX + 1];
	int r = seal_of(json, hex, err);

	if (r < 0)
		return r;
	json_t *sealed = json_copy(json);
	json_object_set_new(sealed, SEAL, json_string(hex));
	char *text = json_dumps(sealed, JSON_INDENT(2) | JSON_SORT_KEYS);
	r = text ? file_replace(dir, path, text, strlen(text), 0644, err)
		 : err_set(err, -ENOMEM, "%s: out of memory", path);
	free(text);
	json_decref(sealed);
	return r;
}

static int check_seal(const char *path, json_t *json, struct err *err)
{
	char hex[DIGEST_HEX + 1];
	const char *seal = json_string_value(json_object_get(json, SEAL));
	char *kept = talloc_strdup(NULL, seal ? seal : "");

	json_object_del(json, SEAL);
	int r = seal_of(json, hex, err);
	if (r == 0 && strcmp(hex, kept) != 0)
		r = err_set(err, -EBADMSG, "%s: is damaged: its checksum is wrong", path);
	talloc_free(kept);
	return r;
}

int sealed_load(int dir, const char *path, size_t limit, json_t **ret, struct err *err)
{
	json_error_t where;
	size_t size;
	char *text;
	int r = file_read(NULL, dir, path, limit, &text, &size, err);

	if (r == -EFBIG)
		return err_set(err, -EBADMSG, "%s: is damaged: it is too large", path);
	if (r < 0)
		return r;
	json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where);
	talloc_free(text);
	if (!json)
		return err_set(
			err, -EBADMSG, "%s:%d: is damaged: %s", path, where.line, where.text);
	r = check_seal(path, json, err);
	if (r == 0)
		*ret = json;
	else
		json_decref(json);
	return r;
}
