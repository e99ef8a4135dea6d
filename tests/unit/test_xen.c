/* SPDX-License-Identifier: MIT */
/*
 * Xen guests: their configuration, what xl prints, and that a domain is set up and read back before
 * its first instruction. xl is a script that knows only what it may be asked, and remembers it.
 */
#include "tests/unit/experiments.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "guests/guest.h"
#include "guests/xen-pool.h"
#include "guests/xen-shape.h"
#include "guests/xen.h"
#include "guests/xl.h"

#define DOMAIN "latcampaign-guest"

#define COMMON                                                                                     \
	"name = \"latcampaign-guest\"\ntype = \"pvh\"\n"                                           \
	"kernel = \"/boot/vmlinuz-6.1-rt\"\nramdisk = \"/run/guest.img\"\n"                        \
	"cmdline = \"console=hvc0 quiet\"\nmemory = 512\nvcpus = 2\n"                              \
	"on_poweroff = \"destroy\"\non_reboot = \"destroy\"\non_crash = \"destroy\"\n"

static void xl_gets_a_domain_that_ends_for_good(void **state)
{
	struct scratch *s = *state;
	struct experiment experiment = plain();
	struct guest guest = {.experiment = &experiment,
		.name = "guest",
		.cmdline = (char *)"console=hvc0 quiet",
		.directory = (char *)"/run",
		.image = (char *)"/run/guest.img"};

	assert_string_equal(xen_config(s->ctx, &guest), COMMON);
	experiment.hap = TOGGLE_OFF;
	assert_string_equal(xen_config(s->ctx, &guest), COMMON "hap = 0\n");
	experiment.hap = TOGGLE_DEFAULT;
	experiment.guest_type = GUEST_HVM;
	assert_non_null(strstr(xen_config(s->ctx, &guest), "serial = \"pty\""));
}

static void the_configuration_carries_the_shape(void **state)
{
	struct scratch *s = *state;
	struct experiment experiment = plain();
	struct guest guest = {.experiment = &experiment,
		.name = "guest",
		.cmdline = (char *)"console=hvc0 quiet",
		.directory = (char *)"/run",
		.image = (char *)"/run/guest.img"};
	char *lists[] = {(char *)"1", (char *)"2-3", NULL}, *one[] = {(char *)"1", NULL};

	experiment.shape.vcpu_cpus = lists;
	experiment.shape.weight = 512;
	experiment.shape.cap = 150;
	experiment.shape.pool_cpus = (char *)"1-3";
	assert_string_equal(xen_config(s->ctx, &guest),
		COMMON "cpus = [\"1\", \"2-3\"]\ncpu_weight = 512\ncap = 150\n"
		       "pool = \"latcampaign\"\n");
	experiment.shape = plain().shape;
	experiment.shape.vcpu_cpus = one;
	assert_string_equal(xen_config(s->ctx, &guest), COMMON "cpus = [\"1\", \"1\"]\n");
	experiment.shape.pool_cpus = (char *)"1,3";
	assert_string_equal(xen_pool_config(s->ctx, &experiment.shape),
		"name = \"latcampaign\"\ncpus = \"1,3\"\n");
	experiment.shape.pool_scheduler = SCHEDULER_RTDS;
	assert_string_equal(xen_pool_config(s->ctx, &experiment.shape),
		"name = \"latcampaign\"\ncpus = \"1,3\"\nsched = \"rtds\"\n");
}

/* --- what xl 4.17 prints ------------------------------------------------------------------- */

#define INFO "host                   : rehearsal\nnr_cpus                : 4\n"
#define VCPUS                                                                                      \
	"Name                                ID  VCPU   CPU State   Time(s) Affinity (Hard / "     \
	"Soft)\n"                                                                                  \
	"latcampaign-guest                    3     0    1   --p       0.0  1 / all\n"             \
	"latcampaign-guest                    3     1    -   --p       0.0  all / all\n"
#define POOLS                                                                                      \
	"Name               CPUs   Sched     Active   Domain count\n"                              \
	"Pool-0               3    credit2       y          1\n"                                   \
	"latcampaign          1       rtds       y          1\n"
#define POOL_CPUS                                                                                  \
	"Name               CPU list\n"                                                            \
	"Pool-0             0,1,3\n"                                                               \
	"latcampaign        2\n"
#define LIST(pool)                                                                                 \
	"Name                                        ID   Mem VCPUs\tState\tTime(s)         "      \
	"Cpupool\n"                                                                                \
	"latcampaign-guest                            3   256     2     --p---       0.0       "   \
	"" pool "\n"
#define CREDIT                                                                                     \
	"Name                                ID Weight  Cap\n"                                     \
	"latcampaign-guest                    3    512  150\n"
#define RTDS                                                                                       \
	"Name                                ID VCPU    Period    Budget  Extratime\n"             \
	"latcampaign-guest                    3    0     10000      9000        yes\n"             \
	"latcampaign-guest                    3    1     10000      9000        yes\n"

static void expect_found(const struct xen_answers *answers, const char *expected)
{
	json_t *found = xen_shape_found(answers, DOMAIN);
	char *text = json_dumps(found, JSON_COMPACT | JSON_SORT_KEYS);

	assert_string_equal(text, expected);
	free(text);
	json_decref(found);
}

static void what_xl_tells_is_read(void **state)
{
	const struct xen_answers credit = {INFO, VCPUS, POOLS, POOL_CPUS, LIST("Pool-0"), CREDIT};
	const struct xen_answers rtds = {INFO, VCPUS, POOLS, POOL_CPUS, LIST("latcampaign"), RTDS};
	const struct xen_answers silent = {"", "", "", "", "", ""};

	(void)state;
	expect_found(&credit,
		"{\"cap\":150,\"pool\":\"Pool-0\",\"pool_cpus\":\"0-1,3\","
		"\"pool_scheduler\":\"credit2\",\"vcpu_cpus\":[\"1\",\"0-3\"],\"vcpus\":2,"
		"\"weight\":512}");
	expect_found(&rtds,
		"{\"pool\":\"latcampaign\",\"pool_cpus\":\"2\",\"pool_scheduler\":\"rtds\","
		"\"rtds_budget_us\":9000,\"rtds_extratime\":\"yes\",\"rtds_period_us\":10000,"
		"\"vcpu_cpus\":[\"1\",\"0-3\"],\"vcpus\":2}");
	expect_found(&silent, "{\"pool\":\"\",\"pool_cpus\":\"\",\"pool_scheduler\":\"\","
			      "\"vcpu_cpus\":[],\"vcpus\":0}");
}

static void small_things_of_xl_are_read(void **state)
{
	struct scratch *s = *state;
	unsigned count;
	double seconds;

	assert_int_equal(xl_number(INFO, "nr_cpus"), 4);
	struct xl_row *row = xl_rows(s->ctx,
		"Name ID Mem VCPUs State Time(s)\nbusy 3 256 1 r----- 12.5\n"
		"odd 4 256 1 r----- soon\nshort 5\n",
		NULL, &count);
	assert_int_equal(count, 3);
	assert_true(xl_seconds(&row[0], &seconds) && seconds == 12.5);
	assert_false(xl_seconds(&row[1], &seconds));
	assert_false(xl_seconds(&row[2], &seconds));
	assert_int_equal(xl_number(INFO, "host"), -1);
	assert_int_equal(xl_number(INFO, "free_cpus"), -1);
	assert_string_equal(xl_ratelimit(s->ctx, "Cpupool Pool-0: ratelimit=1000us\n"), "1000");
	assert_string_equal(xl_ratelimit(s->ctx, "Cpupool Pool-0: tslice=30ms ratelimit=0us "
						 "migration-delay=0us\n"),
		"0");
	assert_string_equal(xl_ratelimit(s->ctx, "Cpupool Pool-0: [sched params unavailable]"), "");
	struct xl_row *rows = xl_rows(s->ctx, VCPUS, DOMAIN, &count);
	assert_int_equal(count, 2);
	assert_string_equal(xl_pinning(rows, 1), "pinned");
	assert_string_equal(xl_pinning(rows, 2), "free");
	assert_string_equal(xl_pinning(rows, 0), "");
	assert_string_equal(xl_word(rows, 100), "");
}

/* --- an xl that remembers ------------------------------------------------------------------ */

/* Answers from files of the scratch directory. The console is shown while others are asked, so it
 * is not remembered. The pool is there as long as the file "pool" is. */
static void make_xl(struct scratch *s)
{
	char *path = talloc_asprintf(s->ctx, "%s/bin:%s", s->path, getenv("PATH"));
	char *script = talloc_asprintf(s->ctx,
		"#!/bin/sh\n"
		"cd %s || exit 1\n"
		"[ $1 = console ] || echo \"$*\" | sed 's|/proc/[0-9]*/fd/[0-9]*|RUN|' >>asked\n"
		"case \"$1 $2\" in\n"
		"'list ' | 'list -c' | 'info ' | 'vcpu-list '* | 'sched-'*) cat \"$1\" ;;\n"
		"'cpupool-list -c') cat pools; cat pool 2>/dev/null; exit 0 ;;\n"
		"'cpupool-list ') cat cpupool-list ;;\n"
		"'create -p') [ \"$3\" = \"${3%%guest.xl}guest.xl\" ] ;;\n"
		"'cpupool-create '*) cp taken pool ;;\n"
		"'cpupool-destroy latcampaign') rm pool && echo 'free_cpus : 1' >>info ;;\n"
		"'cpupool-cpu-remove Pool-0') ;;\n"
		"'cpupool-cpu-add Pool-0') sed -i /free_cpus/d info ;;\n"
		"'console latcampaign-guest') echo 'no answer' ;;\n"
		"'unpause latcampaign-guest' | 'destroy latcampaign-guest') ;;\n"
		"*) exit 1 ;;\n"
		"esac\n",
		s->path);

	scratch_file(s, "bin/xl", script);
	assert_int_equal(fchmodat(s->fd, "bin/xl", 0755, 0), 0);
	setenv("PATH", path, 1);
	scratch_file(s, "info", INFO "max_cpu_id             : 3\n");
	scratch_file(s, "vcpu-list", VCPUS);
	scratch_file(s, "cpupool-list", POOLS);
	scratch_file(s, "pools", "Name               CPU list\nPool-0             0,1,3\n");
	scratch_file(s, "taken", "latcampaign        2\n");
	scratch_file(s, "list", LIST("latcampaign"));
	scratch_file(s, "sched-rtds", RTDS);
}

static char *asked(struct scratch *s)
{
	char *text;

	assert_int_equal(file_read(s->ctx, s->fd, "asked", 1 << 16, &text, NULL, NULL), 0);
	return text;
}

static int measure(struct scratch *s, struct experiment *experiment, struct err *err)
{
	struct run run = {.place = PLACE_XEN};
	struct setup setup = {.tuning = no_words};
	struct plan plan = {
		.experiments = experiment, .setups = &setup, .limits = {.guest_seconds = 60}};
	json_t *found = NULL;

	scratch_file(s, "run/keep", "");
	setenv("LATCAMPAIGN_DATADIR", "tests/unit/data", 1);
	struct measurement measurement = {.plan = &plan,
		.run = &run,
		.root = open("/", O_PATH | O_DIRECTORY),
		.directory = openat(s->fd, "run", O_RDONLY | O_DIRECTORY),
		.cancel_fd = -1,
		.beside_fd = -1};
	char *path = talloc_strdup(s->ctx, getenv("PATH"));
	make_xl(s);
	int r = xen_platform.measure(&measurement, &found, err);
	setenv("PATH", path, 1);
	close(measurement.root);
	close(measurement.directory);
	assert_null(found);
	return r;
}

/* Pool, domain, parameters, reading back, console, start; and everything is taken away again. */
static void a_domain_is_set_up_before_it_runs(void **state)
{
	struct scratch *s = *state;
	struct experiment experiment = in_pool();
	struct err err = {""};

	/* The guest of this xl has nothing to say: that is how far it goes. */
	assert_int_equal(measure(s, &experiment, &err), -EBADMSG);
	assert_string_equal(asked(s),
		"cpupool-cpu-remove Pool-0 2\n"
		"cpupool-create RUN/pool.cfg\n"
		"create -p RUN/guest.xl\n"
		"sched-rtds -d latcampaign-guest -v all -p 10000 -b 9000 -e 1\n"
		"info\n"
		"vcpu-list latcampaign-guest\n"
		"cpupool-list\n"
		"cpupool-list -c\n"
		"list -c latcampaign-guest\n"
		"sched-rtds -d latcampaign-guest -v all\n"
		"unpause latcampaign-guest\n"
		"list\n"
		"destroy latcampaign-guest\n"
		"cpupool-list -c\n"
		"cpupool-destroy latcampaign\n"
		"cpupool-list -c\n"
		"info\n"
		"cpupool-cpu-add Pool-0 2\n"
		"info\n");
}

static void a_domain_that_is_not_what_was_asked_never_runs(void **state)
{
	struct scratch *s = *state;
	struct experiment experiment = in_pool();
	char *lists[] = {(char *)"1", (char *)"2", NULL};
	struct err err = {""};

	experiment.shape.vcpu_cpus = lists;
	assert_int_equal(measure(s, &experiment, &err), -EXDEV);
	assert_string_equal(
		err.text, "the guest's vcpu_cpus: asked [\"1\",\"2\"], found [\"1\",\"0-3\"]");
	assert_null(strstr(asked(s), "unpause"));
	assert_non_null(strstr(asked(s), "destroy latcampaign-guest\n"));
	assert_false(file_exists(s->fd, "pool"));
}

/* Xen has no null scheduler, and the pool got its default. */
static void a_pool_that_fell_back_is_found(void **state)
{
	struct scratch *s = *state;
	struct experiment experiment = plain();
	struct err err = {""};

	experiment.shape.pool_cpus = (char *)"2";
	experiment.shape.pool_scheduler = SCHEDULER_NULL;
	assert_int_equal(measure(s, &experiment, &err), -EXDEV);
	assert_string_equal(err.text, "the guest's pool_scheduler: asked \"null\", found \"rtds\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(xl_gets_a_domain_that_ends_for_good),
		scratch_test(the_configuration_carries_the_shape),
		scratch_test(what_xl_tells_is_read),
		scratch_test(small_things_of_xl_are_read),
		scratch_test(a_domain_is_set_up_before_it_runs),
		scratch_test(a_domain_that_is_not_what_was_asked_never_runs),
		scratch_test(a_pool_that_fell_back_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
