/* SPDX-License-Identifier: MIT */
#include "tests/unit/plans.h"

#include "statemachine/record.h"

static struct plan *read_plan(struct scratch *s, const char *text)
{
	return make_plan(s, "test", text);
}

static void random_order_is_the_seeds_and_loses_nothing(void **state)
{
	static const char text[] = "order = \"random\"; seed = %d; experiments = { a = { }; };";
	struct scratch *s = *state;
	unsigned different = 0;

	struct plan *one = read_plan(s, talloc_asprintf(s->ctx, text, 1));
	for (int seed = 1; seed < 20; seed++) {
		struct plan *plan = read_plan(s, talloc_asprintf(s->ctx, text, seed));
		unsigned seen = 0;
		assert_int_equal(plan->visit_count, 4);
		for (unsigned v = 0; v < 4; v++) {
			seen |= 1u << plan->visits[v].setup;
			different += plan->visits[v].setup != one->visits[v].setup;
		}
		assert_int_equal(seen, 15);
	}
	assert_true(different > 0);
	struct plan *again = read_plan(s, talloc_asprintf(s->ctx, text, 1));
	for (unsigned v = 0; v < 4; v++)
		assert_int_equal(again->visits[v].setup, one->visits[v].setup);
}

/* Every block visits every setup once; repetitions count on, so that a run's name is its own. */
static void blocks_visit_every_setup_once(void **state)
{
	static const char text[] = "blocks = 3; order = \"%s\"; seed = 7;"
				   "experiments = { a = { repetitions = 2; };"
				   " x = { place = \"xen\"; }; };";
	struct scratch *s = *state;
	struct plan *written = read_plan(s, talloc_asprintf(s->ctx, text, "paper"));
	struct plan *random = read_plan(s, talloc_asprintf(s->ctx, text, "random"));
	unsigned differ = 0;

	assert_int_equal(written->visit_count, 3 * 4);
	assert_int_equal(written->run_count, 3 * (4 * 2 + 2));
	assert_int_equal(written->limits.boots, 2 * 12 + 3);
	for (unsigned v = 0; v < 12; v++) {
		assert_int_equal(written->visits[v].block, v / 4 + 1);
		assert_int_equal(written->visits[v].setup, v % 4);
	}
	assert_string_equal(written->runs[0].id, "kvm-nrt.a.1");
	assert_string_equal(written->runs[10].id, "kvm-nrt.a.3");
	assert_string_equal(written->runs[29].id, "xen-rt.x.3");
	for (unsigned block = 0; block < 3; block++) {
		const struct visit *visits = random->visits + (size_t)block * 4;
		unsigned seen = 0;
		for (unsigned v = 0; v < 4; v++) {
			seen |= 1u << visits[v].setup;
			differ += visits[v].setup != random->visits[v].setup;
		}
		assert_int_equal(seen, 15);
	}
	assert_true(differ > 0);
	for (unsigned a = 0; a < random->run_count; a++)
		for (unsigned b = 0; b < a; b++)
			assert_string_not_equal(random->runs[a].id, random->runs[b].id);
}

/* What changes over the night falls on all setups alike, unless the paper's order is asked for. */
static void blocks_are_randomised(void **state)
{
	static const char text[] = "%s experiments = { a = {}; };";
	struct scratch *s = *state;

	assert_int_equal(
		read_plan(s, talloc_asprintf(s->ctx, text, "blocks = 2;"))->order, ORDER_RANDOM);
	assert_int_equal(read_plan(s, talloc_asprintf(s->ctx, text, ""))->order, ORDER_WRITTEN);
	assert_int_equal(
		read_plan(s, talloc_asprintf(s->ctx, text, "blocks = 2; order = \"paper\";"))
			->order,
		ORDER_WRITTEN);
}

/* A run of the second block belongs to the second visit of its setup. */
static void the_core_sees_blocks(void **state)
{
	static const char text[] = "blocks = 3; order = \"random\";"
				   "experiments = { a = { repetitions = 2; }; };";
	struct plan *plan = read_plan(*state, text);
	struct step_plan *view = record_step_plan(plan, plan);

	assert_int_equal(view->visit_count, 12);
	assert_int_equal(view->boots, 2 * 12 + 3);
	for (unsigned run = 0; run < plan->run_count; run++) {
		const struct visit *visit = &plan->visits[view->visit_of_run[run]];
		assert_int_equal(visit->setup, plan->runs[run].setup);
		assert_int_equal(visit->block, (plan->runs[run].repetition + 1) / 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(random_order_is_the_seeds_and_loses_nothing),
		scratch_test(blocks_visit_every_setup_once),
		scratch_test(blocks_are_randomised),
		scratch_test(the_core_sees_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
