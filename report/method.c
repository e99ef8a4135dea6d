/* SPDX-License-Identifier: MIT */
/*
 * How a campaign was measured, in sentences that can go into a paper.
 */
#include <string.h>
#include <talloc.h>

#include "report/method-parts.h"
#include "report/page-parts.h"
#include "statistics/statistics.h"

void method_say(struct sentences *sentences, const char *format, ...)
{
	va_list args;

	sentences->list = talloc_realloc(sentences, sentences->list, char *, sentences->count + 2);
	va_start(args, format);
	sentences->list[sentences->count++] = talloc_vasprintf(sentences, format, args);
	va_end(args);
	sentences->list[sentences->count] = NULL;
}

char *method_enumerate(void *ctx, char *const *words)
{
	char *text = talloc_strdup(ctx, "");

	for (char *const *word = words; *word; word++)
		text = talloc_asprintf_append(text, "%s%s",
			word == words ? ""
			: word[1]     ? ", "
				      : " and ",
			*word);
	return text;
}

char *method_kernel(void *ctx, const struct kernel *kernel)
{
	if (!kernel->release)
		return talloc_asprintf(ctx, "kernel \"%s\"", kernel->wanted);
	return talloc_asprintf(
		ctx, "Linux %s %s PREEMPT_RT", kernel->release, kernel->rt ? "with" : "without");
}

/* --- of others ------------------------------------------------------------------------------- */

static void say_imported(struct sentences *sentences, const struct plan *plan)
{
	method_say(sentences,
		"Others measured these wake-up latencies; they were imported into %u setups and %u "
		"experiments, which are names. The machine, its kernels, hypervisors and settings, "
		"and how it came into them are not known here. Results count as of one boot unless "
		"whoever imported them said that each has a boot of its own.",
		plan->setup_count, plan->experiment_count);
	for (unsigned i = 0; i < plan->experiment_count; i++) {
		const struct cyclictest *asked = &plan->experiments[i].cyclictest;
		method_say(sentences,
			"Experiment %s: cyclictest measured for %ld s with %d thread%s that woke up "
			"every %ld us, as whoever imported it said; latencies were counted in bins "
			"of 1 us up to %ld us, and of later ones their number and the largest.",
			plan->experiments[i].name, asked->duration_s, asked->threads,
			asked->threads == 1 ? "" : "s", asked->interval_us, asked->histogram_us);
	}
}

/* --- the design --------------------------------------------------------------------------- */

static void say_design(struct sentences *sentences, const struct plan *plan)
{
	if (plan->blocks > 1)
		method_say(sentences,
			"Wake-up latencies were measured in %u host setups, which were visited in "
			"%d complete blocks: each block boots every setup once, %s, so that what "
			"changes over time falls on all setups alike. The boot is the unit of all "
			"statements about a setup.",
			plan->setup_count, plan->blocks,
			plan->order == ORDER_RANDOM ? "in an order that is drawn anew"
						    : "in the same order");
	else
		method_say(sentences,
			"Wake-up latencies were measured in %u host setups, each of which was booted "
			"once; nothing can be said about how boots of a setup differ.",
			plan->setup_count);
	method_say(sentences,
		"Nothing was measured before the boot had been proved: a token drawn for this boot, "
		"the kernel's release, PREEMPT_RT, the hypervisor, its version and both command "
		"lines were what had been asked. Random numbers came from seed %ld.",
		plan->seed);
}

static void say_setup(struct sentences *sentences, const struct setup *setup)
{
	char *text = talloc_asprintf(
		sentences, "Setup %s: %s", setup->name, method_kernel(sentences, &setup->kernel));

	if (setup->hypervisor == HYPERVISOR_XEN)
		text = talloc_asprintf_append(text, " as dom0 of Xen%s%s",
			setup->hypervisor_version ? " " : "",
			setup->hypervisor_version ? setup->hypervisor_version : "");
	else
		text = talloc_strdup_append(text, " on the bare machine");
	char *xen = setup_hypervisor_cmdline(sentences, setup);
	if (*setup->cmdline)
		text = talloc_asprintf_append(text, ", command line \"%s\"", setup->cmdline);
	if (*xen)
		text = talloc_asprintf_append(text, ", Xen's command line \"%s\"", xen);
	if (*setup->tuning)
		text = talloc_asprintf_append(
			text, ", tuned with %s", method_enumerate(sentences, setup->tuning));
	method_say(sentences, "%s.", text);
}

/* --- the whole ----------------------------------------------------------------------------- */

/* With one boot of each setup nothing is tested, and no interval is stated. */
static void say_tests(struct sentences *sentences, const struct plan *plan)
{
	if (plan->blocks == 1 && !plan->imported)
		method_say(sentences,
			"As each setup was booted once, no interval and no test is stated: "
			"differences are those of single boots.");
	else
		method_say(sentences,
			"Intervals are of 95 %%, from %d boots on: of the median boot by "
			"interpolated order statistics (Hettmansperger and Sheather), of "
			"differences by the bootstrap over boots. Setups were compared by Mann and "
			"Whitney's two-sided test of the boots' quantiles, from %d boots on, "
			"corrected by Holm's method, and by Cliff's delta.",
			STATISTICS_INTERVAL_BOOTS, STATISTICS_TEST_BOOTS);
}

static void say_statistics(struct sentences *sentences, const struct plan *plan)
{
	method_say(sentences,
		"A wake-up that is later than the interval swallows those that would have followed "
		"(coordinated omission): the missing ones were counted, and a cell that misses more "
		"than %g %% was not ranked. Nor was one of which a run was disturbed: the processor "
		"throttled, a hypervisor below the host took time (steal), or Linux exchanged its "
		"clocksource.",
		100 * WAKEUPS_MISSED_LIMIT);
	say_tests(sentences, plan);
}

char **method_sentences(void *ctx, const struct plan *plan)
{
	struct sentences *sentences = talloc_zero(ctx, struct sentences);

	if (plan->imported) {
		say_imported(sentences, plan);
	} else {
		say_design(sentences, plan);
		for (unsigned i = 0; i < plan->setup_count; i++)
			say_setup(sentences, &plan->setups[i]);
		for (unsigned i = 0; i < plan->experiment_count; i++)
			method_experiment(sentences, plan, &plan->experiments[i]);
	}
	say_statistics(sentences, plan);
	method_say(sentences, "%s was done by latcampaign " VERSION ".",
		plan->imported ? "Nothing but the evaluation" : "All of it");
	return sentences->list;
}
