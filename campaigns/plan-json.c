/* SPDX-License-Identifier: MIT */
/*
 * The plan as JSON and back. Both directions walk the same tables of fields, so that they cannot
 * disagree.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <talloc.h>

#include "campaigns/plan.h"

enum field_type {
	FIELD_STRING,  /* char *, never NULL */
	FIELD_MAYBE,   /* char *, NULL as null */
	FIELD_STRINGS, /* char **, NULL-terminated */
	FIELD_INT,     /* int or enum within min..max */
	FIELD_UNSIGNED,
	FIELD_INT64,
	FIELD_BOOL,
};

struct field {
	const char *name;
	enum field_type type;
	size_t offset;
	int64_t min, max;
};

#define END                                                                                        \
	{                                                                                          \
		NULL, FIELD_BOOL, 0, 0, 0                                                          \
	}

static const struct field plan_fields[] = {
	{"name", FIELD_STRING, offsetof(struct plan, name), 0, 0},
	{"description", FIELD_STRING, offsetof(struct plan, description), 0, 0},
	{"overrides", FIELD_STRINGS, offsetof(struct plan, overrides), 0, 0},
	{"imported", FIELD_BOOL, offsetof(struct plan, imported), 0, 0},
	{"order", FIELD_INT, offsetof(struct plan, order), ORDER_WRITTEN, ORDER_RANDOM},
	{"seed", FIELD_INT64, offsetof(struct plan, seed), 0, INT64_MAX},
	{"blocks", FIELD_INT, offsetof(struct plan, blocks), 1, 1000},
	{"boot_attempts", FIELD_INT, offsetof(struct plan, limits.boot_attempts), 1, 100},
	{"run_attempts", FIELD_INT, offsetof(struct plan, limits.run_attempts), 1, 100},
	{"boots", FIELD_INT, offsetof(struct plan, limits.boots), 1, 1000000},
	{"idle_boots", FIELD_INT, offsetof(struct plan, limits.idle_boots), 1, 1000000},
	{"boot_seconds", FIELD_INT64, offsetof(struct plan, limits.boot_seconds), 60,
		LIMITS_BOOT_SECONDS_MAX},
	{"watchdog_seconds", FIELD_INT64, offsetof(struct plan, limits.watchdog_seconds), 0, 3600},
	{"guest_seconds", FIELD_INT64, offsetof(struct plan, limits.guest_seconds), 1, 86400},
	{"wall_seconds", FIELD_INT64, offsetof(struct plan, limits.wall_seconds), 1, 31536000},
	{"x_max_us", FIELD_INT64, offsetof(struct plan, output.x_max_us), 1, 1000000000},
	{"precision", FIELD_INT, offsetof(struct plan, output.precision), 1, 100},
	{"formats", FIELD_STRINGS, offsetof(struct plan, output.formats), 0, 0},
	END,
};

#define KERNEL_FIELDS(type)                                                                        \
	{"kernel_wanted", FIELD_STRING, offsetof(type, kernel.wanted), 0, 0},                      \
		{"kernel_release", FIELD_MAYBE, offsetof(type, kernel.release), 0, 0},             \
		{"kernel_image", FIELD_MAYBE, offsetof(type, kernel.image), 0, 0},                 \
		{"kernel_image_sha256", FIELD_MAYBE, offsetof(type, kernel.image_sha256), 0, 0},   \
		{"kernel_initrd", FIELD_MAYBE, offsetof(type, kernel.initrd), 0, 0},               \
		{"kernel_initrd_sha256", FIELD_MAYBE, offsetof(type, kernel.initrd_sha256), 0, 0}, \
	{                                                                                          \
		"kernel_rt", FIELD_BOOL, offsetof(type, kernel.rt), 0, 0                           \
	}

static const struct field recipe_fields[] = {
	{"name", FIELD_STRING, offsetof(struct recipe, name), 0, 0},
	{"base", FIELD_INT, offsetof(struct recipe, base), RECIPE_GUEST, RECIPE_HOST},
	{"source", FIELD_STRING, offsetof(struct recipe, source), 0, 0},
	{"sha256", FIELD_STRING, offsetof(struct recipe, source_sha256), 0, 0},
	{"commit", FIELD_STRING, offsetof(struct recipe, commit), 0, 0},
	{"patches", FIELD_STRINGS, offsetof(struct recipe, patches), 0, 0},
	{"patches_sha256", FIELD_STRINGS, offsetof(struct recipe, patches_sha256), 0, 0},
	{"options", FIELD_STRINGS, offsetof(struct recipe, options), 0, 0},
	{"rt", FIELD_BOOL, offsetof(struct recipe, rt), 0, 0},
	{"modules", FIELD_INT, offsetof(struct recipe, modules), RECIPE_MODULES_ALL,
		RECIPE_MODULES_LOADED},
	END,
};

static const struct field figure_fields[] = {
	{"name", FIELD_STRING, offsetof(struct figure, name), 0, 0},
	{"title", FIELD_STRING, offsetof(struct figure, title), 0, 0},
	{"experiments", FIELD_STRINGS, offsetof(struct figure, experiments), 0, 0},
	{"setups", FIELD_STRINGS, offsetof(struct figure, setups), 0, 0},
	END,
};

#define AT_MOST(of)                                                                                \
	FIELD_INT64, offsetof(struct threshold, at_most_us[THRESHOLD_##of]), 0, 1000000000

static const struct field threshold_fields[] = {
	{"name", FIELD_STRING, offsetof(struct threshold, name), 0, 0},
	{"experiments", FIELD_STRINGS, offsetof(struct threshold, experiments), 0, 0},
	{"setups", FIELD_STRINGS, offsetof(struct threshold, setups), 0, 0},
	{"p50_us", AT_MOST(P50)},
	{"p90_us", AT_MOST(P90)},
	{"p99_us", AT_MOST(P99)},
	{"p99_9_us", AT_MOST(P99_9)},
	{"p99_99_us", AT_MOST(P99_99)},
	{"p99_999_us", AT_MOST(P99_999)},
	{"max_us", AT_MOST(MAX)},
	END,
};

static const struct field setup_fields[] = {
	{"name", FIELD_STRING, offsetof(struct setup, name), 0, 0},
	{"hypervisor", FIELD_INT, offsetof(struct setup, hypervisor), HYPERVISOR_NONE,
		HYPERVISOR_XEN},
	KERNEL_FIELDS(struct setup),
	{"cmdline", FIELD_STRING, offsetof(struct setup, cmdline), 0, 0},
	{"hypervisor_cmdline", FIELD_STRING, offsetof(struct setup, hypervisor_cmdline), 0, 0},
	{"tuning", FIELD_STRINGS, offsetof(struct setup, tuning), 0, 0},
	{"scheduler", FIELD_INT, offsetof(struct setup, scheduler), SCHEDULER_DEFAULT,
		SCHEDULER_NULL},
	{"ratelimit_us", FIELD_INT64, offsetof(struct setup, ratelimit_us), -1, 500000},
	{"dom0_vcpus", FIELD_INT, offsetof(struct setup, dom0_vcpus), 0, 1024},
	{"dom0_pin", FIELD_INT, offsetof(struct setup, dom0_pin), TOGGLE_DEFAULT, TOGGLE_ON},
	{"base_cmdline", FIELD_MAYBE, offsetof(struct setup, base_cmdline), 0, 0},
	{"hypervisor_image", FIELD_MAYBE, offsetof(struct setup, hypervisor_image), 0, 0},
	{"hypervisor_sha256", FIELD_MAYBE, offsetof(struct setup, hypervisor_sha256), 0, 0},
	{"hypervisor_version", FIELD_MAYBE, offsetof(struct setup, hypervisor_version), 0, 0},
	END,
};

#define EXPERIMENT(member) offsetof(struct experiment, member)

static const struct field experiment_fields[] = {
	{"name", FIELD_STRING, EXPERIMENT(name), 0, 0},
	{"in_guest", FIELD_BOOL, EXPERIMENT(in_guest), 0, 0},
	{"place", FIELD_INT, EXPERIMENT(place), PLACE_HOST, PLACE_XEN},
	{"setups", FIELD_STRINGS, EXPERIMENT(setups), 0, 0},
	KERNEL_FIELDS(struct experiment),
	{"guest_type", FIELD_INT, EXPERIMENT(guest_type), GUEST_PV, GUEST_HVM},
	{"hap", FIELD_INT, EXPERIMENT(hap), TOGGLE_DEFAULT, TOGGLE_ON},
	{"vcpus", FIELD_INT, EXPERIMENT(vcpus), 1, 1024},
	{"memory_mib", FIELD_INT64, EXPERIMENT(memory_mib), 1, 1 << 20},
	{"script", FIELD_STRING, EXPERIMENT(script), 0, 0},
	{"script_sha256", FIELD_MAYBE, EXPERIMENT(script_sha256), 0, 0},
	{"vcpu_cpus", FIELD_STRINGS, EXPERIMENT(shape.vcpu_cpus), 0, 0},
	{"emulator_cpus", FIELD_STRING, EXPERIMENT(shape.emulator_cpus), 0, 0},
	{"vcpu_policy", FIELD_INT, EXPERIMENT(shape.vcpu_policy), POLICY_DEFAULT, POLICY_RR},
	{"vcpu_priority", FIELD_INT, EXPERIMENT(shape.vcpu_priority), 0, 99},
	{"lock_memory", FIELD_INT, EXPERIMENT(shape.lock_memory), TOGGLE_DEFAULT, TOGGLE_ON},
	{"cpu_pm", FIELD_INT, EXPERIMENT(shape.cpu_pm), TOGGLE_DEFAULT, TOGGLE_ON},
	{"hugepages", FIELD_INT, EXPERIMENT(shape.hugepages), TOGGLE_DEFAULT, TOGGLE_ON},
	{"machine", FIELD_STRING, EXPERIMENT(shape.machine), 0, 0},
	{"pool_cpus", FIELD_STRING, EXPERIMENT(shape.pool_cpus), 0, 0},
	{"pool_scheduler", FIELD_INT, EXPERIMENT(shape.pool_scheduler), SCHEDULER_DEFAULT,
		SCHEDULER_NULL},
	{"weight", FIELD_INT, EXPERIMENT(shape.weight), 0, 65535},
	{"cap", FIELD_INT, EXPERIMENT(shape.cap), 0, 102400},
	{"rtds_period_us", FIELD_INT64, EXPERIMENT(shape.rtds_period_us), 0, 3600000000},
	{"rtds_budget_us", FIELD_INT64, EXPERIMENT(shape.rtds_budget_us), 0, 3600000000},
	{"neighbours", FIELD_INT, EXPERIMENT(shape.neighbours), 0, 64},
	{"tuning", FIELD_STRINGS, EXPERIMENT(tuning), 0, 0},
	{"load", FIELD_STRINGS, EXPERIMENT(load), 0, 0},
	{"load_place", FIELD_INT, EXPERIMENT(load_place), LOAD_HOST, LOAD_NEIGHBOUR},
	{"tool", FIELD_INT, EXPERIMENT(tool), TOOL_CYCLICTEST, TOOL_TIMERLAT},
	{"interval_us", FIELD_INT64, EXPERIMENT(cyclictest.interval_us), 1, 1000000000},
	{"duration_s", FIELD_INT64, EXPERIMENT(cyclictest.duration_s), 1, INT64_C(30) * 86400},
	{"priority", FIELD_INT, EXPERIMENT(cyclictest.priority), 0, 99},
	{"threads", FIELD_INT, EXPERIMENT(cyclictest.threads), 1, 1024},
	{"histogram_us", FIELD_INT64, EXPERIMENT(cyclictest.histogram_us), 1, 1000000},
	{"repetitions", FIELD_INT, EXPERIMENT(repetitions), 1, 10000},
	END,
};

static const struct field visit_fields[] = {
	{"setup", FIELD_UNSIGNED, offsetof(struct visit, setup), 0, UINT32_MAX},
	{"block", FIELD_UNSIGNED, offsetof(struct visit, block), 1, UINT32_MAX},
	{"first_run", FIELD_UNSIGNED, offsetof(struct visit, first_run), 0, UINT32_MAX},
	{"run_count", FIELD_UNSIGNED, offsetof(struct visit, run_count), 1, UINT32_MAX},
	END,
};

static const struct field run_fields[] = {
	{"id", FIELD_STRING, offsetof(struct run, id), 0, 0},
	{"setup", FIELD_UNSIGNED, offsetof(struct run, setup), 0, UINT32_MAX},
	{"experiment", FIELD_UNSIGNED, offsetof(struct run, experiment), 0, UINT32_MAX},
	{"repetition", FIELD_UNSIGNED, offsetof(struct run, repetition), 1, UINT32_MAX},
	{"place", FIELD_INT, offsetof(struct run, place), PLACE_HOST, PLACE_XEN},
	END,
};

#define ARRAY(name)                                                                                \
#name "s", name##_fields, sizeof(struct name), offsetof(struct plan, name##s),             \
		offsetof(struct plan, name##_count)

static const struct array {
	const char *name;
	const struct field *fields;
	size_t size, offset, count_offset, least;
} arrays[] = {{ARRAY(recipe), 0}, {ARRAY(figure), 0}, {ARRAY(threshold), 0}, {ARRAY(setup), 1},
	{ARRAY(experiment), 1}, {ARRAY(visit), 1}, {ARRAY(run), 1}};
#define ARRAY_COUNT (sizeof(arrays) / sizeof(*arrays))

/* --- to JSON ----------------------------------------------------------------------------- */

static json_t *strings_to_json(char *const *strings)
{
	json_t *json = json_array();

	for (; *strings; strings++)
		json_array_append_new(json, json_string(*strings));
	return json;
}

static json_t *field_to_json(const struct field *field, const void *place)
{
	switch (field->type) {
	case FIELD_STRING:
		return json_string(*(char *const *)place);
	case FIELD_MAYBE:
		return *(char *const *)place ? json_string(*(char *const *)place) : json_null();
	case FIELD_STRINGS:
		return strings_to_json(*(char **const *)place);
	case FIELD_INT:
		return json_integer(*(const int *)place);
	case FIELD_UNSIGNED:
		return json_integer(*(const unsigned *)place);
	case FIELD_INT64:
		return json_integer(*(const int64_t *)place);
	case FIELD_BOOL:
		break;
	}
	return json_boolean(*(const bool *)place);
}

static json_t *struct_to_json(const struct field *fields, const void *from)
{
	json_t *json = json_object();

	for (; fields->name; fields++)
		json_object_set_new(json, fields->name,
			field_to_json(fields, (const char *)from + fields->offset));
	return json;
}

static json_t *array_to_json(const struct array *array, const void *plan)
{
	const char *from = *(char *const *)((const char *)plan + array->offset);
	unsigned count = *(const unsigned *)((const char *)plan + array->count_offset);
	json_t *json = json_array();

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(json, struct_to_json(array->fields, from + i * array->size));
	return json;
}

json_t *plan_to_json(const struct plan *plan)
{
	json_t *json = struct_to_json(plan_fields, plan);

	for (size_t i = 0; i < ARRAY_COUNT; i++)
		json_object_set_new(json, arrays[i].name, array_to_json(&arrays[i], plan));
	return json;
}

/* --- and back ---------------------------------------------------------------------------- */

static bool read_strings(void *ctx, const json_t *json, char ***ret)
{
	size_t count = json_array_size(json);
	char **strings = talloc_zero_array(ctx, char *, (unsigned)count + 1);

	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_array_get(json, i));
		if (!text)
			return false;
		strings[i] = talloc_strdup(strings, text);
	}
	*ret = strings;
	return json_is_array(json);
}

static bool read_number(const struct field *field, const json_t *json, void *place)
{
	int64_t number = json_integer_value(json);

	if (!json_is_integer(json) || number < field->min || number > field->max)
		return false;
	if (field->type == FIELD_INT64)
		*(int64_t *)place = number;
	else if (field->type == FIELD_INT)
		*(int *)place = (int)number;
	else
		*(unsigned *)place = (unsigned)number;
	return true;
}

static bool field_from_json(void *ctx, const struct field *field, const json_t *json, void *place)
{
	switch (field->type) {
	case FIELD_MAYBE:
		if (json_is_null(json)) {
			*(char **)place = NULL;
			return true;
		}
		/* fall through */
	case FIELD_STRING:
		if (!json_is_string(json))
			return false;
		*(char **)place = talloc_strdup(ctx, json_string_value(json));
		return true;
	case FIELD_STRINGS:
		return read_strings(ctx, json, place);
	case FIELD_INT:
	case FIELD_UNSIGNED:
	case FIELD_INT64:
		return read_number(field, json, place);
	case FIELD_BOOL:
		break;
	}
	*(bool *)place = json_is_true(json);
	return json_is_boolean(json);
}

static int struct_from_json(
	void *ctx, const struct field *fields, const json_t *json, void *to, struct err *err)
{
	for (; fields->name; fields++)
		if (!field_from_json(ctx, fields, json_object_get(json, fields->name),
			    (char *)to + fields->offset))
			return err_set(err, -EBADMSG, "plan.json: \"%s\" is missing or damaged",
				fields->name);
	return 0;
}

static int array_from_json(
	struct plan *plan, const struct array *array, const json_t *json, struct err *err)
{
	size_t count = json_array_size(json);
	char *elements = talloc_zero_size(plan, count * array->size + 1);

	if (count < array->least || !json_is_array(json))
		return err_set(err, -EBADMSG, "plan.json: a list is missing or empty");
	for (size_t i = 0; i < count; i++) {
		int r = struct_from_json(plan, array->fields, json_array_get(json, i),
			elements + i * array->size, err);
		if (r < 0)
			return r;
	}
	memcpy((char *)plan + array->offset, &elements, sizeof(elements));
	memcpy((char *)plan + array->count_offset, &(unsigned){(unsigned)count}, sizeof(unsigned));
	return 0;
}

/* Indices that point nowhere would be followed blindly later. */
static int check_indices(const struct plan *plan, struct err *err)
{
	unsigned next = 0;

	for (unsigned v = 0; v < plan->visit_count; v++) {
		const struct visit *visit = &plan->visits[v];
		if (visit->setup >= plan->setup_count || visit->first_run != next ||
			visit->run_count > plan->run_count - next)
			return err_set(err, -EBADMSG, "plan.json: visit %u is damaged", v + 1);
		next += visit->run_count;
	}
	for (unsigned r = 0; r < plan->run_count; r++)
		if (plan->runs[r].setup >= plan->setup_count ||
			plan->runs[r].experiment >= plan->experiment_count ||
			strchr(plan->runs[r].id, '/'))
			return err_set(err, -EBADMSG, "plan.json: run %u is damaged", r + 1);
	return next == plan->run_count
		       ? 0
		       : err_set(err, -EBADMSG, "plan.json: a run belongs to no visit");
}

static int read_arrays(struct plan *plan, const json_t *json, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_COUNT; i++)
		r = array_from_json(plan, &arrays[i], json_object_get(json, arrays[i].name), err);
	return r;
}

int plan_from_json(void *ctx, const json_t *json, struct plan **ret, struct err *err)
{
	struct plan *plan = talloc_zero(ctx, struct plan);
	int r = struct_from_json(plan, plan_fields, json, plan, err);

	if (r == 0)
		r = read_arrays(plan, json, err);
	if (r == 0)
		r = check_indices(plan, err);
	if (r < 0)
		talloc_free(plan);
	else
		*ret = plan;
	return r;
}
