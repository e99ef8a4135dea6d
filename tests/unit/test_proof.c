/* SPDX-License-Identifier: MIT */
/* The identity of a boot, asked and found, on machines that are directories. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "statemachine/proof.h"

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
	static char *no_words[] = {NULL};

	return (struct setup){
		.name = (char *)"kvm-rt",
		.kernel = {.release = (char *)"6.1-rt", .rt = true},
		.cmdline = (char *)"isolcpus=1",
		.hypervisor_cmdline = (char *)"",
		.tuning = no_words,
		.ratelimit_us = -1,
		.base_cmdline = (char *)"root=UUID=1 ro",
	};
}

static void a_boot_that_is_what_was_asked_has_no_difference(void **state)
{
	struct scratch *s = *state;
	struct setup setup = rt_setup();
	struct identity *found, *asked = identity_asked(s->ctx, &setup, "0011223344556677");

	make_boot(s,
		"BOOT_IMAGE=/boot/vmlinuz-6.1-rt root=UUID=1  ro isolcpus=1 panic=30 oops=panic "
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

	expect_difference(
		s, "root=UUID=1 ro isolcpus=1 panic=30 oops=panic", false, "token: asked");
	expect_difference(s,
		"root=UUID=1 ro isolcpus=1 panic=30 oops=panic xlatcampaign.token=0011223344556677",
		false, "token: asked");
	expect_difference(s,
		"root=UUID=1 ro isolcpus=2 panic=30 oops=panic latcampaign.token=0011223344556677",
		false, "cmdline: asked");
	expect_difference(s,
		"root=UUID=1 ro isolcpus=1 panic=30 oops=panic latcampaign.token=0011223344556677",
		false, "PREEMPT_RT: asked yes, found no");
	make_boot(s, "", true);
	scratch_file(s, "sys/hypervisor/type", "kvm\n");
	expect_difference(s,
		"root=UUID=1 ro isolcpus=1 panic=30 oops=panic latcampaign.token=0011223344556677",
		true, "hypervisor: asked \"none\", found \"kvm\"");
}

static void under_xen_more_is_asked(void **state)
{
	struct scratch *s = *state;
	struct setup setup = rt_setup();

	setup.hypervisor = HYPERVISOR_XEN;
	setup.hypervisor_version = (char *)"4.17";
	setup.hypervisor_cmdline = (char *)" dom0_mem=2G   sched=credit2";
	struct identity *found, *asked = identity_asked(s->ctx, &setup, "t");
	assert_string_equal(asked->hypervisor, "xen");
	assert_string_equal(asked->hypervisor_version, "4.17");
	assert_string_equal(asked->hypervisor_cmdline, "dom0_mem=2G sched=credit2");
	/* No xl answers here: that has to count as a difference, not as an error. */
	make_boot(s, "", true);
	scratch_file(s, "sys/hypervisor/type", "xen\n");
	assert_int_equal(identity_found(s->ctx, s->fd, &found, NULL), -ENOENT);
	scratch_file(s, "sys/hypervisor/version/major", "4\n");
	scratch_file(s, "sys/hypervisor/version/minor", "17\n");
	assert_int_equal(identity_found(s->ctx, s->fd, &found, NULL), 0);
	assert_string_equal(found->hypervisor_version, "4.17");
	assert_int_equal(strncmp(found->hypervisor, "xen, and xl", 11), 0);
	assert_non_null(identity_difference(s->ctx, asked, found));
}

/* An xl that answers as Debian 12's does under a Xen of two CPUs. */
static void make_xl(struct scratch *s, const char *scheduler, const char *affinity)
{
	char *path = talloc_asprintf(s->ctx, "%s/bin:%s", s->path, getenv("PATH"));
	char *script = talloc_asprintf(s->ctx,
		"#!/bin/sh\n"
		"case \"$*\" in\n"
		"list) ;;\n"
		"info) cat <<END\n"
		"host                   : rehearsal\n"
		"nr_cpus                : 2\n"
		"xen_version            : 4.17.5\n"
		"xen_scheduler          : %s\n"
		"xen_commandline        : placeholder dom0_mem=2G sched=null sched_ratelimit_us=0 "
		"dom0_max_vcpus=2 dom0_vcpus_pin=1\n"
		"END\n;;\n"
		"'sched-credit2 -s') echo 'Cpupool Pool-0: ratelimit=0us' ;;\n"
		"'vcpu-list 0') cat <<END\n"
		"Name                                ID  VCPU   CPU State   Time(s) Affinity (Hard "
		"/ Soft)\n"
		"Domain-0                             0     0    0   r--      12.1  %s / all\n"
		"Domain-0                             0     1    1   -b-      11.7  1 / all\n"
		"END\n;;\n"
		"*) exit 1 ;;\n"
		"esac\n",
		scheduler, affinity);

	scratch_file(s, "bin/xl", script);
	assert_int_equal(fchmodat(s->fd, "bin/xl", 0755, 0), 0);
	setenv("PATH", path, 1);
}

static struct setup xen_setup(void)
{
	struct setup setup = rt_setup();

	setup.hypervisor = HYPERVISOR_XEN;
	setup.hypervisor_version = (char *)"4.17";
	setup.hypervisor_cmdline = (char *)"dom0_mem=2G";
	setup.scheduler = SCHEDULER_NULL;
	setup.ratelimit_us = 0;
	setup.dom0_vcpus = 2;
	setup.dom0_pin = TOGGLE_ON;
	return setup;
}

static struct identity *find_xen(struct scratch *s, const char *scheduler, const char *affinity)
{
	struct identity *found;
	const char *path = getenv("PATH");
	struct err err = {""};

	make_boot(s,
		"root=UUID=1 ro isolcpus=1 panic=30 oops=panic "
		"latcampaign.token=0011223344556677\n",
		true);
	scratch_file(s, "sys/hypervisor/type", "xen\n");
	scratch_file(s, "sys/hypervisor/version/major", "4\n");
	scratch_file(s, "sys/hypervisor/version/minor", "17\n");
	path = talloc_strdup(s->ctx, path);
	make_xl(s, scheduler, affinity);
	if (identity_found(s->ctx, s->fd, &found, &err) < 0)
		fail_msg("%s", err.text);
	setenv("PATH", path, 1);
	return found;
}

/* A release build of Xen has no null scheduler: it takes its default and says nothing. The command
 * line is what was asked, every word of it. */
static void a_scheduler_that_falls_back_is_found(void **state)
{
	struct scratch *s = *state;
	struct setup setup = xen_setup();
	struct identity *asked = identity_asked(s->ctx, &setup, "0011223344556677");
	struct identity *found = find_xen(s, "credit2", "0");

	assert_string_equal(asked->hypervisor_cmdline, found->hypervisor_cmdline);
	assert_string_equal(identity_difference(s->ctx, asked, found),
		"scheduler: asked \"null\", found \"credit2\"");
	setup.scheduler = SCHEDULER_CREDIT2;
	asked = identity_asked(s->ctx, &setup, "0011223344556677");
	assert_string_equal(asked->hypervisor_cmdline,
		"dom0_mem=2G sched=credit2 sched_ratelimit_us=0 dom0_max_vcpus=2 dom0_vcpus_pin=1");
	asked->hypervisor_cmdline = found->hypervisor_cmdline;
	assert_null(identity_difference(s->ctx, asked, found));
}

static void what_dom0_was_asked_to_be_is_read_back(void **state)
{
	struct scratch *s = *state;
	struct setup setup = xen_setup();
	struct identity *asked = identity_asked(s->ctx, &setup, "0011223344556677");
	struct identity *found = find_xen(s, "null", "0-1");

	assert_string_equal(
		identity_difference(s->ctx, asked, found), "ratelimit_us: asked \"0\", found \"\"");
	asked->ratelimit_us = (char *)"";
	assert_string_equal(identity_difference(s->ctx, asked, found),
		"dom0_pin: asked \"pinned\", found \"free\"");
	asked->dom0_pin = (char *)"";
	assert_null(identity_difference(s->ctx, asked, found));
	asked->dom0_vcpus = (char *)"1";
	assert_string_equal(
		identity_difference(s->ctx, asked, found), "dom0_vcpus: asked \"1\", found \"2\"");
	/* A home that was kept before there were such members. */
	json_t *json = identity_to_json(found);
	json_object_del(json, "scheduler");
	assert_int_equal(identity_from_json(s->ctx, json, &asked, NULL), 0);
	assert_null(identity_difference(s->ctx, asked, found));
	json_decref(json);
}

static void knobs_of_the_boot_are_words_of_the_command_line(void **state)
{
	struct scratch *s = *state;
	char *tuning[] = {
		(char *)"nohz_full=1", (char *)"governor=performance", (char *)"nosmt=on", NULL};
	struct setup setup = rt_setup();

	setup.tuning = tuning;
	assert_string_equal(identity_asked(s->ctx, &setup, "t")->cmdline,
		"root=UUID=1 ro nohz_full=1 nosmt isolcpus=1 panic=30 oops=panic "
		"latcampaign.token=t");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(a_boot_that_is_what_was_asked_has_no_difference),
		scratch_test(every_difference_is_found),
		scratch_test(under_xen_more_is_asked),
		scratch_test(a_scheduler_that_falls_back_is_found),
		scratch_test(what_dom0_was_asked_to_be_is_read_back),
		scratch_test(knobs_of_the_boot_are_words_of_the_command_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
