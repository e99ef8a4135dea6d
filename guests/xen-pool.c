/* SPDX-License-Identifier: MIT */
#include "guests/xen-pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "guests/cpus.h"
#include "guests/xl.h"

char *xen_pool_config(void *ctx, const struct shape *shape)
{
	char *config =
		talloc_asprintf(ctx, "name = \"" XEN_POOL "\"\ncpus = \"%s\"\n", shape->pool_cpus);

	if (shape->pool_scheduler != SCHEDULER_DEFAULT)
		config = talloc_asprintf_append(
			config, "sched = \"%s\"\n", scheduler_name(shape->pool_scheduler));
	return config;
}

int xen_pool_make(const struct guest *guest, struct err *err)
{
	const struct shape *shape = &guest->experiment->shape;
	void *ctx = talloc_new(NULL);
	char *config = xen_pool_config(ctx, shape);
	const char *const remove[] = {"xl", "cpupool-cpu-remove", "Pool-0", shape->pool_cpus, NULL};
	const char *const create[] = {"xl", "cpupool-create",
		talloc_asprintf(ctx, "%s/pool.cfg", guest->directory), NULL};
	int r = 0;

	if (*shape->pool_cpus) {
		r = file_write(
			guest->measurement->directory, "pool.cfg", config, strlen(config), err);
		/* xl does not fail here; CPUs that stay in Pool-0 are refused by the next. */
		if (r == 0)
			r = spawn_read(NULL, remove, XL_SECONDS, NULL, err);
		if (r == 0)
			r = spawn_read(NULL, create, XL_SECONDS, NULL, err);
	}
	talloc_free(ctx);
	return r;
}

/* Those CPUs up to `last` that are in no pool, as a list; a talloc child of `ctx`. */
static char *without_pool(void *ctx, const char *pools, int last)
{
	struct cpus rest = {0}, of_pool;
	unsigned count;
	const struct xl_row *rows = xl_rows(ctx, pools, NULL, &count);

	for (int cpu = 0; cpu <= last && cpu < CPUS_MAX; cpu++)
		CPU_SET_S((size_t)cpu, sizeof(rest), rest.sets);
	for (unsigned i = 0; i < count; i++)
		if (cpus_parse(xl_word(&rows[i], XL_POOL_CPUS), &of_pool))
			CPU_XOR_S(sizeof(rest), rest.sets, rest.sets, of_pool.sets);
	return cpus_list(ctx, &rest);
}

static int ask(void *ctx, const char *command, const char *option, char **ret, struct err *err)
{
	const char *const argv[] = {"xl", command, option, NULL};

	return spawn_read(ctx, argv, XL_SECONDS, ret, err);
}

/* CPUs that an execution which was cut off took from Pool-0 may be in no pool by now. */
static int give_back(void *ctx, const char *pools, struct err *err)
{
	char *info = NULL;
	int r = ask(ctx, "info", NULL, &info, err);

	if (r < 0 || xl_number(info, "free_cpus") <= 0)
		return r;
	const char *const add[] = {"xl", "cpupool-cpu-add", "Pool-0",
		without_pool(ctx, pools, xl_number(info, "max_cpu_id")), NULL};
	r = spawn_read(NULL, add, XL_SECONDS, NULL, err);
	if (r == 0)
		r = ask(ctx, "info", NULL, &info, err);
	if (r == 0 && xl_number(info, "free_cpus") > 0)
		r = err_set(err, -EIO, "CPUs %s cannot be given back to Xen's Pool-0", add[3]);
	return r;
}

int xen_pool_clean(struct err *err)
{
	static const char *const destroy[] = {"xl", "cpupool-destroy", XEN_POOL, NULL};
	void *ctx = talloc_new(NULL);
	char *pools = NULL;
	unsigned count = 0;
	int r = ask(ctx, "cpupool-list", "-c", &pools, err);

	if (r == 0)
		xl_rows(ctx, pools, XEN_POOL, &count);
	if (r == 0 && count > 0)
		r = spawn_read(NULL, destroy, XL_SECONDS, NULL, err);
	if (r == 0 && count > 0)
		r = ask(ctx, "cpupool-list", "-c", &pools, err);
	if (r == 0)
		r = give_back(ctx, pools, err);
	talloc_free(ctx);
	return r;
}
