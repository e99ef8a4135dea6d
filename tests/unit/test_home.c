/* SPDX-License-Identifier: MIT */
/* Which entry is home, and how it is kept so, on machines that are directories with programs that
 * are listened to. */
#include "tests/unit/menus.h"
#include "tests/unit/programs.h"

#include <errno.h>

#include "distributions/home.h"
#include "grub-hooks/menu.h"

static const char *default_of(struct scratch *s, const char *text, const char *saved)
{
	struct menu menu = menu_parse(s->ctx, text);
	int entry = menu_default(&menu, saved);

	return entry < 0 ? "" : menu_path(s->ctx, &menu, entry);
}

static void the_default_entry_is_found_as_grub_finds_it(void **state)
{
	struct scratch *s = *state;

	assert_string_equal(default_of(s, entries(s, HEADER("0"), "6.1"), ""), "gnulinux-simple-U");
	assert_string_equal(default_of(s, entries(s, HEADER("1>1"), "6.1"), ""),
		"gnulinux-advanced-U>gnulinux-6.1-advanced-U");
	assert_string_equal(default_of(s, entries(s, HEADER("Debian, with Xen"), "6.1"), ""),
		"xen-gnulinux-simple-U");
	/* The first of that id wins, and what is not in it is its first entry. */
	assert_string_equal(
		default_of(s,
			entries(s, HEADER("gnulinux-advanced-U>xen-gnulinux-6.1-advanced-U"),
				"6.1"),
			""),
		"gnulinux-advanced-U>gnulinux-6.1-rt-advanced-U");
	assert_string_equal(default_of(s, entries(s, HEADER("${saved_entry}"), "6.1"), "2"),
		"xen-gnulinux-simple-U");
	assert_string_equal(default_of(s, entries(s, HEADER("${saved_entry}"), "6.1"), ""),
		"gnulinux-simple-U");
	assert_string_equal(default_of(s, HEADER("0"), ""), "");
}

static void an_entry_with_a_name_of_its_own_stands_for_home(void **state)
{
	struct scratch *s = *state;
	struct menu menu = menu_parse(s->ctx, entries(s, HEADER("0"), "6.1"));
	int home = menu_default(&menu, "");

	assert_string_equal(menu_path(s->ctx, &menu, menu_stable(&menu, home)),
		"gnulinux-advanced-U>gnulinux-6.1-advanced-U");
	/* The entry of Xen's submenu cannot be named: Linux's has the same id and comes first. */
	menu = menu_parse(s->ctx, entries(s, HEADER("Debian, with Xen"), "6.1"));
	home = menu_default(&menu, "");
	assert_string_equal(
		menu_path(s->ctx, &menu, menu_stable(&menu, home)), "xen-gnulinux-simple-U");
}

static struct work open_work(struct scratch *s)
{
	struct work work = {0};

	assert_int_equal(work_open(s->fd, "log", "/the/log", &work, NULL), 0);
	return work;
}

static void debians_pin_is_a_file(void **state)
{
	struct scratch *s = *state;
	const struct home_keeper *keeper = home_keeper_get("file");
	struct work work = open_work(s);
	struct home home = {0};
	char *text;

	expect({NULL, NULL, 0});
	scratch_file(s, "boot/grub/grub.cfg", entries(s, HEADER("0"), "6.1"));
	assert_int_equal(keeper->read(s->ctx, s->path, &work, &home, NULL), 0);
	assert_string_equal(home.title, "Debian");
	assert_string_equal(home.boots, "/boot/vmlinuz-6.1 root=UUID=U ro quiet");
	assert_int_equal(keeper->pin(s->path, &work, &home, NULL), 0);
	assert_int_equal(file_read(s->ctx, s->fd, "etc/default/grub.d/zz-latcampaign.cfg", 4096,
				 &text, NULL, NULL),
		0);
	assert_non_null(
		strstr(text, "\nGRUB_DEFAULT='gnulinux-advanced-U>gnulinux-6.1-advanced-U'\n"));
	assert_int_equal(keeper->unpin(s->path, &work, &home, NULL), 0);
	assert_false(file_exists(s->fd, "etc/default/grub.d/zz-latcampaign.cfg"));
	/* update-grub reads it as a shell does, now and after every upgrade of a kernel. */
	home.entry = (char *)"Ann's Debian; $(reboot)";
	assert_int_equal(keeper->pin(s->path, &work, &home, NULL), 0);
	assert_int_equal(file_read(s->ctx, s->fd, "etc/default/grub.d/zz-latcampaign.cfg", 4096,
				 &text, NULL, NULL),
		0);
	assert_non_null(strstr(text, "\nGRUB_DEFAULT='Ann'\\''s Debian; $(reboot)'\n"));
	close(work.log);
}

static void opensuses_pin_is_the_saved_entry(void **state)
{
	struct scratch *s = *state;
	const struct home_keeper *keeper = home_keeper_get("saved");
	struct work work = open_work(s);
	struct home home = {0};
	struct err err = {""};
	char *block = talloc_asprintf(s->ctx, "grub2-editenv %s/boot/grub2/grubenv ", s->path);

	scratch_file(s, "boot/grub2/grub.cfg", entries(s, HEADER("${saved_entry}"), "6.1"));
	scratch_file(s, "boot/grub2/grubenv", "");
	expect({talloc_asprintf(s->ctx, "%slist", block), "saved_entry=0\n", 0},
		{talloc_asprintf(s->ctx,
			 "grub2-set-default --boot-directory=%s/boot "
			 "gnulinux-advanced-U>gnulinux-6.1-advanced-U",
			 s->path),
			NULL, 0},
		{talloc_asprintf(s->ctx, "%sset saved_entry=0", block), NULL, 0});
	assert_int_equal(keeper->read(s->ctx, s->path, &work, &home, NULL), 0);
	assert_int_equal(keeper->pin(s->path, &work, &home, NULL), 0);
	assert_int_equal(keeper->unpin(s->path, &work, &home, NULL), 0);
	expect_no_more();
	home.saved = (char *)"";
	expect({talloc_asprintf(s->ctx, "%sunset saved_entry", block), NULL, 0});
	assert_int_equal(keeper->unpin(s->path, &work, &home, NULL), 0);
	expect_no_more();
	scratch_file(s, "boot/grub2/grub.cfg", entries(s, HEADER("0"), "6.1"));
	assert_int_equal(keeper->pin(s->path, &work, &home, &err), -ENOTSUP);
	assert_non_null(strstr(err.text, "GRUB_DEFAULT=saved"));
	close(work.log);
}

static void fedoras_pin_is_grubbys(void **state)
{
	struct scratch *s = *state;
	const struct home_keeper *keeper = home_keeper_get("grubby");
	struct work work = open_work(s);
	struct home home = {0};

	scratch_file(s, "boot/grub2/grub.cfg", "insmod blscfg\nblscfg\n");
	expect({"grubby --info=DEFAULT",
		       "index=0\nkernel=\"/boot/vmlinuz-6.11.4-301.fc41.x86_64\"\n"
		       "args=\"ro rhgb quiet\"\nroot=\"UUID=U\"\n"
		       "initrd=\"/boot/initramfs-6.11.4-301.fc41.x86_64.img\"\n"
		       "title=\"Fedora Linux (6.11.4-301.fc41.x86_64) 41\"\nid=\"m-6.11.4\"\n",
		       0},
		{"grubby --set-default=/boot/vmlinuz-6.11.4-301.fc41.x86_64", NULL, 0});
	assert_int_equal(keeper->read(s->ctx, s->path, &work, &home, NULL), 0);
	assert_string_equal(home.title, "Fedora Linux (6.11.4-301.fc41.x86_64) 41");
	assert_string_equal(
		home.boots, "/boot/vmlinuz-6.11.4-301.fc41.x86_64 root=UUID=U ro rhgb quiet");
	assert_int_equal(keeper->pin(s->path, &work, &home, NULL), 0);
	expect_no_more();
	close(work.log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(the_default_entry_is_found_as_grub_finds_it),
		scratch_test(an_entry_with_a_name_of_its_own_stands_for_home),
		scratch_test(debians_pin_is_a_file),
		scratch_test(opensuses_pin_is_the_saved_entry),
		scratch_test(fedoras_pin_is_grubbys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
