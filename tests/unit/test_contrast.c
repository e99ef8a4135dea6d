/* SPDX-License-Identifier: MIT */
/* Two campaigns side by side. */
#include "tests/unit/plans.h"

#include "results/result.h"
#include "tables/contrast.h"

/* One side as the tests want it. */
struct side {
	const char *name, *text; /* the campaign */
	const char *release;     /* of the host's kernel, as it was found */
	unsigned latency;        /* of nearly all wake-ups, one us more with each boot */
	unsigned wakeups;        /* of the thousand that each run was asked for */
	unsigned missing;        /* runs without a result, from the last */
};

#define CAMPAIGN(blocks, more)                                                                     \
	"blocks = " blocks ";"                                                                     \
	"setups = { kvm-rt = { }; " more " };"                                                     \
	"experiments = { rt = { duration = \"1s\"; interval = \"1ms\"; histogram = \"100us\"; }; };"

static char *histogram_text(void *ctx, unsigned latency, unsigned wakeups)
{
	char *text = talloc_strdup(ctx, "# Histogram\n");

	for (unsigned bin = 0; bin < 100; bin++)
		text = talloc_asprintf_append(
			text, "%06u %06u\n", bin, bin == latency ? wakeups : 0);
	return talloc_asprintf_append(text,
		"# Total: %09u\n# Min Latencies: %05u\n# Avg Latencies: %05u\n"
		"# Max Latencies: %05u\n# Histogram Overflows: 00000\n",
		wakeups, latency, latency, latency);
}

static void make_result(int fd, const struct side *side, const struct run *run, unsigned visit)
{
	void *ctx = talloc_new(NULL);
	char *text = histogram_text(ctx, side->latency + visit, side->wakeups);
	char *boot = talloc_asprintf(ctx, "boot-%u", visit);
	char *cmdline = talloc_asprintf(ctx, "ro latcampaign.token=%s%u quiet", side->name, visit);
	json_t *json = json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:{s:s}}}", "boot_id", boot,
		"latcampaign", "0.1.0", "found", "release", side->release, "cmdline", cmdline,
		"guest", "found", "clocksource", "kvm-clock");
	int directory;

	assert_int_equal(result_begin(fd, run->id, &directory, NULL), 0);
	assert_int_equal(file_write(directory, "histogram.txt", text, strlen(text), NULL), 0);
	close(directory);
	assert_int_equal(result_finish(fd, run->id, OUTCOME_PASS, "", json, NULL), 0);
	json_decref(json);
	talloc_free(ctx);
}

static struct contrasted make(struct scratch *s, const struct side *side)
{
	struct plan *plan = make_plan(s, side->name, side->text);

	for (unsigned i = 0; i < plan->setup_count; i++)
		plan->setups[i].kernel.release = talloc_strdup(plan, side->release);
	assert_int_equal(directory_make(s->fd, side->name, NULL), 0);
	int fd = openat(s->fd, side->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (unsigned v = 0; v < plan->visit_count; v++)
		for (unsigned r = 0; r < plan->visits[v].run_count; r++) {
			unsigned run = plan->visits[v].first_run + r;
			if (run < plan->run_count - side->missing)
				make_result(fd, side, &plan->runs[run], v);
		}
	return (struct contrasted){side->name, plan, fd};
}

static const char *compare(struct scratch *s, const struct side *a, const struct side *b)
{
	struct contrasted first = make(s, a), second = make(s, b);
	const char *text = contrast(s->ctx, &first, &second);

	close(first.campaign);
	close(second.campaign);
	return text;
}

static void expect(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in\n%s", part, text);
}

static void what_differs_is_named(void **state)
{
	const struct side a = {"a", CAMPAIGN("1", "xen-rt = { };"), "6.1-rt", 10, 1000, 0};
	const struct side b = {"b", CAMPAIGN("1", "kvm-nrt = { };"), "6.12-rt", 10, 1000, 1};
	const char *text = compare(*state, &a, &b);

	expect(text, "A  a: 2 runs: 2 PASS\n");
	expect(text, "B  b: 2 runs: 1 PASS 1 not measured\n");
	expect(text, "  setup xen-rt is in A alone\n");
	expect(text, "  setup kvm-nrt is in B alone\n");
	expect(text, "  setup kvm-rt, kernel_release\n    A  6.1-rt\n    B  6.12-rt\n");
	expect(text, "DIFFERENT IN WHAT WAS FOUND, by the first run of each setup and cell\n"
		     "  setup kvm-rt, release\n    A  6.1-rt\n    B  6.12-rt\n\n");
	expect(text, "  xen-rt-rt\n    not part of B\n");
	expect(text, "  kvm-nrt-rt\n    measured in neither\n");
}

/* Tokens differ always, and tell nothing. */
static void the_same_differs_in_nothing(void **state)
{
	const struct side a = {"a", CAMPAIGN("1", ""), "6.1-rt", 10, 1000, 0};
	const struct side b = {"b", CAMPAIGN("1", ""), "6.1-rt", 10, 1000, 0};
	const char *text = compare(*state, &a, &b);

	expect(text, "DIFFERENT IN WHAT WAS ASKED\n  nothing\n");
	expect(text, "by the first run of each setup and cell\n  nothing\n");
	expect(text, "    p50             10        10  +0 -                     +0.00\n");
	/* A thousand wake-ups tell no p99.9. */
	expect(text, "    p99.9            -         -  -                        -\n");
	expect(text, "largest distance of the distributions: 0.000\n");
}

/* Medians of boots, with an interval and Cliff's delta where there are enough of them. */
static void boots_allow_intervals(void **state)
{
	const struct side a = {"a", CAMPAIGN("6", ""), "6.1-rt", 10, 1000, 0};
	const struct side b = {"b", CAMPAIGN("6", ""), "6.1-rt", 40, 1000, 0};
	const char *text = compare(*state, &a, &b);

	expect(text, "  A  N 6000, 6 boots, largest 15us, 0.000 % of the wake-ups missing\n");
	expect(text, "    p50           12.5      42.5  +30 [+");
	expect(text, "  +1.00\n");
}

static void five_boots_have_no_interval(void **state)
{
	const struct side a = {"a", CAMPAIGN("6", ""), "6.1-rt", 10, 1000, 1};
	const struct side b = {"b", CAMPAIGN("6", ""), "6.1-rt", 40, 1000, 0};

	expect(compare(*state, &a, &b), "    p50             12      42.5  +30.5 -  ");
}

static void nothing_is_ranked_where_wakeups_are_missing(void **state)
{
	const struct side a = {"a", CAMPAIGN("1", ""), "6.1-rt", 10, 1000, 0};
	const struct side b = {"b", CAMPAIGN("1", ""), "6.1-rt", 40, 998, 0};
	const char *text = compare(*state, &a, &b);

	expect(text, "1 boots, largest 40us, 0.200 % of the wake-ups missing\n");
	expect(text, "    not ranked: more than 0.1 % of the wake-ups are missing\n");
	expect(text, "    p50             10        40  -                        -\n");
}

static void what_one_of_them_lacks_is_said(void **state)
{
	const struct side a = {"a", CAMPAIGN("1", ""), "6.1-rt", 10, 1000, 1};
	const struct side b = {"b", CAMPAIGN("1", ""), "6.1-rt", 40, 1000, 0};

	expect(compare(*state, &a, &b), "  kvm-rt-rt\n    not measured in A\n");
	expect(compare(*state, &b, &a), "  kvm-rt-rt\n    not measured in B\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(what_differs_is_named),
		scratch_test(the_same_differs_in_nothing),
		scratch_test(boots_allow_intervals),
		scratch_test(five_boots_have_no_interval),
		scratch_test(nothing_is_ranked_where_wakeups_are_missing),
		scratch_test(what_one_of_them_lacks_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
