/* SPDX-License-Identifier: MIT */
/*
 * A make, a patch, a compiler and package tools that look at what they are asked for, and leave
 * what a build of a kernel leaves. A test is linked with --wrap=spawn_read and --wrap=spawn_start.
 */
#ifndef TESTS_UNIT_KERNEL_BUILDS_H
#define TESTS_UNIT_KERNEL_BUILDS_H

#include "tests/unit/unit.h"

#include <errno.h>

#include "base/spawn.h"

#define RELEASE "6.12.1-latcampaign"
#define VERSION_STRING RELEASE " (latcampaign@latcampaign) #1 SMP"

static char calls[16384];   /* "COMMAND|COMMAND|" of what was started */
static const char *dropped; /* an option that olddefconfig does not take */
static const char *broken;  /* a target of make that fails */
static const char *compiler_now;
static char *folder_of_source; /* where the tree's parent is, from make's -C */

int __real_spawn_read(void *ctx, const char *const *argv, int timeout_seconds, char **ret_output,
	struct err *err);
int __wrap_spawn_read(void *ctx, const char *const *argv, int timeout_seconds, char **ret_output,
	struct err *err);
int __real_spawn_start(const struct spawn_options *options, struct spawned *ret, struct err *err);
int __wrap_spawn_start(const struct spawn_options *options, struct spawned *ret, struct err *err);

static int answer(void *ctx, const char *text, char **ret_output)
{
	*ret_output = talloc_strdup(ctx, text);
	return 0;
}

int __wrap_spawn_read(
	void *ctx, const char *const *argv, int timeout_seconds, char **ret_output, struct err *err)
{
	if (strcmp(argv[0], "gcc") == 0)
		return compiler_now ? answer(ctx, compiler_now, ret_output)
				    : err_set(err, -ENOENT, "gcc is not here");
	if (strcmp(argv[0], "ld") == 0)
		return answer(ctx, "GNU ld 2.40\nmore\n", ret_output);
	if (strcmp(argv[0], "make") == 0) {
		assert_string_equal(argv[1], "-s");
		assert_string_equal(argv[2], "-C");
		assert_string_equal(argv[4], "kernelversion");
		return answer(ctx, "6.12.1\n", ret_output);
	}
	if (strcmp(argv[0], "dpkg-deb") == 0) {
		assert_string_equal(argv[1], "--field");
		assert_string_equal(argv[3], "Package");
		return answer(ctx, "linux-image-" RELEASE "\n", ret_output);
	}
	return __real_spawn_read(ctx, argv, timeout_seconds, ret_output, err);
}

static void write_at(const char *folder, const char *name, const char *bytes, size_t size)
{
	char *path = talloc_asprintf(NULL, "%s/%s", folder, name);

	assert_int_equal(file_write(AT_FDCWD, path, bytes, size, NULL), 0);
	talloc_free(path);
}

static void write_text(const char *folder, const char *name, const char *text)
{
	write_at(folder, name, text, strlen(text));
}

static void write_image(const char *folder, const char *name)
{
	char bytes[0x300] = {0};

	memcpy(bytes + 0x202, "HdrS", 5);
	bytes[0x20e] = 0x40;
	memcpy(bytes + 0x240, VERSION_STRING, sizeof(VERSION_STRING));
	write_at(folder, name, bytes, sizeof(bytes));
}

/* Takes the lines about `dropped` out of the .config. */
static void fake_olddefconfig(const char *tree)
{
	char *path = talloc_asprintf(NULL, "%s/.config", tree), *config, *rest;
	char *kept = talloc_strdup(path, "");

	assert_int_equal(file_read(path, AT_FDCWD, path, 65536, &config, NULL, NULL), 0);
	for (char *line = strtok_r(config, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		if (!dropped || strncmp(line, dropped, strlen(dropped)) != 0)
			kept = talloc_asprintf_append(kept, "%s\n", line);
	write_text(tree, ".config", kept);
	talloc_free(path);
}

static void fake_make(const char *tree, const char *target)
{
	char *boot = talloc_asprintf(NULL, "%s/arch/x86/boot", tree);

	if (strcmp(target, "tinyconfig") == 0)
		write_text(tree, ".config", "CONFIG_TINY=y\n");
	if (strcmp(target, "olddefconfig") == 0)
		fake_olddefconfig(tree);
	if (strcmp(target, "bzImage") == 0 || strcmp(target, "all") == 0) {
		assert_int_equal(directory_make(AT_FDCWD, boot, NULL), 0);
		write_image(boot, "bzImage");
		write_text(tree, "System.map", "0 A _text\n");
	}
	if (strcmp(target, "bindeb-pkg") == 0) {
		write_text(folder_of_source, "linux-image-" RELEASE "_1_amd64.deb", "image");
		write_text(folder_of_source, "linux-image-" RELEASE "-dbg_1_amd64.deb", "debug");
		write_text(folder_of_source, "linux-headers-" RELEASE "_1_amd64.deb", "headers");
		write_text(folder_of_source, "linux-libc-dev_1_amd64.deb", "libc");
	}
	talloc_free(boot);
}

/* What every make gets comes first; its targets are told by their own. */
static const char *const *check_make(const char *const *argv)
{
	assert_string_equal(argv[1], "-C");
	talloc_free(folder_of_source);
	folder_of_source = talloc_strdup(NULL, argv[2]);
	char *slash = strrchr(folder_of_source, '/');
	assert_non_null(slash);
	assert_string_equal(slash, "/source");
	*slash = '\0';
	assert_int_equal(strncmp(argv[3], "-j", 2), 0);
	assert_string_equal(argv[4], "KBUILD_BUILD_TIMESTAMP=Thu Jan  1 00:00:00 UTC 1970");
	assert_string_equal(argv[5], "KBUILD_BUILD_USER=latcampaign");
	assert_string_equal(argv[6], "KBUILD_BUILD_HOST=latcampaign");
	assert_string_equal(argv[7], "KBUILD_BUILD_VERSION=1");
	assert_string_equal(argv[8], "LOCALVERSION=");
	return argv + 9;
}

static bool names(const char *const *targets, const char *wanted)
{
	for (; *targets; targets++)
		if (wanted && strcmp(*targets, wanted) == 0)
			return true;
	return false;
}

int __wrap_spawn_start(const struct spawn_options *options, struct spawned *ret, struct err *err)
{
	static const char *const fine[] = {"true", NULL};
	static const char *const bad[] = {"sh", "-c",
		"echo '  CC      a.o'; echo 'a.c:1: error: no such thing'; echo 'make: done'; exit 2",
		NULL};
	struct spawn_options other = *options;
	const char *const *targets = options->argv + 1;

	if (strcmp(options->argv[0], "make") != 0 && strcmp(options->argv[0], "patch") != 0)
		return __real_spawn_start(options, ret, err);
	if (strcmp(options->argv[0], "make") == 0) {
		targets = check_make(options->argv);
		for (unsigned i = 0; targets[i]; i++)
			fake_make(options->argv[2], targets[i]);
	}
	for (unsigned i = 0; targets[i]; i++) {
		size_t length = strlen(calls);
		snprintf(calls + length, sizeof(calls) - length, "%s%s", targets[i],
			targets[i + 1] ? " " : "|");
	}
	other.argv = names(targets, broken) ? bad : fine;
	return __real_spawn_start(&other, ret, err);
}

/* --- a machine with sources of Linux ------------------------------------------------------ */

static void run(struct scratch *s, const char *const *argv)
{
	struct err err = {""};

	if (__real_spawn_read(s->ctx, argv, 30, NULL, &err) < 0)
		fail_msg("%s", err.text);
}

static void pack(struct scratch *s)
{
	const char *const argv[] = {"tar", "-cJf",
		talloc_asprintf(s->ctx, "%s/usr/src/linux-source-9.tar.xz", s->path), "-C",
		talloc_asprintf(s->ctx, "%s/in", s->path), "linux-source-9", NULL};

	run(s, argv);
}

static int fresh(void **state)
{
	int r = scratch_setup(state);
	struct scratch *s = *state;

	dropped = broken = NULL;
	compiler_now = "gcc 12\nCopyright\n";
	*calls = '\0';
	scratch_file(s, "in/linux-source-9/Makefile", "all:\n");
	scratch_file(s, "in/linux-source-9/kernel/sched.c", "int a;\n");
	scratch_file(s, "usr/src/keep", "");
	scratch_file(s, "etc/debian_version", "12.1\n");
	scratch_file(s, "kernels/guest.config",
		"# of a guest\nCONFIG_A=y\nCONFIG_OLD=n\nCONFIG_NEW=y # since 7.0\n"
		"CONFIG_NEWER=y # since 6.12\n");
	scratch_file(s, "kernels/host.config", "CONFIG_XEN_DOM0=y\nCONFIG_KVM=m\n");
	setenv("LATCAMPAIGN_DATADIR", s->path, 1);
	pack(s);
	return r;
}

static int gone(void **state)
{
	talloc_free(folder_of_source);
	folder_of_source = NULL;
	return scratch_teardown(state);
}

#define build_test(function) cmocka_unit_test_setup_teardown(function, fresh, gone)

#endif
