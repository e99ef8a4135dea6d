/* SPDX-License-Identifier: MIT */
/*
 * Xen guests through xl. `xl create -p` makes a domain that stands still and leaves a process
 * behind that destroys it at its end; `xl console` shows its console from the first byte and ends
 * with it.
 */
#include "guests/xen.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "base/programs.h"
#include "base/spawn.h"
#include "guests/neighbours.h"
#include "guests/shape.h"
#include "guests/tool.h"
#include "guests/xen-pool.h"
#include "guests/xen-shape.h"
#include "guests/xl.h"

#define DOMAIN_PREFIX "latcampaign-"

/* See xl.cfg(5), CPU Allocation and CPU Scheduling. */
static char *add_shape(char *config, const struct experiment *experiment)
{
	const struct shape *shape = &experiment->shape;

	for (int i = 0; i < experiment->vcpus && shape_vcpu_cpus(shape, i); i++)
		config = talloc_asprintf_append(config, "%s\"%s\"%s", i == 0 ? "cpus = [" : ", ",
			shape_vcpu_cpus(shape, i), i + 1 == experiment->vcpus ? "]\n" : "");
	if (shape->weight > 0)
		config = talloc_asprintf_append(config, "cpu_weight = %d\n", shape->weight);
	if (shape->cap > 0)
		config = talloc_asprintf_append(config, "cap = %d\n", shape->cap);
	if (*shape->pool_cpus)
		config = talloc_asprintf_append(config, "pool = \"" XEN_POOL "\"\n");
	return config;
}

char *xen_config(void *ctx, const struct guest *guest)
{
	const struct experiment *experiment = guest->experiment;
	/* Whatever ends the domain ends it for good: xl must not start it again. */
	char *config = talloc_asprintf(ctx,
		"name = \"" DOMAIN_PREFIX "%s\"\n"
		"type = \"%s\"\n"
		"kernel = \"%s\"\n"
		"ramdisk = \"%s\"\n"
		"cmdline = \"%s\"\n"
		"memory = %ld\n"
		"vcpus = %d\n"
		"on_poweroff = \"destroy\"\n"
		"on_reboot = \"destroy\"\n"
		"on_crash = \"destroy\"\n",
		guest->name, guest_type_name(experiment->guest_type), experiment->kernel.image,
		guest->image, guest->cmdline, experiment->memory_mib, experiment->vcpus);

	if (experiment->guest_type == GUEST_HVM)
		config = talloc_asprintf_append(
			config, "serial = \"pty\"\nvga = \"none\"\nnographic = 1\nvnc = 0\n");
	if (experiment->hap != TOGGLE_DEFAULT)
		config = talloc_asprintf_append(config, "hap = %d\n", experiment->hap == TOGGLE_ON);
	return add_shape(config, experiment);
}

static void xen_check(void *ctx, int root, const struct plan *plan, const struct run *run,
	struct complaints *complaints)
{
	bool hvm = plan->experiments[run->experiment].guest_type == GUEST_HVM;

	program_need(ctx, root, "xl", "xen-utils-4.17", complaints);
	tool_check(ctx, root, &plan->experiments[run->experiment], complaints);
	program_need(ctx, root, "busybox", "busybox-static", complaints);
	if (hvm && !file_exists(root, "usr/libexec/xen-qemu-system-i386") &&
		!file_exists(root, "usr/lib/xen-4.17/bin/qemu-system-i386"))
		complaints_add(ctx, complaints,
			"HVM guests need Xen's device model; install it (Debian: apt install "
			"qemu-system-xen)");
	shape_check(ctx, root, plan, run, complaints);
}

/* Neighbours that are still there, a guest that did not end, and their pool. */
static int xen_clean(struct err *err)
{
	static const char *const list[] = {"xl", "list", NULL};
	void *ctx = talloc_new(NULL);
	char *table = NULL;
	unsigned count = 0;
	struct xl_row *rows = NULL;
	int r = spawn_read(ctx, list, XL_SECONDS, &table, err);

	if (r == 0)
		rows = xl_rows(ctx, table, NULL, &count);
	for (unsigned i = 0; r == 0 && i < count; i++) {
		const char *const destroy[] = {"xl", "destroy", xl_word(&rows[i], XL_NAME), NULL};
		if (strncmp(destroy[2], DOMAIN_PREFIX, strlen(DOMAIN_PREFIX)) == 0)
			r = spawn_read(NULL, destroy, XL_SECONDS, NULL, err);
	}
	talloc_free(ctx);
	return r == 0 ? xen_pool_clean(err) : r;
}

/* A domain that stands still, set up and read back. */
struct domain {
	const char *name;
	const char *console[4]; /* argv of the program that shows its console */
	json_t *found;
};

static int free_domain(struct domain *domain)
{
	json_decref(domain->found);
	return 0;
}

static int make_domain(void *ctx, const struct guest *guest, struct domain **ret, struct err *err)
{
	struct domain *domain = talloc_zero(ctx, struct domain);
	char *config = xen_config(domain, guest),
	     *file = talloc_asprintf(domain, "%s.xl", guest->name);
	const char *const create[] = {"xl", "create", "-p",
		talloc_asprintf(domain, "%s/%s", guest->directory, file), NULL};
	int r = file_write(guest->measurement->directory, file, config, strlen(config), err);

	domain->name = talloc_asprintf(domain, DOMAIN_PREFIX "%s", guest->name);
	memcpy(domain->console, (const char *[]){"xl", "console", domain->name, NULL},
		sizeof(domain->console));
	talloc_set_destructor(domain, free_domain);
	if (r == 0)
		r = spawn_daemon(create, XL_SECONDS, err);
	if (r == 0)
		r = xen_shape_set(guest->experiment, domain->name, &domain->found, err);
	if (r == 0)
		*ret = domain;
	return r;
}

/* Its console is watched: the guest is let go. */
static int let_go(void *argument, pid_t pid, struct err *err)
{
	const struct domain *domain = argument;
	const char *const unpause[] = {"xl", "unpause", domain->name, NULL};

	(void)pid;
	return spawn_read(NULL, unpause, XL_SECONDS, NULL, err);
}

static int start_domain(
	void *ctx, const struct guest *guest, int output_fd, struct spawned *ret, struct err *err)
{
	struct domain *domain = NULL;
	struct spawn_result result;
	int r = make_domain(ctx, guest, &domain, err);

	if (!domain)
		return r;
	struct spawn_options options = spawn_options(domain->console);
	options.output_fd = output_fd;
	options.output_limit = GUEST_CONSOLE_LIMIT;
	r = spawn_start(&options, ret, err);
	if (r < 0)
		return r;
	r = let_go(domain, ret->pid, err);
	if (r < 0)
		spawn_stop(ret, &result, NULL);
	return r;
}

static int run_domain(const struct guest *guest, int beside_fd, json_t **ret_found,
	json_t **ret_shape, struct err *err)
{
	void *ctx = talloc_new(NULL);
	struct domain *domain = NULL;
	int r = make_domain(ctx, guest, &domain, err);

	if (domain) {
		const struct guest_console console = {.argv = domain->console,
			.keep_fd = -1,
			.output_limit = GUEST_CONSOLE_LIMIT,
			.started = let_go,
			.argument = domain};
		r = guest_run(guest, &console, beside_fd, ret_found, err);
	}
	if (domain && r == 0)
		*ret_shape = json_incref(domain->found);
	talloc_free(ctx);
	return r;
}

static int domain_cpu_seconds(
	const struct guest *guest, const struct spawned *spawned, double *ret, struct err *err)
{
	void *ctx = talloc_new(NULL);
	char *name = talloc_asprintf(ctx, DOMAIN_PREFIX "%s", guest->name), *table = NULL;
	const char *const list[] = {"xl", "list", name, NULL};
	unsigned count = 0;
	int r = spawn_read(ctx, list, XL_SECONDS, &table, err);
	const struct xl_row *rows = r == 0 ? xl_rows(ctx, table, name, &count) : NULL;

	(void)spawned;
	if (r == 0 && (count != 1 || !xl_seconds(&rows[0], ret)))
		r = err_set(err, -EIO, "`xl list %s` does not tell its CPU time: %s", name, table);
	talloc_free(ctx);
	return r;
}

static const struct guest_operations operations = {
	.place = PLACE_XEN,
	.start = start_domain,
	.run = run_domain,
	.cpu_seconds = domain_cpu_seconds,
};

static int measure_in_pool(const struct guest *guest, json_t **ret_found, struct err *err)
{
	int r = xen_pool_make(guest, err);

	if (r == 0)
		r = neighbours_measure(guest, &operations, ret_found, err);
	int cleaned = xen_clean(r == 0 ? err : NULL);
	if (r == 0 && cleaned < 0) {
		json_decref(*ret_found);
		*ret_found = NULL;
		r = cleaned;
	}
	return r;
}

static int xen_measure(const struct measurement *measurement, json_t **ret_found, struct err *err)
{
	const struct experiment *experiment =
		&measurement->plan->experiments[measurement->run->experiment];
	void *ctx = talloc_new(NULL);
	struct guest guest;
	int r = guest_prepare(ctx, measurement,
		experiment->guest_type == GUEST_HVM ? "ttyS0" : "hvc0", &guest, err);

	if (r == 0)
		r = measure_in_pool(&guest, ret_found, err);
	talloc_free(ctx);
	return r;
}

const struct platform xen_platform = {
	.name = "xen",
	.check = xen_check,
	.clean = xen_clean,
	.measure = xen_measure,
};
