/* SPDX-License-Identifier: MIT */
/*
 * An experiment, in sentences that can go into a paper.
 */
#include <string.h>
#include <talloc.h>

#include "report/method-parts.h"

/* --- where -------------------------------------------------------------------------------- */

static void add_setup(struct method_places *places, char *name)
{
	for (char **known = places->setups; *known; known++)
		if (*known == name)
			return;
	places->setups[places->setup_count++] = name;
}

static struct method_places places_of(
	void *ctx, const struct plan *plan, const struct experiment *experiment)
{
	struct method_places places = {
		.setups = talloc_zero_array(ctx, char *, plan->setup_count + 1)};

	for (unsigned i = 0; i < plan->run_count; i++) {
		const struct run *run = &plan->runs[i];
		const struct setup *setup = &plan->setups[run->setup];
		bool xen = setup->hypervisor == HYPERVISOR_XEN;
		if (&plan->experiments[run->experiment] != experiment)
			continue;
		places.dom0 = places.dom0 || (run->place == PLACE_HOST && xen);
		places.host = places.host || (run->place == PLACE_HOST && !xen);
		places.kvm = places.kvm || run->place == PLACE_KVM;
		places.xen = places.xen || run->place == PLACE_XEN;
		add_setup(&places, setup->name);
	}
	return places;
}

static char *guest_words(
	void *ctx, const struct experiment *experiment, const struct method_places *places)
{
	const char *type = guest_type_name(experiment->guest_type);

	if (!places->xen)
		return talloc_strdup(ctx, "in a KVM guest");
	return places->kvm ? talloc_asprintf(ctx, "in a guest (KVM, or %s under Xen)", type)
			   : talloc_asprintf(ctx, "in a %s guest of Xen", type);
}

static char *place_words(
	void *ctx, const struct experiment *experiment, const struct method_places *places)
{
	if (places->dom0)
		return talloc_strdup(
			ctx, places->host ? "on the host, or in dom0 under Xen" : "in dom0");
	if (places->host)
		return talloc_strdup(ctx, "on the host");
	return talloc_asprintf(ctx, "%s of %d vCPU%s and %ld MiB with %s",
		guest_words(ctx, experiment, places), experiment->vcpus,
		experiment->vcpus == 1 ? "" : "s", experiment->memory_mib,
		method_kernel(ctx, &experiment->kernel));
}

/* --- what --------------------------------------------------------------------------------- */

static char *load_words(void *ctx, const struct experiment *experiment)
{
	static const char *const places[] = {[LOAD_HOST] = "on the host",
		[LOAD_GUEST] = "in the guest",
		[LOAD_NEIGHBOUR] = "in a neighbouring guest"};

	if (!*experiment->load)
		return talloc_strdup(ctx, "");
	return talloc_asprintf(ctx, ", under the load %s %s",
		method_enumerate(ctx, experiment->load), places[experiment->load_place]);
}

static char *times_words(void *ctx, const struct experiment *experiment, const struct plan *plan,
	const struct method_places *places)
{
	char *times = experiment->repetitions == 1
			      ? talloc_strdup(ctx, "once")
			      : talloc_asprintf(ctx, "%d times", experiment->repetitions);

	if (places->setup_count == plan->setup_count)
		return talloc_asprintf(ctx, "%s in each boot", times);
	return talloc_asprintf(
		ctx, "%s in each boot of %s", times, method_enumerate(ctx, places->setups));
}

static void say_tuning(struct sentences *sentences, const struct experiment *experiment)
{
	if (*experiment->tuning)
		method_say(sentences,
			"For the runs of experiment %s the host was tuned further with %s, read back "
			"before each run and put back after it.",
			experiment->name, method_enumerate(sentences, experiment->tuning));
}

/* Its own name is enough: where it lay is nobody's business. */
static void say_script(struct sentences *sentences, const struct experiment *experiment)
{
	const char *slash = strrchr(experiment->script, '/');

	if (*experiment->script)
		method_say(sentences,
			"In the guest of experiment %s the script %s (SHA-256 %s) took the place of "
			"latcampaign's own and decided what was measured.",
			experiment->name, slash ? slash + 1 : experiment->script,
			experiment->script_sha256 ? experiment->script_sha256 : "not known");
}

void method_experiment(
	struct sentences *sentences, const struct plan *plan, const struct experiment *experiment)
{
	const struct cyclictest *asked = &experiment->cyclictest;
	const struct method_places places = places_of(sentences, plan, experiment);

	method_say(sentences,
		"Experiment %s: %s ran %s for %ld s %s%s: %d thread%s of priority %d that woke up "
		"every %ld us; latencies were counted in bins of 1 us up to %ld us, and of later "
		"ones their number and the largest.",
		experiment->name, tool_name(experiment->tool),
		times_words(sentences, experiment, plan, &places), asked->duration_s,
		place_words(sentences, experiment, &places), load_words(sentences, experiment),
		asked->threads, asked->threads == 1 ? "" : "s", asked->priority, asked->interval_us,
		asked->histogram_us);
	say_tuning(sentences, experiment);
	if (places.kvm || places.xen) {
		say_script(sentences, experiment);
		method_shape(sentences, experiment, &places);
	}
}
