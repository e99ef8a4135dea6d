/* SPDX-License-Identifier: MIT */
/* GRUB on machines that are directories; its tools are the real ones. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "base/spawn.h"
#include "grub-hooks/boot-method.h"
#include "grub-hooks/entry.h"

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

/* As /proc/cmdline has it: quotes and backslashes are GRUB's own already. */
static void a_command_line_means_nothing_else_to_grub(void **state)
{
	struct scratch *s = *state;
	const struct entry_paths paths = {"6c61", "/vmlinuz", "/initrd.img", NULL};
	struct boot_entry entry = xen_entry;

	entry.hypervisor = NULL;
	entry.cmdline = "memmap=4G$12G a;b {c} d|e&f <g> #h \"i j;$k\" l\\m";
	assert_non_null(strstr(entry_text(s->ctx, &entry, &paths),
		"\tlinux /vmlinuz memmap=4G\\$12G a\\;b \\{c\\} d\\|e\\&f \\<g\\> \\#h "
		"\"i j;\\$k\" l\\m\n"));
}

static void editenv(struct scratch *s, const char *operation, const char *argument)
{
	const char *const argv[] = {"grub-editenv",
		talloc_asprintf(s->ctx, "%s/boot/grub/grubenv", s->path), operation, argument,
		NULL};

	assert_int_equal(spawn_read(s->ctx, argv, 10, NULL, NULL), 0);
}

/* A grub-probe that is asked for what lies below GRUB's folder, and says it or fails. */
static void make_probe(struct scratch *s, const char *answer)
{
	scratch_file(s, "bin/grub-probe",
		talloc_asprintf(s->ctx,
			"#!/bin/sh\n"
			"[ \"$*\" = '--target=abstraction %s/boot/grub' ] || exit 9\n%s\n",
			s->path, answer));
	assert_int_equal(fchmodat(s->fd, "bin/grub-probe", 0755, 0), 0);
	setenv("PATH", talloc_asprintf(s->ctx, "%s/bin:" SPAWN_PATH, s->path), 1);
}

static void make_grub(struct scratch *s)
{
	make_probe(s, "echo");
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

static const char *first_complaint(struct scratch *s, const char *menu)
{
	struct complaints complaints = {0};

	scratch_file(s, "boot/grub/grub.cfg",
		talloc_asprintf(s->ctx,
			"set default=\"${next_entry}\"\n"
			"source ${config_directory}/latcampaign.cfg\n%s",
			menu));
	boot_method_get()->check(s->ctx, s->path, &complaints);
	return complaints.count ? complaints.lines[0] : "";
}

static void a_grub_that_waits_for_a_person_is_refused(void **state)
{
	struct scratch *s = *state;

	make_grub(s);
	assert_string_equal(first_complaint(s, "set timeout=5\n"), "");
	assert_non_null(
		strstr(first_complaint(s, "  set timeout=-1\n"), "GRUB_RECORDFAIL_TIMEOUT"));
	assert_non_null(strstr(first_complaint(s, "set superusers=\"root\"\n"
						  "menuentry 'a' --unrestricted {\n}\n"
						  "\tmenuentry 'b' --id b {\n}\n"),
		"asks for a password"));
	assert_string_equal(first_complaint(s, "set superusers=\"root\"\n"
					       "menuentry 'a' --unrestricted {\n}\n"),
		"");
}

static void a_block_that_grub_cannot_write_is_refused(void **state)
{
	struct scratch *s = *state;

	make_grub(s);
	assert_string_equal(first_complaint(s, ""), "");
	int fd = openat(s->fd, "boot/grub/grubenv", O_WRONLY | O_TRUNC | O_CLOEXEC);
	assert_int_equal(ftruncate(fd, 65536), 0);
	close(fd);
	assert_non_null(strstr(first_complaint(s, ""), "sparse file, which GRUB cannot write"));
	make_grub(s);
	make_probe(s, "echo lvm");
	assert_non_null(strstr(first_complaint(s, ""), "is on lvm, which GRUB cannot write"));
	make_probe(s, "echo 'no such disk' >&2; exit 1");
	assert_non_null(strstr(first_complaint(s, ""),
		"lies on a disk of which nothing can be told: grub-probe --target=abstraction "));
	assert_non_null(strstr(first_complaint(s, ""), "no such disk"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(an_entry_is_what_grub_understands),
		scratch_test(a_command_line_means_nothing_else_to_grub),
		scratch_test(only_our_own_one_shot_is_cleared),
		scratch_test(check_tells_what_grub_lacks),
		scratch_test(entries_are_tidied_away),
		scratch_test(a_grub_that_waits_for_a_person_is_refused),
		scratch_test(a_block_that_grub_cannot_write_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
