/* SPDX-License-Identifier: MIT */
/* What distributions call things, and how their package managers are called. */
#include "tests/unit/programs.h"

#include <errno.h>

#include "distributions/distribution.h"
#include "distributions/os-release.h"

#define APT                                                                                        \
	"env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -o "                \
	"Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "
#define DNF "dnf --setopt=exit_on_lock=True --setopt=install_weak_deps=False "
#define ZYPPER "env ZYPP_LOCK_TIMEOUT=300 zypper --non-interactive "
#define RPM_FORMAT "%{NAME} %{VERSION}-%{RELEASE}.%{ARCH}\\n"

static struct distribution *find(struct scratch *s, const char *recorded, int expected)
{
	struct distribution *distribution = NULL;
	struct err err = {""};
	char *path = talloc_asprintf(s->ctx, "tests/unit/data/os-release/%s", recorded), *text;

	assert_int_equal(setenv("LATCAMPAIGN_DATADIR", "dist", 1), 0);
	assert_int_equal(file_read(s->ctx, AT_FDCWD, path, 1 << 16, &text, NULL, NULL), 0);
	scratch_file(s, "etc/os-release", text);
	int r = distribution_find(s->ctx, s->fd, &distribution, &err);
	if (r != expected)
		fail_msg("%s: %d: %s", recorded, r, err.text);
	return distribution;
}

static void os_release_is_read_as_a_shell_would(void **state)
{
	struct scratch *s = *state;
	struct os_release os = os_release_parse(s->ctx,
		"VERSION_ID='12'\nID=\"a\\\"b\"\n#ID=c\nID_LIKE=\"x y\"\nPRETTY_NAME=plain\n");

	assert_string_equal(os.id, "a\"b");
	assert_string_equal(os.like, "x y");
	assert_string_equal(os.version, "12");
	assert_string_equal(os.name, "plain");
	os = os_release_parse(s->ctx, "XID=1");
	assert_string_equal(os.id, "linux");
	assert_string_equal(os.version, "");
}

static void each_distribution_is_found_by_its_own_file(void **state)
{
	static const struct {
		const char *recorded, *name, *manager, *home;
	} known[] = {
		{"debian-12", "debian", "apt", "file"},
		{"ubuntu-22.04", "ubuntu", "apt", "file"},
		{"ubuntu-24.04", "ubuntu", "apt", "file"},
		{"fedora-41", "fedora", "dnf", "grubby"},
		{"rocky-9", "fedora", "dnf", "grubby"},
		{"opensuse-leap-15.6", "opensuse", "zypper", "saved"},
		{"opensuse-tumbleweed", "opensuse", "zypper", "saved"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct distribution *distribution = find(*state, known[i].recorded, 0);
		assert_string_equal(distribution->name, known[i].name);
		assert_string_equal(distribution->manager->name, known[i].manager);
		assert_string_equal(distribution->home->name, known[i].home);
	}
	find(*state, "arch", -ENOTSUP);
}

static void expect_packages(
	struct distribution *distribution, const char *need, const char *expected)
{
	char **names, *line = talloc_strdup(distribution, "");
	struct err err = {""};

	int r = distribution_packages(distribution, need, &names, &err);
	for (; r == 0 && *names; names++)
		line = talloc_asprintf_append(line, "%s%s", *line ? " " : "", *names);
	assert_string_equal(r == 0 ? line : err.text, expected);
}

static void needs_become_packages_of_the_distributions_names(void **state)
{
	struct distribution *debian = find(*state, "debian-12", 0);
	struct distribution *fedora = find(*state, "fedora-41", 0);
	struct distribution *suse = find(*state, "opensuse-leap-15.6", 0);

	expect_packages(debian, "rt-kernel", "linux-image-rt-amd64");
	expect_packages(debian, "xl", "xen-system-amd64");
	expect_packages(debian, "kernel-source:linux-source-6.12", "linux-source-6.12");
	expect_packages(debian, "rtla", "rtla");
	expect_packages(
		find(*state, "ubuntu-24.04", 0), "rtla", "linux-tools-common linux-tools-generic");
	expect_packages(find(*state, "ubuntu-22.04", 0), "xen-hvm", "qemu-system-x86-xen");
	expect_packages(find(*state, "ubuntu-24.04", 0), "xen-hvm", "qemu-system-xen");
	expect_packages(fedora, "cyclictest", "realtime-tests");
	expect_packages(fedora, "rt-kernel",
		"Fedora Linux 41 (Server Edition) has no package for rt-kernel");
	expect_packages(fedora, "kernel-source:linux-source-6.12",
		"Fedora Linux 41 (Server Edition) has no package for kernel-source:linux-source-6.12");
	expect_packages(suse, "xen", "xen xen-tools");
	expect_packages(suse, "rt-kernel", "kernel-rt");
}

/* Whatever the product may ask for has an entry in every distribution. */
static void every_distribution_knows_every_need(void **state)
{
	static const char *const all[] = {"debian-12", "ubuntu-24.04", "fedora-41",
		"opensuse-leap-15.6", "opensuse-tumbleweed"};
	static const char *const needs[] = {"nrt-kernel", "rt-kernel", "xen", "xl", "xen-hvm",
		"qemu-system-x86_64", "cyclictest", "hackbench", "busybox", "gnuplot", "stress-ng",
		"rtla", "git", "make", "gcc", "flex", "bison", "bc", "xz", "kernel-build",
		"kernel-build-host"};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct distribution *distribution = find(*state, all[i], 0);
		for (size_t n = 0; n < sizeof(needs) / sizeof(*needs); n++) {
			bool found = false;
			for (unsigned k = 0; k < distribution->need_count; k++)
				found = found || strcmp(distribution->needs[k].name, needs[n]) == 0;
			if (!found)
				fail_msg("%s has no entry for %s", all[i], needs[n]);
		}
	}
}

static struct work open_work(struct scratch *s)
{
	struct work work = {0};

	assert_int_equal(work_open(s->fd, "log", "/the/log", &work, NULL), 0);
	return work;
}

static char *const names[] = {(char *)"xen", (char *)"/tmp/a.deb", NULL};

static void apt_is_called_so_that_nobody_is_asked(void **state)
{
	struct scratch *s = *state;
	const struct package_manager *apt = package_manager_get("apt");
	struct work work = open_work(s);
	struct estimate estimate;
	char **list, *owner;

	expect({APT "-o APT::Update::Error-Mode=any update", NULL, 0},
		{APT "--no-install-recommends --print-uris --yes install xen /tmp/a.deb",
			"Need to get 4872 kB/6616 kB of archives.\n"
			"After this operation, 28.7 MB of additional disk space will be used.\n",
			0},
		{APT "-o APT::Keep-Downloaded-Packages=false --no-install-recommends --no-remove "
		     "--yes install xen /tmp/a.deb",
			NULL, 0},
		{"env DEBIAN_FRONTEND=noninteractive dpkg --force-confdef --force-confold "
		 "--configure --pending",
			NULL, 0},
		{"dpkg-query --admindir=/var/lib/dpkg --show "
		 "--showformat=${binary:Package}\t${db:Status-Status}\n",
			"xen\tinstalled\nold\tconfig-files\nlibc6:amd64\tinstalled\n"
			"half\thalf-configured\ngone\tnot-installed\n",
			0},
		{"dpkg-query --search /boot/vmlinuz-6.1", "linux-image-6.1: /boot/vmlinuz-6.1\n",
			0},
		{"dpkg-query --search /boot/own", "dpkg-query: no path found\n", 1});
	assert_int_equal(apt->refresh(&work, NULL), 0);
	assert_int_equal(apt->estimate(&work, names, &estimate, NULL), 0);
	assert_int_equal(estimate.download, 4872000);
	assert_int_equal(estimate.disk, 28700000);
	assert_int_equal(apt->install(&work, names, NULL), 0);
	assert_int_equal(apt->repair(&work, NULL), 0);
	assert_int_equal(apt->installed(s->ctx, "", &list, NULL), 0);
	assert_string_equal(list[0], "half");
	assert_string_equal(list[1], "libc6:amd64");
	assert_string_equal(list[2], "xen");
	assert_null(list[3]);
	assert_int_equal(apt->owner(s->ctx, "/boot/vmlinuz-6.1", &owner, NULL), 0);
	assert_string_equal(owner, "linux-image-6.1");
	assert_int_equal(apt->owner(s->ctx, "/boot/own", &owner, NULL), -ENOENT);
	expect_no_more();
	close(work.log);
}

static void apt_removes_what_is_named_and_nothing_else(void **state)
{
	char *const ours[] = {(char *)"xen", (char *)"libyajl2:amd64", NULL};
	const struct package_manager *apt = package_manager_get("apt");
	struct work work = open_work(*state);
	struct err err = {""};

	expect({APT "--simulate purge xen libyajl2:amd64", "Purg xen [4.17]\nPurg libyajl2 [2.1]\n",
		       0},
		{APT "--yes purge xen libyajl2:amd64", NULL, 0});
	assert_int_equal(apt->remove(&work, ours, NULL), 0);
	expect_no_more();
	expect({APT "--simulate purge xen libyajl2:amd64",
		"Purg xen [4.17]\nRemv virt-tool [1] \nPurg libyajl2 [2.1]\n", 0});
	assert_int_equal(apt->remove(&work, ours, &err), -EBUSY);
	assert_non_null(strstr(err.text, "the package virt-tool, which was installed later"));
	expect_no_more();
	close(work.log);
}

static void dnf_and_rpm_are_called_so_that_nobody_is_asked(void **state)
{
	struct scratch *s = *state;
	const struct package_manager *dnf = package_manager_get("dnf");
	char *const installed[] = {
		(char *)"kernel-core 6.11.4-301.fc41.x86_64", (char *)"xen 4.19-1.x86_64", NULL};
	struct work work = open_work(s);
	struct estimate estimate;
	char **list, *owner;

	expect({DNF "makecache", NULL, 0},
		{DNF "--assumeno install xen /tmp/a.deb",
			"Total size of inbound packages is 117 MiB. Need to download 17 MiB.\n"
			"After this operation, 1 GiB extra will be used (install 1 GiB, remove 0 B).\n"
			"Operation aborted by the user.\n",
			1},
		{DNF "--assumeno install xen /tmp/a.deb",
			"Total download size: 12 M\nInstalled size: 4.5 k\nOperation aborted.\n",
			1},
		{DNF "--assumeyes install xen /tmp/a.deb", NULL, 0},
		{"rpm --root / --query --all --queryformat " RPM_FORMAT,
			"xen 4.19-1.x86_64\nbash 5.2-1.x86_64\n", 0},
		{"rpm --query --queryformat " RPM_FORMAT " --file /boot/vmlinuz",
			"kernel-core 6.11.4-301.fc41.x86_64\n", 0},
		{"rpm --erase kernel-core-6.11.4-301.fc41.x86_64 xen-4.19-1.x86_64", NULL, 0});
	assert_int_equal(dnf->refresh(&work, NULL), 0);
	assert_int_equal(dnf->estimate(&work, names, &estimate, NULL), 0);
	assert_int_equal(estimate.download, 17 << 20);
	assert_int_equal(estimate.disk, 1 << 30);
	assert_int_equal(dnf->estimate(&work, names, &estimate, NULL), 0);
	assert_int_equal(estimate.download, 12 << 20);
	assert_int_equal(estimate.disk, 4608);
	assert_int_equal(dnf->install(&work, names, NULL), 0);
	assert_int_equal(dnf->installed(s->ctx, "", &list, NULL), 0);
	assert_string_equal(list[0], "bash 5.2-1.x86_64");
	assert_int_equal(dnf->owner(s->ctx, "/boot/vmlinuz", &owner, NULL), 0);
	assert_string_equal(owner, installed[0]);
	assert_int_equal(dnf->remove(&work, installed, NULL), 0);
	expect_no_more();
	close(work.log);
}

static void zypper_is_called_so_that_nobody_is_asked(void **state)
{
	const struct package_manager *zypper = package_manager_get("zypper");
	struct work work = open_work(*state);
	struct estimate estimate;

	expect({ZYPPER "refresh", NULL, 0},
		{ZYPPER "install --no-recommends --dry-run xen /tmp/a.deb",
			"42 new packages to install.\nOverall download size: 13.7 MiB. Already cached: "
			"0 B. After the operation,\nadditional 33.3 MiB will be used.\n",
			0},
		{ZYPPER "install --no-recommends --auto-agree-with-licenses --allow-unsigned-rpm "
			"xen /tmp/a.deb",
			NULL, 0});
	assert_int_equal(zypper->refresh(&work, NULL), 0);
	assert_int_equal(zypper->estimate(&work, names, &estimate, NULL), 0);
	assert_int_equal(estimate.download, (int64_t)(13.7 * 1048576));
	assert_int_equal(estimate.disk, (int64_t)(33.3 * 1048576));
	assert_int_equal(zypper->install(&work, names, NULL), 0);
	expect_no_more();
	close(work.log);
}

/* What is in the way is one clear sentence, whoever met it. */
static void what_is_in_the_way_is_said(void **state)
{
	static const struct {
		const char *output, *says;
		int code;
	} cases[] = {
		{"E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 3 (apt)\n",
			"another package manager works on this machine", -EBUSY},
		{"Metadata already locked by 42\n", "another package manager", -EBUSY},
		{"System management is locked by the application with pid 1 (zypper).\n",
			"another package manager", -EBUSY},
		{"Err:1 http\nE: Failed to fetch http://x/y.deb  Temporary failure resolving\n",
			"a package could not be fetched (E: Failed to fetch http://x/y.deb",
			-ENETUNREACH},
		{"Curl error (6): Could not resolve hostname\n", "connect the machine",
			-ENETUNREACH},
		{"E: You don't have enough free space in /var/cache/apt/archives/.\n",
			"the disk is full", -ENOSPC},
		{"dpkg: error: dpkg frontend lock was locked by another process with pid 3\n"
		 "Note: removing the lock file is always wrong\n",
			"another package manager works on this machine (dpkg: error: dpkg frontend",
			-EBUSY},
		{"E: Unable to locate package linux-source-6.12\n",
			"no package source of this machine has it (E: Unable to locate package "
			"linux-source-6.12); enable one",
			-ENOENT},
		{"first\nthe last line\n\n", "the last line", -EIO},
	};
	const struct package_manager *apt = package_manager_get("apt");
	struct work work = open_work(*state);

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err err = {""};
		expect({APT "-o APT::Update::Error-Mode=any update", cases[i].output, 100});
		assert_int_equal(apt->refresh(&work, &err), cases[i].code);
		if (!strstr(err.text, cases[i].says))
			fail_msg("\"%s\" does not say \"%s\"", err.text, cases[i].says);
		expect_no_more();
	}
	close(work.log);
}

static void sizes_are_read_in_every_spelling(void **state)
{
	(void)state;
	assert_int_equal(manager_size("get 1,234 B of", "get "), 1234);
	assert_int_equal(manager_size("get 12.5 kB of", "get "), 12500);
	assert_int_equal(manager_size("get 2 KiB of", "get "), 2048);
	assert_int_equal(manager_size("get 2 GB", "get "), 2000000000);
	assert_int_equal(manager_size("get many", "get "), -1);
	assert_int_equal(manager_size("", "get "), -1);
	assert_int_equal(manager_size("get 999999999999999999999 GB", "get "), -1);
}

static void an_upgraded_package_did_not_come(void **state)
{
	struct scratch *s = *state;
	char *const before[] = {(char *)"bash 5.1", (char *)"kernel 6.1", NULL};
	char *const after[] = {(char *)"bash 5.2", (char *)"kernel 6.1", (char *)"kernel 6.2",
		(char *)"xen 4.17", NULL};
	char **came = packages_that_came(s->ctx, before, after);

	assert_string_equal(came[0], "kernel 6.2");
	assert_string_equal(came[1], "xen 4.17");
	assert_null(came[2]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(os_release_is_read_as_a_shell_would),
		scratch_test(each_distribution_is_found_by_its_own_file),
		scratch_test(needs_become_packages_of_the_distributions_names),
		scratch_test(every_distribution_knows_every_need),
		scratch_test(apt_is_called_so_that_nobody_is_asked),
		scratch_test(apt_removes_what_is_named_and_nothing_else),
		scratch_test(dnf_and_rpm_are_called_so_that_nobody_is_asked),
		scratch_test(zypper_is_called_so_that_nobody_is_asked),
		scratch_test(what_is_in_the_way_is_said),
		scratch_test(sizes_are_read_in_every_spelling),
		scratch_test(an_upgraded_package_did_not_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
