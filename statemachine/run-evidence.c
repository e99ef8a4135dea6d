/* SPDX-License-Identifier: MIT */
#include "statemachine/run-evidence.h"

#include <string.h>

#include "evidence/binaries.h"
#include "evidence/host.h"
#include "guests/tool.h"
#include "loads/load.h"

static void add_program(const struct runner *runner, json_t *all, const char *name)
{
	for (size_t i = 0; i < json_array_size(all); i++)
		if (strcmp(json_string_value(json_object_get(json_array_get(all, i), "name")),
			    name) == 0)
			return;
	json_array_append_new(
		all, binaries_program(runner->binaries, runner->opened->root_fd, name));
}

static void add_image(const struct runner *runner, json_t *all, const char *name, const char *path,
	const char *version)
{
	if (path)
		json_array_append_new(all, binaries_image(runner->binaries, runner->opened->root_fd,
						   name, path, version));
}

/* A guest's image is made of the host's programs, so that loads in a guest are these as well. */
static void add_programs(const struct runner *runner, const struct run *run, json_t *all)
{
	const struct experiment *experiment = &runner->opened->plan->experiments[run->experiment];

	add_program(runner, all, tool_get(experiment->tool)->program);
	if (run->place == PLACE_KVM)
		add_program(runner, all, "qemu-system-x86_64");
	if (run->place == PLACE_XEN)
		add_program(runner, all, "xl");
	if (run->place != PLACE_HOST)
		add_program(runner, all, "busybox");
	for (char **name = experiment->load; *name; name++)
		for (const struct load_program *program = load_find(*name)->programs; program->name;
			program++)
			add_program(runner, all, program->name);
}

static void add_images(const struct runner *runner, const struct run *run, json_t *all)
{
	const struct setup *setup = &runner->opened->plan->setups[run->setup];

	add_image(runner, all, "host kernel", setup->kernel.image, setup->kernel.release);
	add_image(runner, all, "host initrd", setup->kernel.initrd, NULL);
	add_image(runner, all, "hypervisor", setup->hypervisor_image, setup->hypervisor_version);
}

json_t *run_host(const struct runner *runner, const struct run *run)
{
	json_t *host = host_describe(runner->opened->root_fd), *all = json_array();

	json_array_append_new(all, binaries_self(runner->binaries));
	add_programs(runner, run, all);
	add_images(runner, run, all);
	json_object_set_new(host, "binaries", all);
	return host;
}
