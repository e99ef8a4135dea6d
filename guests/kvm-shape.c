/* SPDX-License-Identifier: MIT */
#include "guests/kvm-shape.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "guests/shape.h"
#include "guests/threads.h"

/* QEMU's threads: those that run a vCPU each, in their order, and all the others. */
struct vm_threads {
	struct qmp_cpu *cpus;
	unsigned cpu_count;
	pid_t *others;
	unsigned other_count;
};

static bool runs_a_vcpu(const struct vm_threads *threads, pid_t thread)
{
	for (unsigned i = 0; i < threads->cpu_count; i++)
		if (threads->cpus[i].thread == thread)
			return true;
	return false;
}

static void keep_others(struct vm_threads *threads, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (!runs_a_vcpu(threads, threads->others[i]))
			threads->others[threads->other_count++] = threads->others[i];
}

/* The JSON stays with `ctx`, since the CPUs' paths belong to it. */
static int free_json(json_t **json)
{
	json_decref(*json);
	return 0;
}

static int list_threads(
	void *ctx, pid_t pid, struct qmp *qmp, struct vm_threads *ret, struct err *err)
{
	json_t **cpus = talloc_zero(ctx, json_t *);
	unsigned count = 0;

	*ret = (struct vm_threads){.cpus = NULL};
	talloc_set_destructor(cpus, free_json);
	int r = qmp_execute(qmp, "query-cpus-fast", NULL, cpus, err);
	if (r == 0)
		r = qmp_cpus(ctx, *cpus, &ret->cpus, &ret->cpu_count, err);
	if (r == 0)
		r = threads_list(ctx, pid, &ret->others, &count, err);
	if (r == 0)
		keep_others(ret, count);
	return r;
}

/* --- setting ----------------------------------------------------------------------------- */

static int set_vcpu(const struct experiment *experiment, const struct qmp_cpu *cpu, struct err *err)
{
	const struct shape *shape = &experiment->shape;
	const char *list =
		cpu->index < experiment->vcpus ? shape_vcpu_cpus(shape, (int)cpu->index) : NULL;
	char what[64];

	snprintf(what, sizeof(what), "the thread of vCPU %lld", (long long)cpu->index);
	int r = list ? thread_pin(cpu->thread, what, list, err) : 0;
	return r == 0 ? thread_schedule(
				cpu->thread, what, shape->vcpu_policy, shape->vcpu_priority, err)
		      : r;
}

/* Threads come and go (a pool of workers); new ones are where those are that made them. */
static int pin_others(const struct vm_threads *threads, const char *list, struct err *err)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < threads->other_count; i++) {
		r = thread_pin(threads->others[i], "a thread of QEMU", list, err);
		if (r == -ESRCH)
			r = 0;
	}
	return r;
}

int kvm_shape_set(const struct experiment *experiment, pid_t pid, struct qmp *qmp, struct err *err)
{
	void *ctx = talloc_new(NULL);
	struct vm_threads threads;
	int r = list_threads(ctx, pid, qmp, &threads, err);

	for (unsigned i = 0; r == 0 && i < threads.cpu_count; i++)
		r = set_vcpu(experiment, &threads.cpus[i], err);
	if (r == 0 && *experiment->shape.emulator_cpus)
		r = pin_others(&threads, experiment->shape.emulator_cpus, err);
	talloc_free(ctx);
	return r;
}

/* --- reading back ------------------------------------------------------------------------ */

static int find_vcpus(void *ctx, const struct vm_threads *threads, json_t *found, struct err *err)
{
	json_t *lists = json_array(), *policies = json_array(), *priorities = json_array();
	int r = 0;

	for (unsigned i = 0; r == 0 && i < threads->cpu_count; i++) {
		const char *policy = "";
		char *list = NULL;
		int priority = 0;
		r = thread_read(ctx, threads->cpus[i].thread, &list, &policy, &priority, err);
		json_array_append_new(lists, json_string(list));
		json_array_append_new(policies, json_string(policy));
		json_array_append_new(priorities, json_integer(priority));
	}
	json_object_set_new(found, "vcpus", json_integer(threads->cpu_count));
	json_object_set_new(found, "vcpu_cpus", lists);
	json_object_set_new(found, "vcpu_policy", policies);
	json_object_set_new(found, "vcpu_priority", priorities);
	return r;
}

/* The list of CPUs that all of QEMU's other threads have; all lists, joined by " and ", when they
 * differ. */
static int find_others(void *ctx, const struct vm_threads *threads, json_t *found, struct err *err)
{
	char *lists = talloc_strdup(ctx, "");
	const char *policy, *last = "";
	int priority;

	for (unsigned i = 0; i < threads->other_count; i++) {
		char *list = NULL;
		int r = thread_read(ctx, threads->others[i], &list, &policy, &priority, err);
		if (r == -ESRCH)
			continue;
		if (r < 0)
			return r;
		if (strcmp(list, last) != 0)
			lists = talloc_asprintf_append(lists, "%s%s", *lists ? " and " : "", list);
		last = list;
	}
	json_object_set_new(found, "emulator_cpus", json_string(lists));
	return 0;
}

/* An alias such as "q35" stands for the newest of its kind: what it is gets told, too. */
static void find_alias(json_t *found, const json_t *machines, const char *name, const char *asked)
{
	size_t i;
	const json_t *machine;

	json_array_foreach((json_t *)(uintptr_t)machines, i, machine)
	{
		const char *is = json_string_value(json_object_get(machine, "name"));
		const char *alias = json_string_value(json_object_get(machine, "alias"));
		if (is && alias && strcmp(is, name) == 0 && strcmp(alias, asked) == 0)
			name = alias;
	}
	json_object_set_new(found, "machine", json_string(name));
}

static int find_machine(struct qmp *qmp, const char *asked, json_t *found, struct err *err)
{
	json_t *type = NULL, *machines = NULL;
	int r = qmp_execute(qmp, "qom-get",
		json_pack("{s:s, s:s}", "path", "/machine", "property", "type"), &type, err);

	if (r == 0)
		r = qmp_execute(qmp, "query-machines", NULL, &machines, err);
	if (r == 0) {
		/* "pc-q35-7.2-machine" */
		const char *name = json_string_value(type) ? json_string_value(type) : "";
		const char *end = strstr(name, "-machine");
		char *plain = talloc_strndup(NULL, name, end ? (size_t)(end - name) : strlen(name));
		json_object_set_new(found, "machine_version", json_string(plain));
		find_alias(found, machines, plain, asked);
		talloc_free(plain);
	}
	json_decref(type);
	json_decref(machines);
	return r;
}

/* Idle vCPUs that keep their CPU (cpu-pm) show as the MWAIT that the guest may use then. */
static int find_cpu_pm(
	struct qmp *qmp, const struct vm_threads *threads, json_t *found, struct err *err)
{
	json_t *monitor = NULL;
	int r = threads->cpu_count == 0
			? err_set(err, -EBADMSG, "QEMU has no vCPUs")
			: qmp_execute(qmp, "qom-get",
				  json_pack("{s:s, s:s}", "path", threads->cpus[0].path, "property",
					  "monitor"),
				  &monitor, err);

	if (r == 0)
		json_object_set(found, "cpu_pm", monitor);
	json_decref(monitor);
	return r;
}

/* Huge pages are never swapped and do not count as locked. */
static void find_memory(const struct experiment *experiment, pid_t pid, json_t *found)
{
	long asked = (long)experiment->memory_mib * 1024;
	long locked = process_kib(pid, "VmLck"), huge = process_kib(pid, "HugetlbPages");

	json_object_set_new(
		found, "lock_memory", json_boolean(locked > 0 && locked + huge >= asked));
	json_object_set_new(found, "hugepages", json_boolean(huge >= asked));
}

int kvm_shape_find(const struct experiment *experiment, pid_t pid, struct qmp *qmp,
	json_t **ret_found, struct err *err)
{
	void *ctx = talloc_new(NULL);
	json_t *found = json_object();
	struct vm_threads threads;
	int r = list_threads(ctx, pid, qmp, &threads, err);

	if (r == 0)
		r = find_vcpus(ctx, &threads, found, err);
	if (r == 0)
		r = find_others(ctx, &threads, found, err);
	if (r == 0)
		r = find_machine(qmp, experiment->shape.machine, found, err);
	if (r == 0)
		r = find_cpu_pm(qmp, &threads, found, err);
	find_memory(experiment, pid, found);
	if (r == 0)
		*ret_found = json_incref(found);
	json_decref(found);
	talloc_free(ctx);
	return r;
}

int kvm_shape_begin(const struct experiment *experiment, pid_t pid, struct qmp *qmp,
	json_t **ret_found, struct err *err)
{
	json_t *asked = shape_asked(experiment, PLACE_KVM), *found = NULL;
	int r = kvm_shape_set(experiment, pid, qmp, err);

	if (r == 0)
		r = kvm_shape_find(experiment, pid, qmp, &found, err);
	/* Neighbours are counted where they are started. */
	json_object_del(asked, "neighbours");
	if (r == 0)
		r = shape_compare(asked, found, err);
	if (r == 0)
		r = qmp_execute(qmp, "cont", NULL, NULL, err);
	if (r == 0)
		*ret_found = json_incref(found);
	json_decref(asked);
	json_decref(found);
	return r;
}
