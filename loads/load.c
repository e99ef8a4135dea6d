/* SPDX-License-Identifier: MIT */
#include "loads/load.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "base/programs.h"

/* Every word of a command, then NULL. */
#define COMMAND(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NEEDS(...) ((const struct load_program[]){__VA_ARGS__, {NULL, NULL}})

#define STRESS_NG "stress-ng", "--timeout", "0", "--temp-path", "{scratch}"

static const struct load loads[] = {
	/* What keeps a kernel without PREEMPT_RT from scheduling for long: whole address spaces
	 * that are copied and torn down (fork, mmap), interrupts between CPUs (tlb-shootdown),
	 * wake-ups and their locks (switch, futex, pipe, poll). No file systems, no devices: what
	 * those do differs from machine to machine, and has its own loads. */
	{.name = "kernel",
		.argv = COMMAND(STRESS_NG, "--fork", "{cpus}", "--mmap", "{cpus}", "--mmap-bytes",
			"32M", "--switch", "{cpus}", "--futex", "{cpus}", "--pipe", "{cpus}",
			"--poll", "{cpus}", "--tlb-shootdown", "{cpus}"),
		.programs = NEEDS({"stress-ng", "stress-ng"})},
	/* The scheduler's own: 40 tasks in each group that send each other messages. */
	{.name = "hackbench",
		.argv = COMMAND("hackbench", "--groups", "{cpus}", "--loops", "1000000000"),
		.programs = NEEDS({"hackbench", "rt-tests"})},
	{.name = "stress-ng",
		.argv = COMMAND(STRESS_NG, "--cpu", "{cpus}", "--vm", "{cpus}", "--vm-bytes", "64M",
			"--iomix", "{cpus}", "--iomix-bytes", "16M"),
		.programs = NEEDS({"stress-ng", "stress-ng"})},
	/* fsync: what is only written to the page cache keeps no disk busy. */
	{.name = "disk",
		.argv = COMMAND(STRESS_NG, "--hdd", "{cpus}", "--hdd-bytes", "256M", "--hdd-opts",
			"fsync,wr-rnd,rd-rnd"),
		.programs = NEEDS({"stress-ng", "stress-ng"})},
	/* TCP and UDP over the loopback device. */
	{.name = "network",
		.argv = COMMAND(STRESS_NG, "--sock", "{cpus}", "--udp", "{cpus}"),
		.programs = NEEDS({"stress-ng", "stress-ng"})},
	/* Again and again, see the makefile. */
	{.name = "kernel-build",
		.argv = COMMAND("make", "--silent", "--file={data}/kernel-build.mk",
			"--directory={scratch}", "JOBS={cpus}"),
		.programs = NEEDS({"make", "make"}, {"gcc", "gcc"}, {"flex", "flex"},
			{"bison", "bison"}, {"bc", "bc"}, {"xz", "xz-utils"}),
		.source = "linux-source-*.tar.xz",
		.source_package = "linux-source"},
};

const struct load *load_find(const char *name)
{
	for (size_t i = 0; i < sizeof(loads) / sizeof(*loads); i++)
		if (strcmp(loads[i].name, name) == 0)
			return &loads[i];
	return NULL;
}

/* $LATCAMPAIGN_DATADIR is for what is not installed. */
static const char *data_folder(void *ctx)
{
	const char *datadir = getenv("LATCAMPAIGN_DATADIR");

	return talloc_asprintf(ctx, "%s/loads", datadir ? datadir : DATADIR);
}

/* The word with the first {name} in it replaced; the word itself when there is none. */
static const char *replace(void *ctx, const char *word, const char *name, const char *value)
{
	const char *at = strstr(word, name);

	if (!at)
		return word;
	return talloc_asprintf(ctx, "%.*s%s%s", (int)(at - word), word, value, at + strlen(name));
}

const char **load_argv(void *ctx, const struct load *load, int cpus, const char *scratch)
{
	unsigned count = 0;

	while (load->argv[count])
		count++;
	const char **argv = talloc_zero_array(ctx, const char *, count + 1);
	const char *number = talloc_asprintf(argv, "%d", cpus), *data = data_folder(argv);
	for (unsigned i = 0; i < count; i++) {
		argv[i] = replace(argv, load->argv[i], "{cpus}", number);
		argv[i] = replace(argv, argv[i], "{scratch}", scratch);
		argv[i] = replace(argv, argv[i], "{data}", data);
	}
	return argv;
}

char *load_line(void *ctx, const char *const *argv)
{
	char *line = talloc_strdup(ctx, argv[0]);

	for (argv++; *argv; argv++)
		line = talloc_asprintf_append(line, " %s", *argv);
	return line;
}

/* "linux-source-6.1.tar.xz" for "linux-source-*.tar.xz". */
static bool has_source(int root, const char *pattern)
{
	bool found = false;
	char **names;

	if (directory_list(NULL, root, "usr/src", &names, NULL) < 0)
		return false;
	for (char **name = names; !found && *name; name++)
		found = fnmatch(pattern, *name, 0) == 0;
	talloc_free(names);
	return found;
}

void load_check(
	void *ctx, int root, const struct experiment *experiment, struct complaints *complaints)
{
	for (char **name = experiment->load; *name; name++) {
		const struct load *load = load_find(*name);
		for (const struct load_program *program = load->programs; program->name; program++)
			program_need(ctx, root, program->name, program->package, complaints);
		if (load->source && !has_source(root, load->source))
			complaints_add(ctx, complaints,
				"load %s needs /usr/src/%s; install one (Debian: apt install %s)",
				load->name, load->source, load->source_package);
	}
}

char *load_words(void *ctx, const struct experiment *experiment, bool neighbour)
{
	bool here = experiment->load_place == (neighbour ? LOAD_NEIGHBOUR : LOAD_GUEST);
	char *words = talloc_strdup(ctx, neighbour ? "latcampaign.role=neighbour" : "");

	for (char **name = experiment->load; here && *name; name++)
		words = talloc_asprintf_append(words, "%s%s",
			name > experiment->load ? ","
			: *words                ? " latcampaign.load="
						: "latcampaign.load=",
			*name);
	return words;
}
