/* SPDX-License-Identifier: MIT */
#include "distributions/needs.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "base/programs.h"
#include "distributions/prepared.h"
#include "kernels/kernel.h"
#include "kernels/recipe.h"
#include "loads/load.h"
#include "watchdogs/watchdogs.h"

static void add_need(struct missing *missing, const char *need)
{
	char *const more[] = {(char *)need, NULL};

	missing->needs = prepared_join(missing, missing->needs, more);
}

static void need_program(struct missing *missing, int root, const char *name)
{
	char *path = program_path(NULL, root, name);

	if (!path)
		add_need(missing, name);
	talloc_free(path);
}

static bool known_already(const struct missing *missing, const struct recipe *recipe)
{
	for (unsigned i = 0; i < missing->kernel_count; i++)
		if (missing->kernels[i].recipe == recipe)
			return true;
	return false;
}

/* Is the host kernel that a build brought installed? A guest's is used where it stands. */
static bool in_place(int root, const struct recipe *recipe, const struct recipe_build *build)
{
	char *path = talloc_asprintf(NULL, "boot/vmlinuz-%s", build->release);
	bool there = recipe->base == RECIPE_GUEST || file_exists(root, path);

	talloc_free(path);
	return there;
}

static void need_recipe(struct missing *missing, int root, const struct recipe *recipe)
{
	struct missing_kernel kernel = {.recipe = recipe};
	struct recipe_build build = {0};
	char *folder;

	missing->unsigned_parts = missing->unsigned_parts || recipe->base == RECIPE_HOST;
	if (known_already(missing, recipe))
		return;
	kernel.built = recipe_find(missing, root, recipe, &folder, NULL) == 0 &&
		       recipe_read(missing, root, folder, &build, NULL) == 0;
	if (kernel.built && in_place(root, recipe, &build))
		return;
	if (kernel.built)
		kernel.files = build.package_files;
	else
		missing->needs =
			prepared_join(missing, missing->needs, recipe_needs(missing, recipe));
	missing->kernels = talloc_realloc(
		missing, missing->kernels, struct missing_kernel, missing->kernel_count + 1);
	missing->kernels[missing->kernel_count++] = kernel;
}

static void need_kernel(
	struct missing *missing, const struct plan *plan, int root, const struct kernel *kernel)
{
	const struct recipe *recipe = plan_recipe(plan, kernel->wanted);
	struct kernel found = {.wanted = kernel->wanted};

	if (!*kernel->wanted)
		return;
	if (recipe)
		need_recipe(missing, root, recipe);
	else if (kernel_resolve(missing, root, plan, &found, NULL) == -ENOENT) {
		if (strcmp(kernel->wanted, "rt") == 0)
			add_need(missing, "rt-kernel");
		if (strcmp(kernel->wanted, "nrt") == 0)
			add_need(missing, "nrt-kernel");
	}
}

static void need_setup(
	struct missing *missing, const struct plan *plan, int root, const struct setup *setup)
{
	struct setup found = {0};

	need_kernel(missing, plan, root, &setup->kernel);
	if (setup->hypervisor != HYPERVISOR_XEN)
		return;
	missing->unsigned_parts = true;
	if (hypervisor_resolve(missing, root, &found, NULL) == -ENOENT)
		add_need(missing, "xen");
	need_program(missing, root, "xl");
}

/* Where distributions put Xen's device model. */
static bool has_device_model(int root)
{
	static const char *const places[] = {"usr/libexec/xen-qemu-system-i386",
		"usr/lib/xen-4.17/bin/qemu-system-i386", "usr/lib/xen/bin/qemu-system-i386"};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (file_exists(root, places[i]))
			return true;
	return false;
}

static void need_run(
	struct missing *missing, const struct plan *plan, int root, const struct run *run)
{
	const struct experiment *experiment = &plan->experiments[run->experiment];

	if (run->place == PLACE_KVM)
		need_program(missing, root, "qemu-system-x86_64");
	if (run->place != PLACE_HOST)
		need_program(missing, root, "busybox");
	if (run->place == PLACE_XEN && experiment->guest_type == GUEST_HVM &&
		!has_device_model(root))
		add_need(missing, "xen-hvm");
	need_program(missing, root, experiment->tool == TOOL_TIMERLAT ? "rtla" : "cyclictest");
}

static void need_loads(struct missing *missing, int root, char *const *names)
{
	for (; *names; names++) {
		const struct load *load = load_find(*names);
		for (const struct load_program *program = load ? load->programs : NULL;
			program && program->name; program++)
			need_program(missing, root, program->name);
	}
}

struct missing *missing_find(void *ctx, const struct plan *plan, int root)
{
	struct missing *missing = talloc_zero(ctx, struct missing);

	missing->needs = talloc_zero_array(missing, char *, 1);
	for (unsigned i = 0; i < plan->setup_count; i++)
		need_setup(missing, plan, root, &plan->setups[i]);
	for (unsigned i = 0; i < plan->experiment_count; i++) {
		need_kernel(missing, plan, root, &plan->experiments[i].kernel);
		need_loads(missing, root, plan->experiments[i].load);
	}
	for (unsigned i = 0; i < plan->run_count; i++)
		need_run(missing, plan, root, &plan->runs[i]);
	need_program(missing, root, "gnuplot");
	if (bmc_is_there(root))
		need_program(missing, root, "ipmitool");
	return missing;
}
