/* SPDX-License-Identifier: MIT */
#include "statemachine/opened.h"

#include <errno.h>
#include <fcntl.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "output/result.h"
#include "statemachine/journal.h"
#include "statemachine/store.h"

#define PLAN_LIMIT ((size_t)64 << 20)

static int close_descriptors(struct opened *opened)
{
	close_fd(&opened->campaign);
	close_fd(&opened->store);
	close_fd(&opened->root_fd);
	return 0;
}

static int load_plan(struct opened *opened, struct err *err)
{
	json_error_t where;
	size_t size;
	char *text;
	int r = file_read(opened, opened->campaign, "plan.json", PLAN_LIMIT, &text, &size, err);

	if (r < 0)
		return r;
	json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where);
	r = json ? plan_from_json(opened, json, &opened->plan, err)
		 : err_set(err, -EBADMSG, "plan.json:%d: is damaged: %s", where.line, where.text);
	json_decref(json);
	talloc_free(text);
	return r;
}

static int open_directories(struct opened *opened, const char *name, struct err *err)
{
	opened->root_fd = open(*opened->root ? opened->root : "/", O_PATH | O_CLOEXEC);
	if (opened->root_fd < 0)
		return err_set(err, -errno, "%s: cannot be opened", opened->root);
	int r = store_open(opened->root, false, &opened->store, NULL);
	const char *which = r < 0 ? NULL : name ? name : store_latest(opened, opened->store);
	if (!which)
		return err_set(err, -ENOENT,
			"no campaign has been started on this machine; `latcampaign start FILE` "
			"does");
	return store_open_campaign(opened->store, which, false, &opened->campaign, err);
}

int opened_open(void *ctx, const char *root, const char *name, struct opened **ret, struct err *err)
{
	struct opened *opened = talloc_zero(ctx, struct opened);

	*opened = (struct opened){.root = root, .root_fd = -1, .store = -1, .campaign = -1};
	talloc_set_destructor(opened, close_descriptors);
	int r = open_directories(opened, name, err);
	if (r == 0)
		r = load_plan(opened, err);
	if (r == 0)
		r = record_load(opened, opened->campaign, opened->plan, &opened->record, err);
	if (r < 0)
		talloc_free(opened);
	else
		*ret = opened;
	return r;
}

bool *opened_done(void *ctx, const struct opened *opened)
{
	const struct plan *plan = opened->plan;
	bool *done = talloc_zero_array(ctx, bool, plan->run_count);

	for (unsigned run = 0; run < plan->run_count; run++) {
		struct err err = {""};
		done[run] = result_is_done(opened->campaign, plan->runs[run].id, &err);
		if (*err.text)
			journal(opened->campaign, JOURNAL_WARNING, "%s", err.text);
	}
	return done;
}
