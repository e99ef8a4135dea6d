/* SPDX-License-Identifier: MIT */
#include "guests/shape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "guests/cpus.h"

const char *shape_vcpu_cpus(const struct shape *shape, int vcpu)
{
	if (!shape->vcpu_cpus[0])
		return NULL;
	/* One list is for all of them. */
	return shape->vcpu_cpus[1] ? shape->vcpu_cpus[vcpu] : shape->vcpu_cpus[0];
}

static json_t *tidy_list(const char *list)
{
	char *tidy = cpus_tidy(NULL, list);
	json_t *json = json_string(tidy);

	talloc_free(tidy);
	return json;
}

/* An array with one member for each vCPU. */
static json_t *for_each_vcpu(const struct experiment *experiment, const json_t *value)
{
	json_t *array = json_array();

	for (int i = 0; i < experiment->vcpus; i++)
		json_array_append_new(
			array, value ? json_deep_copy(value)
				     : tidy_list(shape_vcpu_cpus(&experiment->shape, i)));
	return array;
}

static void ask_toggle(json_t *asked, const char *name, enum toggle toggle)
{
	if (toggle != TOGGLE_DEFAULT)
		json_object_set_new(asked, name, json_boolean(toggle == TOGGLE_ON));
}

static void ask_policy(json_t *asked, const struct experiment *experiment)
{
	json_t *policy = json_string(policy_name(experiment->shape.vcpu_policy));
	json_t *priority = json_integer(experiment->shape.vcpu_priority);

	if (experiment->shape.vcpu_policy != POLICY_DEFAULT) {
		json_object_set_new(asked, "vcpu_policy", for_each_vcpu(experiment, policy));
		json_object_set_new(asked, "vcpu_priority", for_each_vcpu(experiment, priority));
	}
	json_decref(policy);
	json_decref(priority);
}

static void ask_kvm(json_t *asked, const struct experiment *experiment)
{
	const struct shape *shape = &experiment->shape;

	json_object_set_new(asked, "machine", json_string(shape->machine));
	if (*shape->emulator_cpus)
		json_object_set_new(asked, "emulator_cpus", tidy_list(shape->emulator_cpus));
	ask_policy(asked, experiment);
	ask_toggle(asked, "lock_memory", shape->lock_memory);
	ask_toggle(asked, "cpu_pm", shape->cpu_pm);
	ask_toggle(asked, "hugepages", shape->hugepages);
}

static void ask_number(json_t *asked, const char *name, int64_t number)
{
	if (number > 0)
		json_object_set_new(asked, name, json_integer(number));
}

static void ask_xen(json_t *asked, const struct shape *shape)
{
	ask_number(asked, "weight", shape->weight);
	ask_number(asked, "cap", shape->cap);
	ask_number(asked, "rtds_period_us", shape->rtds_period_us);
	ask_number(asked, "rtds_budget_us", shape->rtds_budget_us);
	if (*shape->pool_cpus)
		json_object_set_new(asked, "pool_cpus", tidy_list(shape->pool_cpus));
	if (*shape->pool_cpus && shape->pool_scheduler != SCHEDULER_DEFAULT)
		json_object_set_new(asked, "pool_scheduler",
			json_string(scheduler_name(shape->pool_scheduler)));
}

json_t *shape_asked(const struct experiment *experiment, enum place place)
{
	json_t *asked = json_pack("{s:i}", "vcpus", experiment->vcpus);

	if (experiment->shape.vcpu_cpus[0])
		json_object_set_new(asked, "vcpu_cpus", for_each_vcpu(experiment, NULL));
	if (place == PLACE_KVM)
		ask_kvm(asked, experiment);
	else
		ask_xen(asked, &experiment->shape);
	ask_number(asked, "neighbours", experiment->shape.neighbours);
	return asked;
}

static int say_difference(
	const char *name, const json_t *asked, const json_t *found, struct err *err)
{
	char *a = json_dumps(asked, JSON_ENCODE_ANY | JSON_COMPACT);
	char *f = found ? json_dumps(found, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;

	err_set(err, -EXDEV, "the guest's %s: asked %s, found %s", name, a, f ? f : "nothing");
	free(a);
	free(f);
	return -EXDEV;
}

int shape_compare(const json_t *asked, const json_t *found, struct err *err)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)asked, name,
		value) if (!json_equal(value,
				   json_object_get(found, name))) return say_difference(name, value,
		json_object_get(found, name), err);
	return 0;
}
