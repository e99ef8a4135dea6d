/* SPDX-License-Identifier: MIT */
/* Keeping home, preparing and taking back, on machines that are directories with programs that are
 * listened to. */
#include "tests/unit/plans.h"
#include "tests/unit/programs.h"

#include <errno.h>

#include "distributions/prepare.h"
#include "grub-hooks/menu.h"

#define APT                                                                                        \
	"env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -o "                \
	"Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "

/* As Debian makes it once Xen and an RT kernel are there: the submenus of Linux and of Xen have the
 * same id, and Xen's package has made its entry the default. */
#define LINUX_ENTRIES                                                                              \
	"menuentry 'Debian' --class os $menuentry_id_option 'gnulinux-simple-U' {\n"               \
	"\tif [ x$feature = xy ]; then\n\t  search --set=root U\n\tfi\n"                           \
	"\tlinux\t/boot/vmlinuz-%s root=UUID=U ro quiet \n\tinitrd\t/boot/initrd\n}\n"             \
	"submenu 'Advanced options' $menuentry_id_option 'gnulinux-advanced-U' {\n"                \
	"\tmenuentry 'RT' --class os $menuentry_id_option 'gnulinux-6.1-rt-advanced-U' {\n"        \
	"\t\tlinux\t/boot/vmlinuz-6.1-rt root=UUID=U ro quiet\n\t}\n"                              \
	"\tmenuentry 'Linux 6.1' --class os $menuentry_id_option 'gnulinux-6.1-advanced-U' {\n"    \
	"\t\tlinux\t/boot/vmlinuz-6.1 root=UUID=U ro quiet\n\t}\n"                                 \
	"\tmenuentry 'Linux 6.1 (recovery)' $menuentry_id_option 'gnulinux-6.1-recovery-U' {\n"    \
	"\t\tlinux\t/boot/vmlinuz-6.1 root=UUID=U ro single\n\t}\n"                                \
	"}\n"
#define XEN_ENTRIES                                                                                \
	"menuentry 'Debian, with Xen' $menuentry_id_option 'xen-gnulinux-simple-U' {\n"            \
	"\tmultiboot2\t/boot/xen.gz placeholder\n"                                                 \
	"\tmodule2\t/boot/vmlinuz-6.1 placeholder root=UUID=U ro quiet\n"                          \
	"\tmodule2 --nounzip /boot/initrd\n}\n"                                                    \
	"submenu 'Advanced options, Xen' $menuentry_id_option 'gnulinux-advanced-U' {\n"           \
	"\tmenuentry 'Xen 6.1' $menuentry_id_option 'xen-gnulinux-6.1-advanced-U' {\n"             \
	"\t\tmultiboot2\t/boot/xen.gz placeholder\n"                                               \
	"\t\tmodule2\t/boot/vmlinuz-6.1 placeholder root=UUID=U ro quiet\n\t}\n"                   \
	"}\n"
#define HEADER(preset)                                                                             \
	"function savedefault {\n\tsave_env saved_entry\n}\n"                                      \
	"if [ \"${next_entry}\" ] ; then\n   set default=\"${next_entry}\"\nelse\n"                \
	"   set default=\"" preset "\"\nfi\n"

static const char *default_of(struct scratch *s, const char *text, const char *saved)
{
	struct menu menu = menu_parse(s->ctx, text);
	int entry = menu_default(&menu, saved);

	return entry < 0 ? "" : menu_path(s->ctx, &menu, entry);
}

static char *entries(struct scratch *s, const char *header, const char *newest)
{
	return talloc_asprintf(s->ctx, "%s" LINUX_ENTRIES "%s", header, newest, XEN_ENTRIES);
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

static char **list_of(void *ctx, const char *one, const char *two)
{
	char **list = talloc_zero_array(ctx, char *, 3);

	list[0] = one ? talloc_strdup(list, one) : NULL;
	list[1] = two ? talloc_strdup(list, two) : NULL;
	return list;
}

static void what_is_ours_is_remembered(void **state)
{
	struct scratch *s = *state;
	char **installed = list_of(s->ctx, "bash", "new");
	struct prepared *back,
		prepared = {
			.home = {(char *)"T", (char *)"E", (char *)"B", (char *)"0", false},
			.pinned = true,
			.under_way = true,
			.before = list_of(s->ctx, "bash", NULL),
			.asked = list_of(s->ctx, "xen", NULL),
			.came = list_of(s->ctx, "gone", NULL),
		};
	struct err err = {""};
	char *text;
	size_t size;

	assert_int_equal(prepared_load(s->ctx, s->fd, &back, NULL), -ENOENT);
	assert_int_equal(prepared_save(s->fd, &prepared, NULL), 0);
	assert_int_equal(prepared_load(s->ctx, s->fd, &back, NULL), 0);
	assert_string_equal(back->home.entry, "E");
	assert_true(back->pinned && back->under_way);
	assert_string_equal(back->asked[0], "xen");
	/* Cut short: what is new is ours. What came and is gone already is nobody's. */
	char **ours = prepared_packages(s->ctx, back, installed);
	assert_string_equal(ours[0], "new");
	assert_null(ours[1]);
	/* In the end: what a person has installed since is not. */
	back->under_way = false;
	assert_null(prepared_packages(s->ctx, back, installed)[0]);
	assert_int_equal(file_read(s->ctx, s->fd, PREPARED_FILE, 1 << 16, &text, &size, NULL), 0);
	*strstr(text, "bash") = 'd';
	assert_int_equal(file_write(s->fd, PREPARED_FILE, text, size, NULL), 0);
	assert_int_equal(prepared_load(s->ctx, s->fd, &back, &err), -EBADMSG);
}

/* --- a Debian of three packages -------------------------------------------------------------- */

#define SHOW                                                                                       \
	"dpkg-query --admindir=%s/var/lib/dpkg --show --showformat=${binary:Package}\t${db:Status-Status}\n"
#define OLD "bash\tinstalled\nlinux-image-6.1\tinstalled\n"
#define CAME "linux-image-6.1-rt\tinstalled\nlinux-image-rt-amd64\tinstalled\nrt-tests\tinstalled\n"

static struct plan *read_plan(struct scratch *s)
{
	return make_plan(s, "night",
		"setups = { kvm-rt = {}; };\n"
		"experiments = { one = { place = \"host\"; duration = \"1m\"; }; };\n");
}

static void make_debian(struct scratch *s)
{
	assert_int_equal(setenv("LATCAMPAIGN_DATADIR", "dist", 1), 0);
	scratch_file(s, "etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=Debian\n");
	scratch_file(s, "boot/grub/grub.cfg", entries(s, HEADER("0"), "6.1"));
	scratch_file(s, "usr/bin/gnuplot", "");
	assert_int_equal(directory_make(s->fd, "store", NULL), 0);
}

static struct preparation *look_at(struct scratch *s, int store)
{
	struct preparation *preparation = NULL;
	struct err err = {""};

	if (prepare_look(s->ctx, read_plan(s), s->path, store, &preparation, &err) < 0)
		fail_msg("%s", err.text);
	return preparation;
}

static void tell_nobody(void *argument, unsigned step, unsigned steps, const char *text,
	unsigned done, unsigned total)
{
	unsigned *count = argument;

	(void)done;
	(void)total;
	assert_true(step <= steps || step == 0);
	assert_true(*text);
	(*count)++;
}

static int do_it(struct scratch *s, int store, struct err *err)
{
	unsigned count = 0;
	struct preparation *preparation = look_at(s, store);
	int r = prepare_do(preparation, store, tell_nobody, &count, err);

	assert_true(count > 0);
	talloc_free(preparation);
	return r;
}

static struct unpreparation *look_back(struct scratch *s, int store)
{
	struct unpreparation *unpreparation = NULL;
	struct err err = {""};

	if (unprepare_look(s->ctx, s->path, store, &unpreparation, &err) < 0)
		fail_msg("%s", err.text);
	return unpreparation;
}

static const struct call *calls_of_a_whole_round(struct scratch *s)
{
	static struct call calls[8];
	const char *show = talloc_asprintf(s->ctx, SHOW, s->path);

	calls[0] = (struct call){show, OLD, 0};
	calls[1] = (struct call){"update-grub", NULL, 0};
	calls[2] = (struct call){APT "-o APT::Update::Error-Mode=any update",
		"E: Failed to fetch http://x  Temporary failure resolving\n", 100};
	calls[3] = (struct call){APT
		"-o APT::Keep-Downloaded-Packages=false --no-install-recommends --yes install "
		"linux-image-rt-amd64 rt-tests",
		NULL, 0};
	calls[4] = (struct call){"update-grub", NULL, 0};
	calls[5] = (struct call){show, OLD CAME, 0};
	calls[6] = (struct call){NULL, NULL, 0};
	return calls;
}

static void a_bare_machine_is_prepared_and_put_back(void **state)
{
	struct scratch *s = *state;
	autoclose int store = -1;
	struct err err = {""};
	unsigned count = 0;

	make_debian(s);
	store = openat(s->fd, "store", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	expected_calls = calls_of_a_whole_round(s);
	if (do_it(s, store, &err) < 0)
		fail_msg("%s", err.text);
	expect_no_more();
	assert_true(file_exists(s->fd, "etc/default/grub.d/zz-latcampaign.cfg"));

	expect({talloc_asprintf(s->ctx, SHOW, s->path), OLD CAME "later\tinstalled\n", 0},
		{NULL, NULL, 0});
	struct unpreparation *back = look_back(s, store);
	expect({APT "--simulate purge linux-image-6.1-rt linux-image-rt-amd64 rt-tests", NULL, 0},
		{APT "--yes purge linux-image-6.1-rt linux-image-rt-amd64 rt-tests", NULL, 0},
		{"update-grub", NULL, 0});
	scratch_file(s, "var/cache/latcampaign/kernels/x", "");
	assert_int_equal(unprepare_do(back, tell_nobody, &count, NULL), 0);
	expect_no_more();
	assert_false(file_exists(s->fd, "etc/default/grub.d/zz-latcampaign.cfg"));
	assert_false(file_exists(s->fd, "var/cache/latcampaign"));
	assert_false(file_exists(store, PREPARED_FILE));
	assert_false(file_exists(store, PREPARED_LOG));
	assert_int_equal(unprepare_look(s->ctx, s->path, store, &back, NULL), -ENOENT);
}

/* apt fails in the middle; the next round knows what was there before the first. */
static void a_round_that_was_cut_short_goes_on(void **state)
{
	struct scratch *s = *state;
	const char *show = talloc_asprintf(s->ctx, SHOW, s->path);
	const char *const repair = "env DEBIAN_FRONTEND=noninteractive dpkg --force-confdef "
				   "--force-confold --configure --pending";
	const struct call *whole = calls_of_a_whole_round(s);
	autoclose int store = -1;
	struct err err = {""};
	struct prepared *prepared;

	make_debian(s);
	store = openat(s->fd, "store", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	expect(whole[0], whole[1], whole[2],
		{whole[3].argv, "E: Failed to fetch http://x/rt-tests.deb  Temporary failure\n",
			100});
	assert_int_equal(do_it(s, store, &err), -ENETUNREACH);
	assert_non_null(strstr(err.text, "connect the machine to the network"));
	expect_no_more();

	expect({repair, NULL, 0}, whole[1], whole[2], whole[3], whole[4], {show, OLD CAME, 0});
	assert_int_equal(do_it(s, store, NULL), 0);
	expect_no_more();
	assert_int_equal(prepared_load(s->ctx, store, &prepared, NULL), 0);
	assert_string_equal(prepared->came[0], "linux-image-6.1-rt");
	assert_false(prepared->under_way);
}

/* update-grub makes another entry the default in spite of the pin: nothing is installed then. */
static void a_default_that_does_not_stay_is_an_error(void **state)
{
	struct scratch *s = *state;
	const struct call *whole = calls_of_a_whole_round(s);
	autoclose int store = -1;
	struct err err = {""};
	unsigned count = 0;

	make_debian(s);
	store = openat(s->fd, "store", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct preparation *preparation = look_at(s, store);
	scratch_file(s, "boot/grub/grub.cfg", entries(s, HEADER("Debian, with Xen"), "6.1"));
	expect(whole[0], whole[1]);
	assert_int_equal(prepare_do(preparation, store, tell_nobody, &count, &err), -EXDEV);
	assert_non_null(strstr(err.text, "the machine boots \"Debian, with Xen\" by default"));
	expect_no_more();
}

static void secure_boot_refuses_what_nobody_signed(void **state)
{
	struct scratch *s = *state;
	struct complaints complaints = {0};
	const char *variable = "sys/firmware/efi/efivars/"
			       "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";

	make_debian(s);
	expect({NULL, NULL, 0});
	struct preparation *preparation = look_at(s, -1);
	assert_int_equal(preparation->helpless.count, 1);
	assert_non_null(strstr(preparation->helpless.lines[0], "latcampaign.service"));
	scratch_file(s, variable, "");
	assert_int_equal(file_write(s->fd, variable, "\6\0\0\0\1", 5, NULL), 0);
	prepare_refuse(s->ctx, preparation, &complaints);
	assert_int_equal(complaints.count, 0); /* the distribution's kernel is signed */
	preparation->missing->unsigned_parts = true;
	prepare_refuse(s->ctx, preparation, &complaints);
	assert_int_equal(complaints.count, 1);
	assert_non_null(strstr(complaints.lines[0], "Secure Boot is on"));
	assert_int_equal(file_write(s->fd, variable, "\6\0\0\0\0", 5, NULL), 0);
	complaints = (struct complaints){0};
	preparation->estimate.disk = (int64_t)1 << 50;
	prepare_refuse(s->ctx, preparation, &complaints);
	assert_int_equal(complaints.count, 1);
	assert_non_null(strstr(complaints.lines[0], "MiB free, and the packages take"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(the_default_entry_is_found_as_grub_finds_it),
		scratch_test(an_entry_with_a_name_of_its_own_stands_for_home),
		scratch_test(debians_pin_is_a_file),
		scratch_test(opensuses_pin_is_the_saved_entry),
		scratch_test(fedoras_pin_is_grubbys),
		scratch_test(what_is_ours_is_remembered),
		scratch_test(a_bare_machine_is_prepared_and_put_back),
		scratch_test(a_round_that_was_cut_short_goes_on),
		scratch_test(a_default_that_does_not_stay_is_an_error),
		scratch_test(secure_boot_refuses_what_nobody_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
