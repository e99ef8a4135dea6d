/* SPDX-License-Identifier: MIT */
/*
 * How a campaign was measured, in sentences that can go into a paper.
 */
#include <string.h>
#include <talloc.h>

#include "output/page-parts.h"

/* A list of sentences; a talloc context. */
struct sentences {
	char **list; /* NULL-terminated */
	unsigned count;
};

static void say(struct sentences *sentences, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct sentences *sentences, const char *format, ...)
{
	va_list args;

	sentences->list = talloc_realloc(sentences, sentences->list, char *, sentences->count + 2);
	va_start(args, format);
	sentences->list[sentences->count++] = talloc_vasprintf(sentences, format, args);
	va_end(args);
	sentences->list[sentences->count] = NULL;
}

/* "a, b and c" */
static char *enumerate(void *ctx, char *const *words)
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

static char *kernel_words(void *ctx, const struct kernel *kernel)
{
	if (!kernel->release)
		return talloc_asprintf(ctx, "kernel \"%s\"", kernel->wanted);
	return talloc_asprintf(
		ctx, "Linux %s %s PREEMPT_RT", kernel->release, kernel->rt ? "with" : "without");
}

/* --- of others ------------------------------------------------------------------------------- */

static void say_imported(struct sentences *sentences, const struct plan *plan)
{
	say(sentences,
		"Others measured these wake-up latencies; they were imported into %u setups and %u "
		"experiments, which are names. The machine, its kernels, hypervisors and settings, "
		"and how it came into them are not known here. Results count as of one boot unless "
		"whoever imported them said that each has a boot of its own.",
		plan->setup_count, plan->experiment_count);
	for (unsigned i = 0; i < plan->experiment_count; i++) {
		const struct cyclictest *asked = &plan->experiments[i].cyclictest;
		say(sentences,
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
		say(sentences,
			"Wake-up latencies were measured in %u host setups, which were visited in "
			"%d complete blocks: each block boots every setup once, %s, so that what "
			"changes over time falls on all setups alike. The boot is the unit of all "
			"statements about a setup.",
			plan->setup_count, plan->blocks,
			plan->order == ORDER_RANDOM ? "in an order that is drawn anew"
						    : "in the same order");
	else
		say(sentences,
			"Wake-up latencies were measured in %u host setups, each of which was booted "
			"once; nothing can be said about how boots of a setup differ.",
			plan->setup_count);
	say(sentences,
		"Nothing was measured before the boot had been proved: a token drawn for this boot, "
		"the kernel's release, PREEMPT_RT, the hypervisor, its version and both command "
		"lines were what had been asked. Random numbers came from seed %ld.",
		plan->seed);
}

static void say_setup(struct sentences *sentences, const struct setup *setup)
{
	char *text = talloc_asprintf(
		sentences, "Setup %s: %s", setup->name, kernel_words(sentences, &setup->kernel));

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
			text, ", tuned with %s", enumerate(sentences, setup->tuning));
	say(sentences, "%s.", text);
}

/* --- the experiments ---------------------------------------------------------------------- */

static char *place_words(void *ctx, const struct experiment *experiment)
{
	if (!experiment->in_guest && experiment->place == PLACE_HOST)
		return talloc_strdup(ctx, "on the host, or in dom0 under Xen");
	return talloc_asprintf(ctx,
		"in a guest (KVM, or %s under Xen) of %d vCPU%s and %ld MiB with %s",
		guest_type_name(experiment->guest_type), experiment->vcpus,
		experiment->vcpus == 1 ? "" : "s", experiment->memory_mib,
		kernel_words(ctx, &experiment->kernel));
}

static char *load_words(void *ctx, const struct experiment *experiment)
{
	static const char *const places[] = {[LOAD_HOST] = "on the host",
		[LOAD_GUEST] = "in the guest",
		[LOAD_NEIGHBOUR] = "in a neighbouring guest"};

	if (!*experiment->load)
		return talloc_strdup(ctx, "");
	return talloc_asprintf(ctx, ", under the load %s %s", enumerate(ctx, experiment->load),
		places[experiment->load_place]);
}

static void say_experiment(struct sentences *sentences, const struct experiment *experiment)
{
	const struct cyclictest *asked = &experiment->cyclictest;
	const char *times = experiment->repetitions == 1 ? "once" : NULL;

	say(sentences,
		"Experiment %s: %s ran %s in each boot for %ld s %s%s: %d thread%s of priority %d "
		"that woke up every %ld us; latencies were counted in bins of 1 us up to %ld us, "
		"and of later ones their number and the largest.",
		experiment->name, tool_name(experiment->tool),
		times ? times : talloc_asprintf(sentences, "%d times", experiment->repetitions),
		asked->duration_s, place_words(sentences, experiment),
		load_words(sentences, experiment), asked->threads, asked->threads == 1 ? "" : "s",
		asked->priority, asked->interval_us, asked->histogram_us);
}

static void say_statistics(struct sentences *sentences)
{
	say(sentences,
		"A wake-up that is later than the interval swallows those that would have followed "
		"(coordinated omission): the missing ones were counted, and a cell that misses more "
		"than %g %% was not ranked. Intervals are of 95 %%: of the median boot by "
		"interpolated order statistics (Hettmansperger and Sheather), of differences by the "
		"bootstrap over boots. Setups were compared by Mann and Whitney's two-sided test of "
		"the boots' quantiles, corrected by Holm's method, and by Cliff's delta.",
		100 * CELL_MISSED_LIMIT);
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
			say_experiment(sentences, &plan->experiments[i]);
	}
	say_statistics(sentences);
	say(sentences, "%s was done by latcampaign " VERSION ".",
		plan->imported ? "Nothing but the evaluation" : "All of it");
	return sentences->list;
}

/* --- again ------------------------------------------------------------------------------- */

/* As one word of the shell. */
static char *quoted(void *ctx, const char *word)
{
	char *text = talloc_strdup(ctx, "'");

	for (; *word; word++)
		text = *word == '\'' ? talloc_strdup_append(text, "'\\''")
				     : talloc_strndup_append(text, word, 1);
	return talloc_strdup_append(text, "'");
}

/* How others measured is not known. */
static char *measure_commands(void *ctx, const struct plan *plan)
{
	char *options = talloc_strdup(ctx, "");

	if (plan->imported)
		return options;
	for (char **override = plan->overrides; *override; override++)
		options = talloc_asprintf_append(options, " --set %s", quoted(ctx, *override));
	return talloc_asprintf(ctx,
		"# Measure again\n"
		"cp campaign.cfg /tmp/%s.cfg\n"
		"sudo latcampaign prepare%s /tmp/%s.cfg\n"
		"sudo latcampaign start%s /tmp/%s.cfg\n",
		plan->name, options, plan->name, options, plan->name);
}

char *method_commands(void *ctx, const struct plan *plan)
{
	return talloc_asprintf(ctx,
		"# Is everything as it was made?\n"
		"sha256sum -c SHA256SUMS\n"
		"%s"
		"# This page and the figures anew from runs/; the figures alone\n"
		"sudo latcampaign report %s\n"
		"(cd figures && gnuplot *.gp)\n",
		measure_commands(ctx, plan), plan->name);
}
