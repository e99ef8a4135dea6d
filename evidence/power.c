/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "evidence/cpus.h"
#include "evidence/host.h"
#include "evidence/reading.h"

#define CPU "sys/devices/system/cpu/"

/* The member is the folder's file, with `reader`. */
static void read_in(struct reading *reading, const char *member, const char *folder,
	const char *file, void (*reader)(struct reading *, const char *, const char *))
{
	char *path = talloc_asprintf(NULL, "%s/%s", folder, file);

	reader(reading, member, path);
	talloc_free(path);
}

/* --- frequencies -------------------------------------------------------------------------- */

static json_t *read_frequency(int root, const char *cpu)
{
	char *folder = talloc_asprintf(NULL, "%s/cpufreq", cpu);
	json_t *json = NULL;

	if (file_exists(root, folder)) {
		struct reading policy = reading_begin(root);
		read_in(&policy, "driver", folder, "scaling_driver", reading_text);
		read_in(&policy, "governor", folder, "scaling_governor", reading_text);
		read_in(&policy, "min_khz", folder, "scaling_min_freq", reading_integer);
		read_in(&policy, "max_khz", folder, "scaling_max_freq", reading_integer);
		read_in(&policy, "hardware_min_khz", folder, "cpuinfo_min_freq", reading_integer);
		read_in(&policy, "hardware_max_khz", folder, "cpuinfo_max_freq", reading_integer);
		read_in(&policy, "energy_preference", folder, "energy_performance_preference",
			reading_text);
		json = policy.json;
	}
	talloc_free(folder);
	return json;
}

/* --- idle states -------------------------------------------------------------------------- */

static json_t *read_state(int root, const char *folder)
{
	struct reading state = reading_begin(root);

	read_in(&state, "name", folder, "name", reading_text);
	read_in(&state, "latency_us", folder, "latency", reading_integer);
	read_in(&state, "disabled", folder, "disable", reading_flag);
	return state.json;
}

static json_t *read_idle(int root, const char *cpu)
{
	char *folder = talloc_asprintf(NULL, "%s/cpuidle", cpu);
	json_t *states = json_array();

	/* They are numbered without a gap, the lightest first. */
	for (unsigned i = 0;; i++) {
		char *state = talloc_asprintf(folder, "%s/state%u", folder, i);
		if (!file_exists(root, state))
			break;
		json_array_append_new(states, read_state(root, state));
	}
	talloc_free(folder);
	if (json_array_size(states) > 0)
		return json_pack("{s:o}", "states", states);
	json_decref(states);
	return NULL;
}

json_t *host_power(int root)
{
	struct reading power = reading_begin(root);

	json_object_set_new(power.json, "cpufreq", cpus_grouped(root, read_frequency));
	reading_flag(&power, "boost", CPU "cpufreq/boost");
	reading_text(&power, "intel_pstate", CPU "intel_pstate/status");
	reading_flag(&power, "intel_no_turbo", CPU "intel_pstate/no_turbo");
	reading_text(&power, "cpuidle_driver", CPU "cpuidle/current_driver");
	reading_text(&power, "cpuidle_governor", CPU "cpuidle/current_governor_ro");
	json_object_set_new(power.json, "cpuidle", cpus_grouped(root, read_idle));
	return power.json;
}
