/* SPDX-License-Identifier: MIT */
#include "distributions/prepared.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/sealed.h"
#include "distributions/manager.h"

#define PREPARED_FORMAT 1
#define PREPARED_LIMIT ((size_t)4 << 20)

static json_t *list_to_json(char *const *list)
{
	json_t *array = json_array();

	for (; *list; list++)
		json_array_append_new(array, json_string(*list));
	return array;
}

/* NULL for anything that is no list of strings. */
static char **list_from_json(void *ctx, const json_t *array)
{
	size_t count = json_array_size(array);
	char **list = talloc_zero_array(ctx, char *, (unsigned)count + 1);

	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_array_get(array, i));
		if (!text)
			return NULL;
		list[i] = talloc_strdup(list, text);
	}
	return json_is_array(array) ? list : NULL;
}

static int from_json(const json_t *json, struct prepared *prepared, struct err *err)
{
	const json_t *home, *before, *asked, *came;
	int format, pinned, under_way, settled = 0;

	if (json_unpack((json_t *)json, "{si so sb sb s?b so so so}", "format", &format, "home",
		    &home, "pinned", &pinned, "under_way", &under_way, "settled", &settled,
		    "before", &before, "asked", &asked, "came", &came) < 0 ||
		format != PREPARED_FORMAT)
		return err_set(err, -EBADMSG, PREPARED_FILE ": is not of this version");
	prepared->pinned = pinned;
	prepared->under_way = under_way;
	prepared->settled = settled;
	prepared->before = list_from_json(prepared, before);
	prepared->asked = list_from_json(prepared, asked);
	prepared->came = list_from_json(prepared, came);
	if (!prepared->before || !prepared->asked || !prepared->came)
		return err_set(err, -EBADMSG, PREPARED_FILE ": its packages are no names");
	return home_from_json(prepared, home, &prepared->home, err);
}

int prepared_load(void *ctx, int store, struct prepared **ret, struct err *err)
{
	struct prepared *prepared = talloc_zero(ctx, struct prepared);
	json_t *json = NULL;
	int r = sealed_load(store, PREPARED_FILE, PREPARED_LIMIT, &json, err);

	if (r == 0)
		r = from_json(json, prepared, err);
	if (r == 0)
		*ret = prepared;
	else
		talloc_free(prepared);
	json_decref(json);
	return r;
}

int prepared_save(int store, const struct prepared *prepared, struct err *err)
{
	json_t *json = json_pack("{si so sb sb sb so so so}", "format", PREPARED_FORMAT, "home",
		home_to_json(&prepared->home), "pinned", prepared->pinned, "under_way",
		prepared->under_way, "settled", prepared->settled, "before",
		list_to_json(prepared->before), "asked", list_to_json(prepared->asked), "came",
		list_to_json(prepared->came));
	int r = json ? sealed_save(store, PREPARED_FILE, json, err)
		     : err_set(err, -ENOMEM, PREPARED_FILE ": out of memory");

	json_decref(json);
	return r;
}

static bool has(char *const *list, const char *name)
{
	for (; list && *list; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

char **prepared_join(void *ctx, char **list, char *const *more)
{
	unsigned count = 0;

	while (list && list[count])
		count++;
	if (!list)
		list = talloc_zero_array(ctx, char *, 1);
	for (; *more; more++) {
		if (has(list, *more))
			continue;
		list = talloc_realloc(ctx, list, char *, count + 2);
		list[count++] = talloc_strdup(list, *more);
		list[count] = NULL;
	}
	return list;
}

char **prepared_packages(void *ctx, const struct prepared *prepared, char *const *installed)
{
	char **ours = talloc_zero_array(ctx, char *, 1);
	unsigned count = 0;

	if (prepared->under_way && !prepared->settled)
		ours = packages_that_came(ctx, prepared->before, installed);
	while (ours[count])
		count++;
	for (char *const *package = prepared->came; *package; package++) {
		if (!has(installed, *package) || has(ours, *package))
			continue;
		ours = talloc_realloc(ctx, ours, char *, count + 2);
		ours[count++] = talloc_strdup(ours, *package);
		ours[count] = NULL;
	}
	return ours;
}
