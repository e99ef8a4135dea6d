/* SPDX-License-Identifier: MIT */
#include "tests/unit/plans.h"

#include "statemachine/run-json.h"

static struct plan *two_visits(struct scratch *s)
{
	struct plan *plan = make_plan(s, "two",
		"setups = { kvm-rt = {}; kvm-nrt = {}; };"
		"experiments = { rt = { place = \"host\"; }; };");

	for (unsigned i = 0; i < plan->setup_count; i++) {
		plan->setups[i].base_cmdline = (char *)"ro";
		plan->setups[i].kernel.release = (char *)"6.1";
	}
	return plan;
}

/* The token that run.json says was asked of the run, with the record as it is. */
static const char *asked_token(struct scratch *s, struct plan *plan, struct record *record, int run)
{
	struct opened opened = {.plan = plan, .record = record};
	const struct runner runner = {.opened = &opened, .cancel_fd = -1};
	json_t *json = run_json(&runner, &plan->runs[run]), *asked = json_object_get(json, "asked");
	const char *token =
		talloc_strdup(s->ctx, json_string_value(json_object_get(asked, "token")));

	assert_string_equal(json_string_value(json_object_get(asked, "release")), "6.1");
	json_decref(json);
	return token;
}

static void a_token_is_asked_of_the_runs_of_its_visit_only(void **state)
{
	struct scratch *s = *state;
	struct plan *plan = two_visits(s);
	struct record record = {.state = {.phase = PHASE_VISITING,
					.token = "0011223344556677",
					.visit = plan_visit(plan, 1)}};

	assert_string_equal(asked_token(s, plan, &record, 1), "0011223344556677");
	assert_string_equal(asked_token(s, plan, &record, 0), "");
	record.state.phase = PHASE_CHOOSING;
	assert_string_equal(asked_token(s, plan, &record, 1), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(a_token_is_asked_of_the_runs_of_its_visit_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
