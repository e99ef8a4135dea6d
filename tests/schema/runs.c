/* SPDX-License-Identifier: MIT */
/*
 * Makes results of every outcome and place as the runner does, on machines that are directories:
 * what schema.py holds against docs/run.schema.json.
 *
 *     runs
 *
 * prints the directory with the campaigns, which whoever calls removes. cyclictest and guests are
 * played; what the real ones tell of themselves is seen by tests/vm.
 */
#include "tests/unit/evidence.h"
#include "tests/unit/plans.h"

#include <jansson.h>

#include "base/digest.h"
#include "base/spawn.h"
#include "evidence/binaries.h"
#include "guests/platform.h"
#include "guests/shape.h"
#include "guests/xen-shape.h"
#include "report/report.h"
#include "statemachine/effects.h"
#include "statemachine/measure.h"

static const char campaign[] =
	"setups = { kvm-rt = { cmdline = \"quiet\"; tuning = [ \"ksm=0\" ]; }; xen-rt = { scheduler = "
	"\"credit2\"; }; };"
	"defaults = { interval = \"1ms\"; duration = \"1s\"; histogram = \"100us\"; };"
	"experiments = { plain = { place = \"host\"; setups = [ \"kvm-rt\" ]; repetitions = 4; };"
	" guest = { repetitions = 2; };"
	" pinned = { setups = [ \"kvm-rt\" ]; vcpus = 2; vcpu_cpus = [ \"0\", \"1\" ]; threads = 2;"
	"  emulator_cpus = \"0\"; vcpu_policy = \"fifo\"; vcpu_priority = 1; lock_memory = true;"
	"  cpu_pm = false; hugepages = false; };"
	" weighted = { setups = [ \"xen-rt\" ]; weight = 512; cap = 50; pool_cpus = \"1\";"
	"  pool_scheduler = \"credit2\"; };"
	" timed = { setups = [ \"xen-rt\" ]; pool_cpus = \"1\"; pool_scheduler = \"rtds\";"
	"  rtds_period = \"10ms\"; rtds_budget = \"9ms\"; };"
	" inside = { load = [ \"hackbench\" ]; load_place = \"guest\"; };"
	" beside = { load = [ \"hackbench\" ]; load_place = \"neighbour\"; }; };"
	"expect = { all = { p50 = \"20us\"; p99_999 = \"90us\"; max = \"50us\"; }; };"
	"output = { formats = [ \"svg\" ]; };";

/* --- what is played ----------------------------------------------------------------------- */

static bool late; /* does cyclictest see a late wake-up? */

static void print_histogram(int fd, unsigned threads)
{
	dprintf(fd, "# Histogram\n");
	for (unsigned bin = 0; bin < 100; bin++) {
		dprintf(fd, "%06u", bin);
		for (unsigned t = 0; t < threads; t++)
			dprintf(fd, " %06u", bin == (late ? 60U : 5U) ? 1000U : 0U);
		dprintf(fd, "\n");
	}
	static const struct {
		const char *name;
		unsigned value, late;
	} lines[] = {{"Total:", 1000, 1000}, {"Min Latencies:", 5, 60}, {"Avg Latencies:", 5, 60},
		{"Max Latencies:", 5, 60}, {"Histogram Overflows:", 0, 0}};
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		dprintf(fd, "# %s", lines[i].name);
		for (unsigned t = 0; t < threads; t++)
			dprintf(fd, " %05u", late ? lines[i].late : lines[i].value);
		dprintf(fd, "\n");
	}
}

int __wrap_spawn_run(
	const struct spawn_options *options, struct spawn_result *ret, struct err *err);
int __wrap_spawn_run(const struct spawn_options *options, struct spawn_result *ret, struct err *err)
{
	(void)err;
	if (options->argv[1] && strcmp(options->argv[1], "--help") == 0)
		dprintf(options->output_fd, "%s V 1.0\n", options->argv[0]);
	else
		print_histogram(options->output_fd, 1);
	*ret = (struct spawn_result){SPAWN_EXITED, 0};
	return 0;
}

/* What QEMU tells of an ordinary guest; what was asked counts more. */
static json_t *kvm_found(void)
{
	return json_pack("{s:i, s:[s], s:[s], s:[i], s:s, s:s, s:s, s:b, s:b, s:b}", "vcpus", 1,
		"vcpu_cpus", "0-3", "vcpu_policy", "other", "vcpu_priority", 0, "emulator_cpus",
		"0-3", "machine", "q35", "machine_version", "pc-q35-7.2", "cpu_pm", 0,
		"lock_memory", 0, "hugepages", 0);
}

static json_t *xen_found(bool rtds)
{
	const struct xen_answers answers = {"nr_cpus : 4\n",
		"Name ID VCPU CPU State Time(s) Affinity (Hard / Soft)\n"
		"latcampaign-guest 3 0 1 --p 0.0 all / all\n",
		rtds ? "Name CPUs Sched Active Domain count\nPool-0 3 rtds y 1\n"
		     : "Name CPUs Sched Active Domain count\nPool-0 3 credit2 y 1\n",
		"Name CPU list\nPool-0 1\n",
		"Name ID Mem VCPUs State Time(s) Cpupool\n"
		"latcampaign-guest 3 256 1 --p--- 0.0 Pool-0\n",
		rtds ? "Name ID VCPU Period Budget Extratime\n"
		       "latcampaign-guest 3 0 10000 9000 yes\n"
		     : "Name ID Weight Cap\nlatcampaign-guest 3 256 0\n"};

	return xen_shape_found(&answers, "latcampaign-guest");
}

static json_t *shape(const struct experiment *experiment, enum place place)
{
	json_t *asked = shape_asked(experiment, place);
	json_t *found =
		place == PLACE_KVM ? kvm_found() : xen_found(experiment->shape.rtds_period_us > 0);

	json_object_update(found, asked);
	json_object_set_new(found, "neighbours", json_integer(experiment->shape.neighbours));
	return json_pack("{s:o, s:o}", "asked", asked, "found", found);
}

static void write_into(int directory, const char *name, const char *text)
{
	if (file_write(directory, name, text, strlen(text), NULL) < 0)
		abort();
}

static int measure_guest(const struct measurement *measurement, json_t **ret_found, struct err *err)
{
	const struct experiment *experiment =
		&measurement->plan->experiments[measurement->run->experiment];
	int directory = measurement->directory;
	int fd = openat(directory, "histogram.txt", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	(void)err;
	print_histogram(fd, (unsigned)experiment->cyclictest.threads);
	close(fd);
	write_into(directory, "console.txt", "");
	write_into(directory, "threads.txt",
		experiment->cyclictest.threads == 2 ? "1 99\n1 99\n" : "1 99\n");
	write_into(directory, "load-hackbench.txt", "cpu_seconds 1\nseconds 1\nstatus running\n");
	*ret_found = json_pack("{s:s, s:b, s:s, s:s, s:[s, s], s:s, s:o}", "release", "6.1-guest",
		"preempt_rt", 1, "cmdline", "quiet", "clocksource", "kvm-clock", "command",
		"qemu-system-x86_64", "-nodefaults", "tool", "cyclictest -q", "shape",
		shape(experiment, measurement->run->place));
	if (experiment->load_place == LOAD_NEIGHBOUR)
		json_object_set_new(*ret_found, "neighbours",
			json_pack("[{s:s, s:f, s:f}]", "name", "neighbour-1", "cpu_seconds", 1.5,
				"seconds", 2.0));
	return 0;
}

static int clean(struct err *err)
{
	(void)err;
	return 0;
}

const struct platform *__real_platform_get(enum place place);
const struct platform *__wrap_platform_get(enum place place);
const struct platform *__wrap_platform_get(enum place place)
{
	static const struct platform guest = {
		.name = "guest", .clean = clean, .measure = measure_guest};

	return place == PLACE_HOST ? __real_platform_get(place) : &guest;
}

/* --- the machine -------------------------------------------------------------------------- */

static void put_boot(struct scratch *s)
{
	scratch_file(s, "proc/sys/kernel/osrelease", "6.1-rt\n");
	scratch_file(s, "proc/cmdline", "BOOT_IMAGE=/boot/vmlinuz ro quiet\n");
	scratch_file(s, "proc/sys/kernel/random/boot_id", "5b0f\n");
	scratch_file(s, "sys/kernel/realtime", "1\n");
	scratch_file(s, "sys/kernel/mm/ksm/run", "0\n");
	scratch_file(s, "sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
	scratch_file(s, "boot/vmlinuz-6.1-rt", "host\n");
	scratch_file(s, "boot/guest", "guest\n");
	scratch_file(s, "usr/bin/cyclictest", "cyclictest\n");
}

static void resolve_kernel(
	struct scratch *s, struct kernel *kernel, const char *release, const char *image)
{
	char hex[DIGEST_HEX + 1];

	if (digest_file(s->fd, image + 1, hex, NULL) < 0)
		abort();
	kernel->release = talloc_strdup(s->ctx, release);
	kernel->image = talloc_strdup(s->ctx, image);
	kernel->image_sha256 = talloc_strdup(s->ctx, hex);
	kernel->rt = true;
}

static void resolve(struct scratch *s, struct plan *plan)
{
	for (unsigned i = 0; i < plan->setup_count; i++) {
		resolve_kernel(s, &plan->setups[i].kernel, "6.1-rt", "/boot/vmlinuz-6.1-rt");
		plan->setups[i].base_cmdline = talloc_strdup(plan, "ro");
	}
	for (unsigned i = 0; i < plan->experiment_count; i++)
		resolve_kernel(s, &plan->experiments[i].kernel, "6.1-guest", "/boot/guest");
}

/* --- the runs ------------------------------------------------------------------------------ */

static void need(int r, const struct err *err)
{
	if (r < 0) {
		fprintf(stderr, "runs: %s\n", err->text);
		exit(1);
	}
}

/* The first runs are of the experiment "plain": one that exceeds what is expected, two that never
 * get a result, and one whose machine tells nothing of itself. The others pass. */
static void make_run(struct scratch *s, struct runner *runner, unsigned i)
{
	struct step step = {.run = (int)i};
	struct err err = {""};

	late = i == 0;
	if (i == 1 || i == 2) {
		step.action = i == 1 ? ACTION_CLOSE_MISS : ACTION_CLOSE_ERROR;
		need(effects_perform(runner, &step, &err), &err);
		return;
	}
	if (i == 4)
		put_environment(s);
	need(measure_run(runner, &runner->opened->plan->runs[i], &err), &err);
}

static void make_runs(struct scratch *s, struct plan *plan)
{
	struct record *record = talloc_zero(s->ctx, struct record);
	struct opened opened = {.root = s->path,
		.name = "night",
		.root_fd = s->fd,
		.campaign = openat(s->fd, "night", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		.plan = plan,
		.record = record};
	struct digests *digests = digests_new(s->ctx);
	struct runner runner = {.opened = &opened,
		.digests = digests,
		.binaries = binaries_new(s->ctx, digests),
		.cancel_fd = -1,
		.quiet = true};
	struct err err = {""};

	record->state.run_attempts = talloc_zero_array(record, unsigned, plan->run_count);
	need(identity_found(s->ctx, s->fd, &runner.found, &err), &err);
	for (unsigned i = 0; i < plan->run_count; i++)
		make_run(s, &runner, i);
	plan->figure_count = 0; /* gnuplot is not asked */
	need(report_write(plan, opened.campaign, NULL, &err), &err);
	close(opened.campaign);
}

int main(void)
{
	void *state;

	if (scratch_setup(&state) < 0)
		return 1;
	struct scratch *s = state;
	printf("%s\n", s->path);
	put_boot(s);
	scratch_file(s, "night/x", "");
	struct plan *plan = make_plan(s, "night", campaign);
	resolve(s, plan);
	make_runs(s, plan);
	close(s->fd);
	talloc_free(s);
	return 0;
}
