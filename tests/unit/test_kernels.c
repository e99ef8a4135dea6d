/* SPDX-License-Identifier: MIT */
/* Finding kernels and hypervisors, on machines that are directories. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "kernels/image.h"
#include "kernels/kernel.h"

/* A bzImage as far as its header goes. */
static void make_image(struct scratch *s, const char *path, const char *version)
{
	char bytes[0x300] = {0};

	memcpy(bytes + 0x202, "HdrS", 5);
	bytes[0x20e] = 0x40; /* 0x200 + 0x40 */
	memcpy(bytes + 0x240, version, strlen(version) + 1);
	assert_int_equal(directory_make(s->fd, "boot", NULL), 0);
	assert_int_equal(file_write(s->fd, path, bytes, sizeof(bytes), NULL), 0);
}

static void make_kernel(struct scratch *s, const char *release, bool rt)
{
	make_image(s, talloc_asprintf(s->ctx, "boot/vmlinuz-%s", release),
		talloc_asprintf(s->ctx, "%s (root@x) #1 SMP", release));
	scratch_file(s, talloc_asprintf(s->ctx, "boot/config-%s", release),
		rt ? "# CONFIG_PREEMPT is not set\nCONFIG_PREEMPT_RT=y\n"
		   : "# CONFIG_PREEMPT_RT is not set\n");
	scratch_file(s, talloc_asprintf(s->ctx, "boot/initrd.img-%s", release), "initrd");
}

static const struct plan no_recipes;

static struct kernel resolve(struct scratch *s, const char *wanted)
{
	struct kernel kernel = {.wanted = talloc_strdup(s->ctx, wanted)};
	struct err err = {""};

	if (kernel_resolve(s->ctx, s->fd, &no_recipes, &kernel, &err) < 0)
		fail_msg("%s", err.text);
	return kernel;
}

static void the_newest_kernel_of_a_kind_is_found(void **state)
{
	struct scratch *s = *state;

	make_kernel(s, "6.1.0-9-amd64", false);
	make_kernel(s, "6.1.0-10-amd64", false);
	/* A name that lies: the configuration counts. */
	make_kernel(s, "6.1.0-11-plain", true);
	scratch_file(s, "boot/vmlinuz-rescue", "no kernel at all");
	assert_string_equal(resolve(s, "nrt").release, "6.1.0-10-amd64");
	struct kernel rt = resolve(s, "rt");
	assert_string_equal(rt.release, "6.1.0-11-plain");
	assert_true(rt.rt);
	assert_string_equal(rt.image, "/boot/vmlinuz-6.1.0-11-plain");
	assert_string_equal(rt.initrd, "/boot/initrd.img-6.1.0-11-plain");
	assert_int_equal(strlen(rt.image_sha256), 64);
	assert_string_equal(resolve(s, "6.1.0-9-amd64").release, "6.1.0-9-amd64");
	assert_false(resolve(s, "/boot/vmlinuz-6.1.0-9-amd64").rt);
}

static void a_pattern_finds_the_newest_release(void **state)
{
	struct scratch *s = *state;

	make_kernel(s, "6.1.0-9-rt-amd64", true);
	make_kernel(s, "6.1.0-10-rt-amd64", true);
	make_kernel(s, "6.1.0-11-amd64", false);
	make_kernel(s, "6.2.0-1-rt-amd64", true);
	assert_string_equal(resolve(s, "6.1.*-rt-*").release, "6.1.0-10-rt-amd64");
	assert_string_equal(resolve(s, "6.1.*").release, "6.1.0-11-amd64");
	assert_string_equal(resolve(s, "6.1.0-9*").release, "6.1.0-9-rt-amd64");
}

static void a_missing_kernel_comes_with_its_remedy(void **state)
{
	struct scratch *s = *state;
	struct kernel kernel = {.wanted = (char *)"rt"};
	struct err err = {""};

	make_kernel(s, "6.1.0-9-amd64", false);
	assert_int_equal(kernel_resolve(s->ctx, s->fd, &no_recipes, &kernel, &err), -ENOENT);
	assert_non_null(strstr(err.text, "apt install linux-image-rt-amd64"));
	kernel.wanted = (char *)"6.2";
	assert_int_equal(kernel_resolve(s->ctx, s->fd, &no_recipes, &kernel, &err), -ENOENT);
	assert_non_null(strstr(err.text, "no kernel with the release 6.2"));
	assert_int_equal(unlinkat(s->fd, "boot/config-6.1.0-9-amd64", 0), 0);
	kernel.wanted = (char *)"nrt";
	assert_int_equal(kernel_resolve(s->ctx, s->fd, &no_recipes, &kernel, &err), -ENOENT);
	assert_non_null(strstr(err.text, "apt install linux-image-amd64"));
	kernel.wanted = (char *)"/boot/vmlinuz-6.1.0-9-amd64";
	assert_int_equal(kernel_resolve(s->ctx, s->fd, &no_recipes, &kernel, &err), -ENOENT);
	assert_non_null(strstr(err.text, "boot/vmlinuz-6.1.0-9-amd64.config"));
}

static void only_a_whole_line_makes_a_kernel_rt(void **state)
{
	struct scratch *s = *state;
	static const struct {
		const char *config;
		bool rt;
	} cases[] = {
		{"CONFIG_PREEMPT_RT=y", true},
		{"CONFIG_PREEMPT_RT=y\n", true},
		{"CONFIG_A=y\nCONFIG_PREEMPT_RT=y\nCONFIG_B=y\n", true},
		{"CONFIG_PREEMPT_RT_FULL=y\n", true}, /* before Linux 5.3 */
		{"# CONFIG_PREEMPT_RT=y\n", false},
		{"XCONFIG_PREEMPT_RT=y\n", false},
		{"CONFIG_PREEMPT_RT=yes\n", false},
		{"CONFIG_PREEMPT_RT=m\n", false},
		{"", false},
	};

	make_kernel(s, "6.1-x", false);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		scratch_file(s, "boot/config-6.1-x", cases[i].config);
		if (resolve(s, "6.1-x").rt != cases[i].rt)
			fail_msg("\"%s\" is taken for the wrong thing", cases[i].config);
	}
	/* Beside the image counts before everywhere else. */
	scratch_file(s, "boot/vmlinuz-6.1-x.config", "CONFIG_PREEMPT_RT=y\n");
	assert_true(resolve(s, "6.1-x").rt);
}

static void the_newest_xen_is_found_and_links_are_not(void **state)
{
	struct scratch *s = *state;
	struct setup setup = {.hypervisor = HYPERVISOR_XEN};
	struct err err = {""};

	assert_int_equal(directory_make(s->fd, "boot", NULL), 0);
	assert_int_equal(hypervisor_resolve(s->ctx, s->fd, &setup, &err), -ENOENT);
	assert_non_null(strstr(err.text, "apt install xen-hypervisor-amd64"));
	scratch_file(s, "boot/xen-4.9-amd64.gz", "a");
	scratch_file(s, "boot/xen-4.17-amd64.gz", "b");
	scratch_file(s, "boot/xen-4.17-amd64.efi", "c");
	scratch_file(s, "boot/xen-4.17-amd64.config", "d");
	assert_int_equal(symlinkat("xen-4.9-amd64.gz", s->fd, "boot/xen-5.0.gz"), 0);
	assert_int_equal(hypervisor_resolve(s->ctx, s->fd, &setup, NULL), 0);
	assert_string_equal(setup.hypervisor_image, "/boot/xen-4.17-amd64.gz");
	assert_string_equal(setup.hypervisor_version, "4.17");
}

static void a_changed_file_is_noticed(void **state)
{
	struct scratch *s = *state;
	struct setup setup = {.hypervisor_image = NULL};
	struct digests *digests = digests_new(s->ctx);
	struct err err = {""};

	make_kernel(s, "6.1.0-9-amd64", false);
	setup.kernel = resolve(s, "nrt");
	assert_int_equal(setup_verify(digests, s->fd, &setup, &err), 0);
	assert_int_equal(setup_verify(digests, s->fd, &setup, &err), 0);
	scratch_file(s, "boot/initrd.img-6.1.0-9-amd64", "another");
	assert_int_equal(setup_verify(digests, s->fd, &setup, &err), -ESTALE);
	assert_non_null(strstr(err.text, "/boot/initrd.img-6.1.0-9-amd64 has changed"));
	assert_int_equal(unlinkat(s->fd, "boot/initrd.img-6.1.0-9-amd64", 0), 0);
	assert_int_equal(setup_verify(digests, s->fd, &setup, &err), -ESTALE);
	assert_non_null(strstr(err.text, "is gone"));
}

static void a_changed_script_is_noticed(void **state)
{
	struct scratch *s = *state;
	char *script = talloc_asprintf(s->ctx, "%s/home/measure.sh", s->path);
	struct experiment experiment = {
		.kernel.wanted = talloc_strdup(s->ctx, ""), .script = script};
	struct plan *plan = talloc_zero(s->ctx, struct plan);
	struct complaints complaints = {0};
	struct digests *digests = digests_new(s->ctx);
	struct err err = {""};

	plan->experiments = &experiment;
	plan->experiment_count = 1;
	scratch_file(s, "proc/cmdline", "ro\n");
	scratch_file(s, "home/measure.sh", "cyclictest\n");
	plan_resolve(plan, s->fd, &complaints);
	assert_int_equal(complaints.count, 0);
	assert_int_equal(experiment_verify(digests, s->fd, &experiment, &err), 0);
	scratch_file(s, "home/measure.sh", "cyclictest --other\n");
	assert_int_equal(experiment_verify(digests, s->fd, &experiment, &err), -ESTALE);
	assert_non_null(strstr(err.text, "/home/measure.sh has changed"));
}

static void what_xl_info_says_is_read_by_its_key(void **state)
{
	struct scratch *s = *state;
	const char *info = "host                   : a\n"
			   "xen_commandline        : placeholder dom0_mem=2G com1=1,8n1\n"
			   "xen_commandline_not    : no\nempty :\nlast: x : y";

	assert_string_equal(hypervisor_info(s->ctx, info, "host"), "a");
	assert_string_equal(hypervisor_info(s->ctx, info, "xen_commandline"),
		"placeholder dom0_mem=2G com1=1,8n1");
	assert_string_equal(hypervisor_info(s->ctx, info, "xen"), "");
	assert_string_equal(hypervisor_info(s->ctx, info, "empty"), "");
	assert_string_equal(hypervisor_info(s->ctx, info, "last"), "x : y");
	assert_string_equal(hypervisor_info(s->ctx, "", "host"), "");
}

static void an_image_tells_its_own_release(void **state)
{
	struct scratch *s = *state;
	char *release;

	assert_int_equal(image_release(s->ctx, s->fd, "boot/gone", &release, NULL), -ENOENT);
	scratch_file(s, "boot/short", "MZ");
	assert_int_equal(image_release(s->ctx, s->fd, "boot/short", &release, NULL), -EBADMSG);
	make_image(s, "boot/whole", "6.1-x (root@x) #1");
	assert_int_equal(image_release(s->ctx, s->fd, "boot/whole", &release, NULL), 0);
	assert_string_equal(release, "6.1-x");
	make_image(s, "boot/path", "../etc #1");
	assert_int_equal(image_release(s->ctx, s->fd, "boot/path", &release, NULL), -EBADMSG);
	make_image(s, "boot/nameless", " #1");
	assert_int_equal(image_release(s->ctx, s->fd, "boot/nameless", &release, NULL), -EBADMSG);
}

static void only_flags_of_harm_count_as_damage(void **state)
{
	struct scratch *s = *state;

	assert_int_equal(kernel_damage(s->fd).bits, 0);
	/* proprietary, out-of-tree and unsigned modules: 1 + 4096 + 8192 */
	scratch_file(s, "proc/sys/kernel/tainted", "12289\n");
	assert_int_equal(kernel_damage(s->fd).bits, 0);
	scratch_file(s, "proc/sys/kernel/tainted", "4737\n"); /* 1 + 128 + 512 + 4096 */
	assert_int_equal(kernel_damage(s->fd).bits, 128 + 512);
	assert_string_equal(kernel_damage_words(s->ctx, 128 + 512), "an oops, a kernel warning");
	scratch_file(s, "proc/sys/kernel/tainted", "16432\n"); /* 16 + 32 + 16384 */
	assert_string_equal(kernel_damage_words(s->ctx, kernel_damage(s->fd).bits),
		"a machine check, a bad page, a soft lockup");
}

/* A flag stays; a counter tells of the second warning, too. */
static void harm_is_noticed_once_more(void **state)
{
	struct scratch *s = *state;

	scratch_file(s, "proc/sys/kernel/tainted", "512\n");
	scratch_file(s, "sys/kernel/warn_count", "1\n");
	scratch_file(s, "sys/kernel/oops_count", "0\n");
	struct kernel_damage before = kernel_damage(s->fd);
	assert_int_equal(kernel_damage_since(s->fd, &before), 0);
	scratch_file(s, "sys/kernel/warn_count", "2\n");
	assert_int_equal(kernel_damage_since(s->fd, &before), 512);
	scratch_file(s, "sys/kernel/oops_count", "1\n");
	assert_int_equal(kernel_damage_since(s->fd, &before), 128 + 512);
	before = kernel_damage(s->fd);
	scratch_file(s, "proc/sys/kernel/tainted", "16896\n"); /* 512 + 16384 */
	assert_int_equal(kernel_damage_since(s->fd, &before), 16384);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(the_newest_kernel_of_a_kind_is_found),
		scratch_test(a_pattern_finds_the_newest_release),
		scratch_test(a_missing_kernel_comes_with_its_remedy),
		scratch_test(only_a_whole_line_makes_a_kernel_rt),
		scratch_test(the_newest_xen_is_found_and_links_are_not),
		scratch_test(a_changed_file_is_noticed),
		scratch_test(a_changed_script_is_noticed),
		scratch_test(what_xl_info_says_is_read_by_its_key),
		scratch_test(an_image_tells_its_own_release),
		scratch_test(only_flags_of_harm_count_as_damage),
		scratch_test(harm_is_noticed_once_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
