/* SPDX-License-Identifier: MIT */
#include "statemachine/opened.h"

#include <errno.h>
#include <fcntl.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "base/sealed.h"
#include "results/result.h"
#include "statemachine/journal.h"
#include "statemachine/store.h"

#define PLAN_LIMIT ((size_t)64 << 20)
#define HOME_LIMIT ((size_t)1 << 20)

static int close_descriptors(struct opened *opened)
{
	close_fd(&opened->campaign);
	close_fd(&opened->store);
	close_fd(&opened->root_fd);
	return 0;
}

int opened_load_plan(void *ctx, int campaign, struct plan **ret, struct err *err)
{
	json_t *json;
	int r = sealed_load(campaign, "plan.json", PLAN_LIMIT, &json, err);

	if (r == 0) {
		r = plan_from_json(ctx, json, ret, err);
		json_decref(json);
	}
	return r;
}

static int load_home(struct opened *opened, struct err *err)
{
	json_t *json;
	int r = sealed_load(opened->campaign, "home.json", HOME_LIMIT, &json, err);

	if (r == 0) {
		r = identity_from_json(opened, json, &opened->home, err);
		json_decref(json);
	}
	return r;
}

/* Whatever is damaged or gone stays NULL. What cannot be read for another reason (EIO, no memory)
 * is a failure: nothing is given up on a mere suspicion. */
static int load_files(struct opened *opened, struct err *err)
{
	int r = opened_load_plan(opened, opened->campaign, &opened->plan, &opened->damage);

	if (r == 0 && opened->plan->imported)
		return 0; /* it was never under way here */
	if (r == 0)
		r = load_home(opened, &opened->damage);
	if (r < 0)
		opened->plan = NULL;
	else
		r = record_load(
			opened, opened->campaign, opened->plan, &opened->record, &opened->damage);
	if (r == 0 || r == -EBADMSG || r == -ENOENT)
		return 0;
	return err_set(err, r, "campaign %s: %s", opened->name, opened->damage.text);
}

static int open_directories(struct opened *opened, const char *name, struct err *err)
{
	opened->root_fd = open(*opened->root ? opened->root : "/", O_PATH | O_CLOEXEC);
	if (opened->root_fd < 0)
		return err_set(err, -errno, "%s: cannot be opened", opened->root);
	int r = store_open(opened->root, false, &opened->store, err);
	if (r < 0 && r != -ENOENT)
		return r;
	const char *which = r < 0 ? NULL : name ? name : store_latest(opened, opened->store);
	if (!which)
		return err_set(err, -ENOENT,
			"no campaign has been started on this machine; `latcampaign start FILE` "
			"does");
	opened->name = talloc_strdup(opened, which);
	return store_open_campaign(opened->store, which, false, &opened->campaign, err);
}

int opened_open(void *ctx, const char *root, const char *name, struct opened **ret, struct err *err)
{
	struct opened *opened = talloc_zero(ctx, struct opened);

	*opened = (struct opened){.root = root, .root_fd = -1, .store = -1, .campaign = -1};
	talloc_set_destructor(opened, close_descriptors);
	int r = open_directories(opened, name, err);
	if (r == 0)
		r = load_files(opened, err);
	if (r < 0)
		talloc_free(opened);
	else
		*ret = opened;
	return r;
}

int opened_need(const struct opened *opened, bool record, struct err *err)
{
	if (!opened->plan)
		return err_set(err, -EBADMSG,
			"campaign %s: %s; its runs can still be read in %s/%s/runs, and `latcampaign "
			"stop` puts the machine in order",
			opened->name, opened->damage.text, STATEDIR, opened->name);
	if (record && opened->plan->imported)
		return err_set(err, -ENOENT,
			"campaign %s is imported and was never under way here; `latcampaign report "
			"%s` shows it",
			opened->name, opened->name);
	if (record && !opened->record)
		return err_set(err, -EBADMSG,
			"campaign %s: %s; no result is lost: the runner makes a new record from them "
			"when it goes on, and `latcampaign stop` puts the machine in order",
			opened->name, opened->damage.text);
	return 0;
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
