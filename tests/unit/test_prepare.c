/* SPDX-License-Identifier: MIT */
/* Preparing and taking back, on machines that are directories, with programs that are listened
 * to. */
#include "tests/unit/menus.h"
#include "tests/unit/plans.h"
#include "tests/unit/programs.h"

#include <errno.h>

#include "distributions/prepare.h"

#define APT                                                                                        \
	"env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -o "                \
	"Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "

#define REPAIR                                                                                     \
	"env DEBIAN_FRONTEND=noninteractive dpkg --force-confdef --force-confold --configure "     \
	"--pending"

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
#define BOOTS "/boot/vmlinuz-6.1 root=UUID=U ro quiet"
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
		"-o APT::Keep-Downloaded-Packages=false --no-install-recommends --no-remove --yes "
		"install linux-image-rt-amd64 rt-tests",
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
	expect({REPAIR, NULL, 0},
		{APT "--simulate purge linux-image-6.1-rt linux-image-rt-amd64 rt-tests", NULL, 0},
		{APT "--yes purge linux-image-6.1-rt linux-image-rt-amd64 rt-tests", NULL, 0},
		{"update-grub", NULL, 0},
		{talloc_asprintf(s->ctx, "rm -rf -- %s/var/cache/latcampaign", s->path), NULL, 0});
	scratch_file(s, "var/cache/latcampaign/kernels/x", "");
	assert_int_equal(unprepare_do(back, tell_nobody, &count, NULL), 0);
	expect_no_more();
	assert_false(file_exists(s->fd, "etc/default/grub.d/zz-latcampaign.cfg"));
	assert_false(file_exists(store, PREPARED_FILE));
	assert_false(file_exists(store, PREPARED_LOG));
	assert_int_equal(unprepare_look(s->ctx, s->path, store, &back, NULL), -ENOENT);
}

/* Killed in the middle: the next round knows what was there before the first. */
static void a_round_that_was_cut_short_goes_on(void **state)
{
	struct scratch *s = *state;
	const char *show = talloc_asprintf(s->ctx, SHOW, s->path);
	const struct call *whole = calls_of_a_whole_round(s);
	autoclose int store = -1;
	struct prepared *back,
		prepared = {
			.home = {(char *)"T", (char *)"E", (char *)BOOTS, (char *)"", false},
			.under_way = true,
			.before = list_of(s->ctx, "bash", "linux-image-6.1"),
			.asked = list_of(s->ctx, NULL, NULL),
			.came = list_of(s->ctx, NULL, NULL),
		};

	make_debian(s);
	store = openat(s->fd, "store", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(prepared_save(store, &prepared, NULL), 0);
	expect({REPAIR, NULL, 0}, whole[1], whole[2], whole[3], whole[4], {show, OLD CAME, 0});
	assert_int_equal(do_it(s, store, NULL), 0);
	expect_no_more();
	assert_int_equal(prepared_load(s->ctx, store, &back, NULL), 0);
	assert_string_equal(back->came[0], "linux-image-6.1-rt");
	assert_false(back->under_way);
}

/* apt fails in the middle; what a person installs before the next round stays a person's. */
static void a_round_that_failed_goes_on(void **state)
{
	struct scratch *s = *state;
	const char *show = talloc_asprintf(s->ctx, SHOW, s->path);
	const struct call *whole = calls_of_a_whole_round(s);
	autoclose int store = -1;
	struct err err = {""};
	struct prepared *prepared;

	make_debian(s);
	store = openat(s->fd, "store", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	expect(whole[0], whole[1], whole[2],
		{whole[3].argv, "E: Failed to fetch http://x/rt-tests.deb  Temporary failure\n",
			100},
		{show, OLD "rt-tests\tinstalled\n", 0});
	assert_int_equal(do_it(s, store, &err), -ENETUNREACH);
	assert_non_null(strstr(err.text, "connect the machine to the network"));
	expect_no_more();

	expect({REPAIR, NULL, 0}, {show, OLD "rt-tests\tinstalled\nby-hand\tinstalled\n", 0},
		whole[1], whole[2], whole[3], whole[4], {show, OLD CAME "by-hand\tinstalled\n", 0});
	assert_int_equal(do_it(s, store, NULL), 0);
	expect_no_more();
	assert_int_equal(prepared_load(s->ctx, store, &prepared, NULL), 0);
	assert_string_equal(prepared->came[0], "rt-tests");
	assert_string_equal(prepared->came[1], "linux-image-6.1-rt");
	assert_string_equal(prepared->came[2], "linux-image-rt-amd64");
	assert_null(prepared->came[3]);
	assert_false(prepared->under_way);
}

/* --- a package manager that is busy ----------------------------------------------------------- */

static unsigned turns;
static unsigned signal_after; /* so many turns comes one */

int __wrap_sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *timeout);
int __wrap_sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *timeout)
{
	(void)info;
	assert_true(sigismember(set, SIGINT) && sigismember(set, SIGTERM));
	if (timeout->tv_sec == 0)
		return -1;
	assert_int_equal(timeout->tv_sec, 10);
	return ++turns == signal_after ? SIGTERM : -1;
}

#define BUSY "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 3 (apt-get)\n"

/* apt-daily holds the lock of the lists, for which apt does not wait. */
static void the_lists_are_waited_for(void **state)
{
	struct scratch *s = *state;
	const struct call *whole = calls_of_a_whole_round(s);
	const struct call busy = {whole[2].argv, BUSY, 100};
	autoclose int store = -1;
	struct err err = {""};

	make_debian(s);
	store = openat(s->fd, "store", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	turns = signal_after = 0;
	expect(whole[0], whole[1], busy, busy, busy, whole[2], whole[3], whole[4], whole[5]);
	if (do_it(s, store, &err) < 0)
		fail_msg("%s", err.text);
	expect_no_more();
	assert_int_equal(turns, 3);
}

static void waiting_ends_with_a_signal(void **state)
{
	struct scratch *s = *state;
	const struct call *whole = calls_of_a_whole_round(s);
	const struct call busy = {whole[2].argv, BUSY, 100};
	autoclose int store = -1;
	struct err err = {""};

	make_debian(s);
	store = openat(s->fd, "store", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	turns = 0;
	signal_after = 2;
	expect(whole[0], whole[1], busy, busy, {whole[0].argv, OLD, 0});
	assert_int_equal(do_it(s, store, &err), -EINTR);
	assert_non_null(strstr(err.text, "interrupted; `latcampaign prepare` goes on"));
	expect_no_more();
	assert_int_equal(turns, 2);
}

/* Five minutes, as apt itself waits for dpkg. */
static void waiting_has_an_end(void **state)
{
	struct scratch *s = *state;
	const struct call *whole = calls_of_a_whole_round(s);
	struct call calls[40] = {whole[0], whole[1]};
	autoclose int store = -1;
	struct err err = {""};

	make_debian(s);
	store = openat(s->fd, "store", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	turns = signal_after = 0;
	for (unsigned i = 0; i < 31; i++)
		calls[2 + i] = (struct call){whole[2].argv, BUSY, 100};
	calls[33] = whole[0];
	expected_calls = calls;
	assert_int_equal(do_it(s, store, &err), -EBUSY);
	assert_non_null(strstr(err.text, "another package manager works on this machine"));
	expect_no_more();
	assert_int_equal(turns, 30);
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
	expect(whole[0], whole[1], whole[0]);
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
		scratch_test(what_is_ours_is_remembered),
		scratch_test(a_bare_machine_is_prepared_and_put_back),
		scratch_test(a_round_that_was_cut_short_goes_on),
		scratch_test(a_round_that_failed_goes_on),
		scratch_test(the_lists_are_waited_for),
		scratch_test(waiting_ends_with_a_signal),
		scratch_test(waiting_has_an_end),
		scratch_test(a_default_that_does_not_stay_is_an_error),
		scratch_test(secure_boot_refuses_what_nobody_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
