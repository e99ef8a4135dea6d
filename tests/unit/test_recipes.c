/* SPDX-License-Identifier: MIT */
/* Kernels from source, with a make and package tools that look at what they are asked for. */
#include "tests/unit/kernel-builds.h"

#include <errno.h>

#include "kernels/kernel.h"
#include "kernels/recipe-parts.h"

static char *none[] = {NULL};

static struct recipe recipe(const char *name)
{
	return (struct recipe){.name = (char *)name,
		.source = (char *)"linux-source-9",
		.source_sha256 = (char *)"",
		.commit = (char *)"",
		.patches = none,
		.patches_sha256 = none,
		.options = none,
		.rt = true};
}

static char *key(struct scratch *s, const struct recipe *of)
{
	struct err err = {""};
	char *hex;

	if (recipe_key(s->ctx, s->fd, of, &hex, &err) < 0)
		fail_msg("%s", err.text);
	return hex;
}

static void build(struct scratch *s, const struct recipe *of)
{
	struct err err = {""};

	if (recipe_build(s->fd, of, NULL, NULL, &err) < 0)
		fail_msg("%s", err.text);
}

static struct kernel resolve(struct scratch *s, struct recipe *of, int expected, struct err *err)
{
	struct plan plan = {.recipes = of, .recipe_count = 1};
	struct kernel kernel = {.wanted = of->name};
	int r = kernel_resolve(s->ctx, s->fd, &plan, &kernel, err);

	if (r != expected)
		fail_msg("%d: %s", r, err->text);
	return kernel;
}

static void a_guests_kernel_is_built_once_and_found(void **state)
{
	struct scratch *s = *state;
	struct recipe guest = recipe("g");
	struct err err = {""};
	char *folder, *config;

	resolve(s, &guest, -ENOENT, &err);
	assert_string_equal(err.text,
		"kernel g is not built yet; run sudo latcampaign prepare with "
		"the campaign's file");
	build(s, &guest);
	assert_string_equal(calls, "tinyconfig|olddefconfig|bzImage|");
	assert_int_equal(recipe_find(s->ctx, s->fd, &guest, &folder, NULL), 0);
	struct kernel kernel = resolve(s, &guest, 0, &err);
	assert_string_equal(kernel.image, talloc_asprintf(s->ctx, "%s/bzImage", folder));
	assert_string_equal(kernel.release, RELEASE);
	assert_true(kernel.rt);
	assert_int_equal(
		file_read(s->ctx, s->fd, talloc_asprintf(s->ctx, "%s.config", kernel.image + 1),
			4096, &config, NULL, NULL),
		0);
	assert_string_equal(config, "CONFIG_TINY=y\nCONFIG_A=y\nCONFIG_OLD=n\nCONFIG_NEWER=y\n"
				    "CONFIG_PREEMPT_RT=y\nCONFIG_PREEMPT_RT_FULL=y\n");
	assert_true(file_exists(s->fd, talloc_asprintf(s->ctx, "%s/build.log", folder + 1)));
	assert_true(file_exists(s->fd, talloc_asprintf(s->ctx, "%s/System.map", folder + 1)));
	assert_false(file_exists(s->fd, talloc_asprintf(s->ctx, "%s/source", folder + 1)));
	*calls = '\0';
	build(s, &guest);
	assert_string_equal(calls, "");
}

static void every_input_makes_another_key(void **state)
{
	struct scratch *s = *state;
	struct recipe plain = recipe("g"), other = plain;
	char *first = key(s, &plain);
	char *options[] = {(char *)"CONFIG_B=y", NULL};
	char *patches[] = {talloc_asprintf(s->ctx, "%s/a.patch", s->path), NULL};

	assert_string_equal(key(s, &other), first);
	other.rt = false;
	assert_string_not_equal(key(s, &other), first);
	other = plain;
	other.options = options;
	assert_string_not_equal(key(s, &other), first);
	other = plain;
	other.patches = patches;
	scratch_file(s, "a.patch", "one");
	char *patched = key(s, &other);
	assert_string_not_equal(patched, first);
	scratch_file(s, "a.patch", "two");
	assert_string_not_equal(key(s, &other), patched);
	scratch_file(s, "kernels/guest.config", "CONFIG_A=y\n");
	assert_string_not_equal(key(s, &plain), first);
	char *before = key(s, &plain);
	scratch_file(s, "in/linux-source-9/kernel/sched.c", "int b;\n");
	pack(s);
	assert_string_not_equal(key(s, &plain), before);
}

static void only_the_file_that_was_asked_for_is_taken(void **state)
{
	struct scratch *s = *state;
	struct recipe guest = recipe("g");
	struct err err = {""};
	char *hex;

	guest.source_sha256 = talloc_strdup(
		s->ctx, "0000000000000000000000000000000000000000000000000000000000000000");
	assert_int_equal(recipe_key(s->ctx, s->fd, &guest, &hex, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "another file than the campaign asks for"));
	guest.source_sha256 = (char *)"";
	guest.source = (char *)"linux-source-10";
	assert_int_equal(recipe_key(s->ctx, s->fd, &guest, &hex, &err), -ENOENT);
	assert_non_null(strstr(err.text, "the package linux-source-10, which brings "
					 "/usr/src/linux-source-10.tar.xz, is not installed"));
	guest.source = (char *)"/nowhere/linux.tar";
	assert_int_equal(recipe_key(s->ctx, s->fd, &guest, &hex, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nowhere/linux.tar is not there"));
}

static void an_option_that_did_not_come_out_is_named(void **state)
{
	struct scratch *s = *state;
	struct recipe guest = recipe("g");
	char *options[] = {(char *)"CONFIG_WISH=y", (char *)"CONFIG_A=n", NULL};
	struct err err = {""};
	char *folder;

	guest.options = options;
	dropped = "CONFIG_WISH";
	assert_int_equal(recipe_build(s->fd, &guest, NULL, NULL, &err), -EINVAL);
	assert_non_null(strstr(err.text, "does not know: CONFIG_WISH=y (it is n)"));
	assert_null(strstr(err.text, "CONFIG_A"));
	assert_int_equal(recipe_find(s->ctx, s->fd, &guest, &folder, NULL), -ENOENT);
	dropped = "CONFIG_PREEMPT_RT";
	assert_int_equal(recipe_build(s->fd, &guest, NULL, NULL, &err), -EINVAL);
	assert_non_null(strstr(err.text, "CONFIG_PREEMPT_RT=y (it is n)"));
}

/* The older name counts as well; a module that is built in is there. */
static void an_option_is_found_as_it_is(void **state)
{
	struct scratch *s = *state;
	const char *config =
		"CONFIG_MORE_A=y\nCONFIG_A=m\nCONFIG_PREEMPT_RT_FULL=y\nCONFIG_Z=\"x\"\n";
	struct option options[] = {{(char *)"CONFIG_A", (char *)"m", 0, 0},
		{(char *)"CONFIG_MORE_A", (char *)"m", 0, 0},
		{(char *)"CONFIG_PREEMPT_RT", (char *)"y", 0, 0},
		{(char *)"CONFIG_Z", (char *)"\"x\"", 0, 0},
		{(char *)"CONFIG_NONE", (char *)"n", 0, 0}, {0}};
	struct err err = {""};
	json_t *found;

	if (options_check(s->ctx, options, config, &found, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(json_string_value(json_object_get(found, "CONFIG_A")), "m");
	assert_string_equal(json_string_value(json_object_get(found, "CONFIG_MORE_A")), "y");
	json_decref(found);
	options[0].value = (char *)"y";
	assert_int_equal(options_check(s->ctx, options, config, &found, &err), -EINVAL);
	assert_non_null(strstr(err.text, "CONFIG_A=y (it is m)"));
}

static void a_failed_build_tells_the_line_that_matters(void **state)
{
	struct scratch *s = *state;
	struct recipe guest = recipe("g");
	struct err err = {""};
	char **left, *log;

	broken = "bzImage";
	assert_int_equal(recipe_build(s->fd, &guest, NULL, NULL, &err), -EIO);
	assert_non_null(
		strstr(err.text, "compiling: make exited with status 2: a.c:1: error: no such "
				 "thing (all of it is in "));
	assert_int_equal(
		directory_list(s->ctx, s->fd, "var/cache/latcampaign/kernels", &left, NULL), 0);
	assert_string_equal(left[0], "g.log");
	assert_null(left[1]);
	assert_int_equal(file_read(s->ctx, s->fd, "var/cache/latcampaign/kernels/g.log", 4096, &log,
				 NULL, NULL),
		0);
	assert_non_null(strstr(log, "CC      a.o"));
	broken = NULL;
	build(s, &guest);
}

static void patches_are_applied_in_their_order(void **state)
{
	struct scratch *s = *state;
	struct recipe guest = recipe("g");
	char *zipped = talloc_asprintf(s->ctx, "%s/b.patch", s->path);
	char *patches[] = {talloc_asprintf(s->ctx, "%s/a.patch", s->path),
		talloc_asprintf(s->ctx, "%s.gz", zipped), NULL};
	const char *const gzip[] = {"gzip", "-k", zipped, NULL};
	struct err err = {""};

	guest.patches = patches;
	scratch_file(s, "a.patch", "first");
	scratch_file(s, "b.patch", "second");
	run(s, gzip);
	build(s, &guest);
	char *folder = folder_of_source;
	char *one = talloc_asprintf(s->ctx,
		"-d %s/source -p1 --batch --forward --no-backup-if-mismatch -i %s/patch|", folder,
		folder);
	assert_string_equal(
		calls, talloc_asprintf(s->ctx, "%s%stinyconfig|olddefconfig|bzImage|", one, one));
	broken = "-p1";
	scratch_file(s, "a.patch", "changed");
	assert_int_equal(recipe_build(s->fd, &guest, NULL, NULL, &err), -EIO);
	assert_non_null(
		strstr(err.text, "/a.patch: kernel g: patching: patch exited with status 2"));
}

static void another_compiler_builds_again_and_none_does_not(void **state)
{
	struct scratch *s = *state;
	struct recipe guest = recipe("g");
	struct err err = {""};

	build(s, &guest);
	compiler_now = NULL;
	resolve(s, &guest, 0, &err);
	compiler_now = "gcc 13\n";
	resolve(s, &guest, -ENOENT, &err);
	assert_non_null(strstr(err.text, "was built by another compiler"));
	*calls = '\0';
	build(s, &guest);
	assert_string_equal(calls, "tinyconfig|olddefconfig|bzImage|");
	resolve(s, &guest, 0, &err);
}

static void git(struct scratch *s, const char *const *more)
{
	const char *argv[16] = {"git", "-c", "user.name=a", "-c", "user.email=a@b", "-C",
		talloc_asprintf(s->ctx, "%s/in/linux-source-9", s->path)};

	for (unsigned i = 0; more[i]; i++)
		argv[7 + i] = more[i];
	run(s, argv);
}

static void a_git_tree_is_built_from_what_is_committed(void **state)
{
	static const char *const init[] = {"init", "-q", NULL}, *const add[] = {"add", ".", NULL},
				 *const commit[] = {"commit", "-q", "-m", "a", NULL};
	struct scratch *s = *state;
	struct recipe guest = recipe("g");
	struct err err = {""};
	char *hex;

	guest.source = talloc_asprintf(s->ctx, "%s/in/linux-source-9", s->path);
	char *as_directory = key(s, &guest);
	git(s, init);
	git(s, add);
	git(s, commit);
	char *as_git = key(s, &guest);
	assert_string_not_equal(as_git, as_directory);
	build(s, &guest);
	scratch_file(s, "in/linux-source-9/kernel/sched.c", "int dirty;\n");
	assert_int_equal(recipe_key(s->ctx, s->fd, &guest, &hex, &err), -EINVAL);
	assert_non_null(strstr(err.text, "has changes that are not committed"));
	guest.commit = (char *)"HEAD";
	assert_string_equal(key(s, &guest), as_git);
	guest.commit = (char *)"--output=/tmp/x";
	assert_true(recipe_key(s->ctx, s->fd, &guest, &hex, &err) < 0);
}

static void a_hosts_kernel_comes_as_a_package(void **state)
{
	struct scratch *s = *state;
	struct recipe host = recipe("h_RT");
	struct recipe_build read;
	struct err err = {""};
	char *folder, *config;

	host.base = RECIPE_HOST;
	host.modules = RECIPE_MODULES_LOADED;
	scratch_file(s, "proc/sys/kernel/osrelease", "6.1-x\n");
	scratch_file(s, "proc/modules", "kvm 1 0 - Live 0x0\next4 1 0 - Live 0x0\n");
	scratch_file(s, "boot/config-6.1-x", "CONFIG_RUNNING=y\n");
	build(s, &host);
	char *expected = talloc_asprintf(s->ctx,
		"olddefconfig|LSMOD=%s/source/.modules localmodconfig|olddefconfig|all|bindeb-pkg "
		"DPKG_FLAGS=-d KBUILD_PKG_ROOTCMD=env KDEB_CHANGELOG_DIST=unstable "
		"DEB_BUILD_PROFILES=pkg.linux-upstream.nokernelheaders "
		"pkg.linux-upstream.nokerneldbg|",
		folder_of_source);
	assert_string_equal(calls, expected);
	assert_int_equal(recipe_find(s->ctx, s->fd, &host, &folder, NULL), 0);
	assert_int_equal(recipe_read(s->ctx, s->fd, folder, &read, NULL), 0);
	assert_string_equal(read.packages[0], "linux-image-" RELEASE);
	assert_null(read.packages[1]);
	assert_string_equal(read.package_files[0],
		talloc_asprintf(s->ctx, "%s/linux-image-" RELEASE "_1_amd64.deb", folder));
	assert_int_equal(
		file_read(s->ctx, s->fd, talloc_asprintf(s->ctx, "%s/bzImage.config", folder + 1),
			4096, &config, NULL, NULL),
		0);
	assert_non_null(strstr(config, "CONFIG_RUNNING=y\n"));
	assert_non_null(strstr(config, "CONFIG_LOCALVERSION=\"-latcampaign-h-rt\"\n"));

	resolve(s, &host, -ENOENT, &err);
	assert_non_null(strstr(err.text, "kernel h_RT is built and not installed"));
	write_image(talloc_asprintf(s->ctx, "%s/boot", s->path), "vmlinuz-" RELEASE);
	scratch_file(s, "boot/config-" RELEASE, "CONFIG_PREEMPT_RT=y\n");
	struct kernel kernel = resolve(s, &host, 0, &err);
	assert_string_equal(kernel.image, "/boot/vmlinuz-" RELEASE);
	scratch_file(s, "boot/config-" RELEASE, "# CONFIG_PREEMPT_RT is not set\n");
	resolve(s, &host, -EINVAL, &err);
}

static void a_kernel_that_is_not_the_built_one_is_not_taken(void **state)
{
	struct scratch *s = *state;
	struct recipe guest = recipe("g");
	struct err err = {""};

	build(s, &guest);
	struct kernel kernel = resolve(s, &guest, 0, &err);
	autoclose int fd = openat(s->fd, kernel.image + 1, O_WRONLY | O_CLOEXEC);
	assert_int_equal(pwrite(fd, "x", 1, 0x10), 1);
	resolve(s, &guest, -ESTALE, &err);
	assert_non_null(strstr(err.text, "is not the kernel g that was built"));
}

static void needs_are_told_by_role(void **state)
{
	struct scratch *s = *state;
	struct recipe guest = recipe("g");
	char **needs = recipe_needs(s->ctx, &guest);

	assert_string_equal(needs[0], "kernel-build");
	assert_string_equal(needs[1], "kernel-source:linux-source-9");
	assert_null(needs[2]);
	guest.base = RECIPE_HOST;
	guest.source = (char *)"/home/linux";
	guest.commit = (char *)"v6.12";
	needs = recipe_needs(s->ctx, &guest);
	assert_string_equal(needs[0], "kernel-build-host");
	assert_string_equal(needs[1], "git");
	assert_null(needs[2]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		build_test(a_guests_kernel_is_built_once_and_found),
		build_test(every_input_makes_another_key),
		build_test(only_the_file_that_was_asked_for_is_taken),
		build_test(an_option_that_did_not_come_out_is_named),
		build_test(an_option_is_found_as_it_is),
		build_test(a_failed_build_tells_the_line_that_matters),
		build_test(patches_are_applied_in_their_order),
		build_test(another_compiler_builds_again_and_none_does_not),
		build_test(a_git_tree_is_built_from_what_is_committed),
		build_test(a_hosts_kernel_comes_as_a_package),
		build_test(a_kernel_that_is_not_the_built_one_is_not_taken),
		build_test(needs_are_told_by_role),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
