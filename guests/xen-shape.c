/* SPDX-License-Identifier: MIT */
#include "guests/xen-shape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/spawn.h"
#include "guests/cpus.h"
#include "guests/shape.h"
#include "guests/xl.h"

/* --- what xl says ------------------------------------------------------------------------- */

/* The only row of a name; one without words when there is none. */
static struct xl_row row_of(void *ctx, const char *table, const char *name)
{
	unsigned count;
	const struct xl_row *rows = xl_rows(ctx, table, name, &count);

	return count > 0 ? rows[0] : (struct xl_row){.words = NULL};
}

/* The pool is the last column, behind a state and a time. */
static const char *pool_of(void *ctx, const struct xen_answers *answers, const char *domain)
{
	struct xl_row row = row_of(ctx, answers->list, domain);

	return row.count > 0 ? row.words[row.count - 1] : "";
}

const char *xen_scheduler_of(void *ctx, const struct xen_answers *answers, const char *domain)
{
	struct xl_row pool = row_of(ctx, answers->pools, pool_of(ctx, answers, domain));

	return xl_word(&pool, XL_POOL_SCHEDULER);
}

static void find_vcpus(
	void *ctx, const struct xen_answers *answers, const char *domain, json_t *found)
{
	unsigned count;
	const struct xl_row *rows = xl_rows(ctx, answers->vcpus, domain, &count);
	json_t *lists = json_array();

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(lists, json_string(xl_affinity(ctx, &rows[i],
						     xl_number(answers->info, "nr_cpus"))));
	json_object_set_new(found, "vcpus", json_integer(count));
	json_object_set_new(found, "vcpu_cpus", lists);
}

static void find_number(json_t *found, const char *name, const char *word)
{
	char *end;
	long number = strtol(word, &end, 10);

	if (end != word && !*end)
		json_object_set_new(found, name, json_integer(number));
}

/* All vCPUs got the same: the first one tells it. */
static void find_rtds(json_t *found, const struct xl_row *vcpu)
{
	find_number(found, "rtds_period_us", xl_word(vcpu, XL_RTDS_PERIOD));
	find_number(found, "rtds_budget_us", xl_word(vcpu, XL_RTDS_BUDGET));
	json_object_set_new(found, "rtds_extratime", json_string(xl_word(vcpu, XL_RTDS_EXTRATIME)));
}

json_t *xen_shape_found(const struct xen_answers *answers, const char *domain)
{
	void *ctx = talloc_new(NULL);
	const char *pool = pool_of(ctx, answers, domain);
	const char *scheduler = xen_scheduler_of(ctx, answers, domain);
	struct xl_row schedule = row_of(ctx, answers->schedule, domain);
	struct xl_row cpus = row_of(ctx, answers->pool_cpus, pool);
	json_t *found = json_pack("{s:s, s:s, s:s}", "pool", pool, "pool_scheduler", scheduler,
		"pool_cpus", cpus_tidy(ctx, xl_word(&cpus, XL_POOL_CPUS)));

	find_vcpus(ctx, answers, domain, found);
	if (strcmp(scheduler, "rtds") == 0) {
		find_rtds(found, &schedule);
	} else {
		find_number(found, "weight", xl_word(&schedule, XL_CREDIT_WEIGHT));
		find_number(found, "cap", xl_word(&schedule, XL_CREDIT_CAP));
	}
	talloc_free(ctx);
	return found;
}

/* --- asking it --------------------------------------------------------------------------- */

static int ask(void *ctx, const char *const *argv, const char **ret, struct err *err)
{
	char *output = NULL;
	int r = spawn_read(ctx, argv, XL_SECONDS, &output, err);

	if (r == 0)
		*ret = output;
	return r;
}

/* The null scheduler has no parameters. */
static int ask_schedule(void *ctx, const char *domain, struct xen_answers *answers, struct err *err)
{
	const char *scheduler = xen_scheduler_of(ctx, answers, domain);
	const char *command = talloc_asprintf(ctx, "sched-%s", scheduler);
	const char *const credit[] = {"xl", command, "-d", domain, NULL};
	const char *const rtds[] = {"xl", command, "-d", domain, "-v", "all", NULL};

	if (strcmp(scheduler, "rtds") == 0)
		return ask(ctx, rtds, &answers->schedule, err);
	return strncmp(scheduler, "credit", 6) == 0 ? ask(ctx, credit, &answers->schedule, err) : 0;
}

static int ask_all(void *ctx, const char *domain, struct xen_answers *answers, struct err *err)
{
	const struct {
		const char *argv[5];
		const char **answer;
	} questions[] = {
		{{"xl", "info", NULL}, &answers->info},
		{{"xl", "vcpu-list", domain, NULL}, &answers->vcpus},
		{{"xl", "cpupool-list", NULL}, &answers->pools},
		{{"xl", "cpupool-list", "-c", NULL}, &answers->pool_cpus},
		{{"xl", "list", "-c", domain, NULL}, &answers->list},
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(questions) / sizeof(*questions); i++)
		r = ask(ctx, questions[i].argv, questions[i].answer, err);
	return r == 0 ? ask_schedule(ctx, domain, answers, err) : r;
}

/* xl wants to be told of extra time, too: what Xen gives by itself. */
static int set_rtds(void *ctx, const struct shape *shape, const char *domain, struct err *err)
{
	const char *const argv[] = {"xl", "sched-rtds", "-d", domain, "-v", "all", "-p",
		talloc_asprintf(ctx, "%lld", (long long)shape->rtds_period_us), "-b",
		talloc_asprintf(ctx, "%lld", (long long)shape->rtds_budget_us), "-e", "1", NULL};

	return shape->rtds_period_us > 0 ? spawn_read(NULL, argv, XL_SECONDS, NULL, err) : 0;
}

int xen_shape_set(const struct experiment *experiment, const char *domain, json_t **ret_found,
	struct err *err)
{
	void *ctx = talloc_new(NULL);
	struct xen_answers answers = {"", "", "", "", "", ""};
	json_t *asked = shape_asked(experiment, PLACE_XEN), *found = NULL;
	int r = set_rtds(ctx, &experiment->shape, domain, err);

	if (r == 0)
		r = ask_all(ctx, domain, &answers, err);
	if (r == 0) {
		found = xen_shape_found(&answers, domain);
		/* Neighbours are counted where they are started. */
		json_object_del(asked, "neighbours");
		r = shape_compare(asked, found, err);
	}
	if (r == 0)
		*ret_found = json_incref(found);
	json_decref(asked);
	json_decref(found);
	talloc_free(ctx);
	return r;
}
