/* SPDX-License-Identifier: MIT */
/* What is found on a machine: kernels, hypervisors, GRUB, the identity of a boot. The machines are
 * directories; GRUB's tools are the real ones. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "base/spawn.h"
#include "grub-hooks/boot-method.h"
#include "grub-hooks/entry.h"
#include "kernels/image.h"
#include "kernels/kernel.h"
#include "statemachine/proof.h"

/* A bzImage as far as its header goes. */
static void make_kernel(struct scratch *s, const char *release, bool rt)
{
	char *path = talloc_asprintf(s->ctx, "boot/vmlinuz-%s", release);
	char *version = talloc_asprintf(s->ctx, "%s (root@x) #1 SMP", release);
	char bytes[0x300] = {0};

	memcpy(bytes + 0x202, "HdrS", 5);
	bytes[0x20e] = 0x40; /* 0x200 + 0x40 */
	memcpy(bytes + 0x240, version, strlen(version) + 1);
	assert_int_equal(directory_make(s->fd, "boot", NULL), 0);
	assert_int_equal(file_write(s->fd, path, bytes, sizeof(bytes), NULL), 0);
	scratch_file(s, talloc_asprintf(s->ctx, "boot/config-%s", release),
		rt ? "# CONFIG_PREEMPT is not set\nCONFIG_PREEMPT_RT=y\n"
		   : "# CONFIG_PREEMPT_RT is not set\n");
	scratch_file(s, talloc_asprintf(s->ctx, "boot/initrd.img-%s", release), "initrd");
}

static struct kernel resolve(struct scratch *s, const char *wanted)
{
	struct kernel kernel = {.wanted = talloc_strdup(s->ctx, wanted)};
	struct err err = {""};

	if (kernel_resolve(s->ctx, s->fd, &kernel, &err) < 0)
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

static void a_missing_kernel_comes_with_its_remedy(void **state)
{
	struct scratch *s = *state;
	struct kernel kernel = {.wanted = (char *)"rt"};
	struct err err = {""};

	make_kernel(s, "6.1.0-9-amd64", false);
	assert_int_equal(kernel_resolve(s->ctx, s->fd, &kernel, &err), -ENOENT);
	assert_non_null(strstr(err.text, "apt install linux-image-rt-amd64"));
	assert_int_equal(unlinkat(s->fd, "boot/config-6.1.0-9-amd64", 0), 0);
	kernel.wanted = (char *)"/boot/vmlinuz-6.1.0-9-amd64";
	assert_int_equal(kernel_resolve(s->ctx, s->fd, &kernel, &err), -ENOENT);
	assert_non_null(strstr(err.text, "boot/vmlinuz-6.1.0-9-amd64.config"));
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
	struct plan plan = {.setups = &setup, .setup_count = 1};
	struct err err = {""};

	make_kernel(s, "6.1.0-9-amd64", false);
	setup.kernel = resolve(s, "nrt");
	assert_int_equal(plan_verify_files(&plan, s->fd, &err), 0);
	scratch_file(s, "boot/initrd.img-6.1.0-9-amd64", "another");
	assert_int_equal(plan_verify_files(&plan, s->fd, &err), -ESTALE);
	assert_non_null(strstr(err.text, "/boot/initrd.img-6.1.0-9-amd64 has changed"));
	assert_int_equal(unlinkat(s->fd, "boot/initrd.img-6.1.0-9-amd64", 0), 0);
	assert_int_equal(plan_verify_files(&plan, s->fd, &err), -ESTALE);
	assert_non_null(strstr(err.text, "is gone"));
}

/* --- GRUB -------------------------------------------------------------------------------- */

static const struct boot_entry xen_entry = {
	.id = "latcampaign-0011223344556677",
	.title = "latcampaign: xen-rt of campaign paper",
	.kernel = "/boot/vmlinuz-6.1",
	.initrd = "/boot/initrd.img-6.1",
	.cmdline = "root=UUID=1 ro latcampaign.token=0011223344556677",
	.hypervisor = "/boot/xen-4.17-amd64.gz",
	.hypervisor_cmdline = "dom0_mem=2048M,max:2048M",
};

static void an_entry_is_what_grub_understands(void **state)
{
	struct scratch *s = *state;
	const struct entry_paths paths = {
		"6c61", "/vmlinuz-6.1", "/initrd.img-6.1", "/xen-4.17-amd64.gz"};
	char *text = entry_text(s->ctx, &xen_entry, &paths);
	const char *const check[] = {
		"grub-script-check", talloc_asprintf(s->ctx, "%s/entry.cfg", s->path), NULL};
	struct err err = {""};

	assert_string_equal(text,
		"# Written by latcampaign for one boot; removed when the campaign ends.\n"
		"menuentry 'latcampaign: xen-rt of campaign paper' --id "
		"latcampaign-0011223344556677 --unrestricted {\n"
		"\tinsmod gzio\n"
		"\tsearch --no-floppy --fs-uuid --set=root 6c61\n"
		"\tmultiboot2 /xen-4.17-amd64.gz placeholder dom0_mem=2048M,max:2048M\n"
		"\tmodule2 /vmlinuz-6.1 placeholder root=UUID=1 ro "
		"latcampaign.token=0011223344556677\n"
		"\tmodule2 --nounzip /initrd.img-6.1\n"
		"}\n");
	scratch_file(s, "entry.cfg", text);
	if (spawn_read(s->ctx, check, 10, NULL, &err) < 0)
		fail_msg("%s", err.text);
	struct boot_entry plain = xen_entry;
	plain.hypervisor = NULL;
	assert_non_null(strstr(entry_text(s->ctx, &plain, &paths),
		"\tlinux /vmlinuz-6.1 root=UUID=1 ro latcampaign.token=0011223344556677\n"
		"\tinitrd /initrd.img-6.1\n"));
}

static void editenv(struct scratch *s, const char *operation, const char *argument)
{
	const char *const argv[] = {"grub-editenv",
		talloc_asprintf(s->ctx, "%s/boot/grub/grubenv", s->path), operation, argument,
		NULL};

	assert_int_equal(spawn_read(s->ctx, argv, 10, NULL, NULL), 0);
}

static void make_grub(struct scratch *s)
{
	scratch_file(s, "boot/grub/grub.cfg",
		"   set default=\"${next_entry}\"\n"
		"  source ${config_directory}/latcampaign.cfg\n");
	editenv(s, "create", NULL);
}

static void only_our_own_one_shot_is_cleared(void **state)
{
	const struct boot_method *grub = boot_method_get();
	struct scratch *s = *state;
	bool armed = true;

	make_grub(s);
	assert_int_equal(grub->armed(s->path, &armed, NULL), 0);
	assert_false(armed);
	editenv(s, "set", "next_entry=latcampaign-0011223344556677");
	assert_int_equal(grub->armed(s->path, &armed, NULL), 0);
	assert_true(armed);
	assert_int_equal(grub->clear(s->path, NULL), 0);
	assert_int_equal(grub->armed(s->path, &armed, NULL), 0);
	assert_false(armed);
	editenv(s, "set", "next_entry=windows");
	assert_int_equal(grub->clear(s->path, NULL), 0);
	struct complaints complaints = {0};
	grub->check(s->ctx, s->path, &complaints);
	assert_int_equal(complaints.count, 1);
	assert_non_null(strstr(complaints.lines[0], "already set to \"windows\""));
}

static void check_tells_what_grub_lacks(void **state)
{
	const struct boot_method *grub = boot_method_get();
	struct scratch *s = *state;
	struct complaints complaints = {0};

	grub->check(s->ctx, s->path, &complaints);
	assert_int_equal(complaints.count, 1);
	assert_non_null(strstr(complaints.lines[0], "latcampaign needs GRUB 2"));
	complaints = (struct complaints){0};
	scratch_file(s, "boot/grub/grub.cfg", "menuentry 'by hand' { }\n");
	grub->check(s->ctx, s->path, &complaints);
	assert_int_equal(complaints.count, 2);
	assert_non_null(strstr(complaints.lines[0], "does not read latcampaign's entries"));
	assert_non_null(strstr(complaints.lines[1], "grubenv is not there"));
	scratch_file(s, "boot/grub/grub.cfg", "source ${config_directory}/latcampaign.cfg\n");
	complaints = (struct complaints){0};
	grub->check(s->ctx, s->path, &complaints);
	assert_non_null(strstr(complaints.lines[0], "knows no one-shot boots"));
}

static void entries_are_tidied_away(void **state)
{
	const struct boot_method *grub = boot_method_get();
	struct scratch *s = *state;

	make_grub(s);
	assert_false(grub->entries(s->path));
	scratch_file(s, "boot/grub/latcampaign.cfg", "x");
	assert_true(grub->entries(s->path));
	assert_int_equal(grub->tidy(s->path, NULL), 0);
	assert_false(grub->entries(s->path));
	assert_int_equal(grub->tidy(s->path, NULL), 0);
}

/* --- identity ---------------------------------------------------------------------------- */

static void make_boot(struct scratch *s, const char *cmdline, bool rt)
{
	scratch_file(s, "proc/cmdline", cmdline);
	scratch_file(s, "proc/sys/kernel/osrelease", "6.1-rt\n");
	scratch_file(s, "proc/sys/kernel/random/boot_id", "b-1\n");
	if (rt)
		scratch_file(s, "sys/kernel/realtime", "1\n");
}

static struct setup rt_setup(void)
{
	return (struct setup){
		.name = (char *)"kvm-rt",
		.kernel = {.release = (char *)"6.1-rt", .rt = true},
		.cmdline = (char *)"isolcpus=1",
		.hypervisor_cmdline = (char *)"",
		.base_cmdline = (char *)"root=UUID=1 ro",
	};
}

static void a_boot_that_is_what_was_asked_has_no_difference(void **state)
{
	struct scratch *s = *state;
	struct setup setup = rt_setup();
	struct identity *found, *asked = identity_asked(s->ctx, &setup, "0011223344556677");

	make_boot(s,
		"BOOT_IMAGE=/boot/vmlinuz-6.1-rt root=UUID=1  ro isolcpus=1 panic=30 "
		"latcampaign.token=0011223344556677\n",
		true);
	assert_int_equal(identity_found(s->ctx, s->fd, &found, NULL), 0);
	assert_string_equal(found->token, "0011223344556677");
	assert_string_equal(found->boot_id, "b-1");
	assert_null(identity_difference(s->ctx, asked, found));
	json_t *json = identity_to_json(found);
	struct identity *back;
	assert_int_equal(identity_from_json(s->ctx, json, &back, NULL), 0);
	assert_null(identity_difference(s->ctx, found, back));
	json_object_del(json, "release");
	assert_int_equal(identity_from_json(s->ctx, json, &back, NULL), -EBADMSG);
	json_decref(json);
}

static void expect_difference(struct scratch *s, const char *cmdline, bool rt, const char *sentence)
{
	struct setup setup = rt_setup();
	struct identity *found, *asked = identity_asked(s->ctx, &setup, "0011223344556677");

	make_boot(s, cmdline, rt);
	assert_int_equal(identity_found(s->ctx, s->fd, &found, NULL), 0);
	char *difference = identity_difference(s->ctx, asked, found);
	assert_non_null(difference);
	assert_non_null(strstr(difference, sentence));
}

static void every_difference_is_found(void **state)
{
	struct scratch *s = *state;

	expect_difference(s, "root=UUID=1 ro isolcpus=1 panic=30", false, "token: asked");
	expect_difference(s,
		"root=UUID=1 ro isolcpus=1 panic=30 xlatcampaign.token=0011223344556677", false,
		"token: asked");
	expect_difference(s,
		"root=UUID=1 ro isolcpus=2 panic=30 latcampaign.token=0011223344556677", false,
		"cmdline: asked");
	expect_difference(s,
		"root=UUID=1 ro isolcpus=1 panic=30 latcampaign.token=0011223344556677", false,
		"PREEMPT_RT: asked yes, found no");
	make_boot(s, "", true);
	scratch_file(s, "sys/hypervisor/type", "kvm\n");
	expect_difference(s,
		"root=UUID=1 ro isolcpus=1 panic=30 latcampaign.token=0011223344556677", true,
		"hypervisor: asked \"none\", found \"kvm\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(the_newest_kernel_of_a_kind_is_found),
		scratch_test(a_missing_kernel_comes_with_its_remedy),
		scratch_test(the_newest_xen_is_found_and_links_are_not),
		scratch_test(a_changed_file_is_noticed),
		scratch_test(an_entry_is_what_grub_understands),
		scratch_test(only_our_own_one_shot_is_cleared),
		scratch_test(check_tells_what_grub_lacks),
		scratch_test(entries_are_tidied_away),
		scratch_test(a_boot_that_is_what_was_asked_has_no_difference),
		scratch_test(every_difference_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
