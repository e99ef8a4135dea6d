/* SPDX-License-Identifier: MIT */
/*
 * KVM guests: one QEMU process each, with no device but a serial console. All of them begin with
 * their vCPUs stopped: that their threads can be found, set and read back before the first
 * instruction is then the same whatever a campaign asks for.
 */
#include "guests/kvm.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <talloc.h>

#include "base/files.h"
#include "base/programs.h"
#include "guests/kvm-shape.h"
#include "guests/neighbours.h"
#include "guests/shape.h"
#include "guests/tool.h"
#include "loads/cpu-time.h"

static void add(const char ***argv, const char *option, const char *value)
{
	size_t size = talloc_array_length(*argv);

	*argv = talloc_realloc(NULL, *argv, const char *, (unsigned)size + 2);
	(*argv)[size - 1] = option;
	(*argv)[size] = value;
	(*argv)[size + 1] = NULL;
}

static const char *on_off(enum toggle toggle)
{
	return toggle == TOGGLE_ON ? "on" : "off";
}

static void add_overcommit(const char ***argv, const struct shape *shape)
{
	if (shape->lock_memory != TOGGLE_DEFAULT)
		add(argv, "-overcommit",
			talloc_asprintf(*argv, "mem-lock=%s", on_off(shape->lock_memory)));
	if (shape->cpu_pm != TOGGLE_DEFAULT)
		add(argv, "-overcommit",
			talloc_asprintf(*argv, "cpu-pm=%s", on_off(shape->cpu_pm)));
}

static void add_machine(const char ***argv, const struct experiment *experiment)
{
	bool huge = experiment->shape.hugepages == TOGGLE_ON;

	/* accel=kvm and nothing else: a guest under emulation would measure something else. */
	add(argv, "-machine",
		talloc_asprintf(*argv, "%s,accel=kvm%s", experiment->shape.machine,
			huge ? ",memory-backend=ram" : ""));
	add(argv, "-cpu", "host");
	add(argv, "-smp", talloc_asprintf(*argv, "%d", experiment->vcpus));
	add(argv, "-m", talloc_asprintf(*argv, "%ldM", experiment->memory_mib));
	if (huge)
		add(argv, "-object",
			talloc_asprintf(*argv,
				"memory-backend-memfd,id=ram,size=%ldM,hugetlb=on,prealloc=on",
				experiment->memory_mib));
	add_overcommit(argv, &experiment->shape);
}

/* The monitor, and a console that is QEMU's stdout. */
static void add_lines(const char ***argv, int monitor_fd)
{
	add(argv, "-chardev", talloc_asprintf(*argv, "socket,id=monitor,fd=%d", monitor_fd));
	add(argv, "-mon", "chardev=monitor,mode=control");
	add(argv, "-display", "none");
	add(argv, "-serial", "stdio");
}

static void add_kernel(const char ***argv, const struct guest *guest)
{
	add(argv, "-kernel", guest->experiment->kernel.image);
	add(argv, "-initrd", guest->image);
	add(argv, "-append", guest->cmdline);
}

const char **kvm_argv(void *ctx, const struct guest *guest, int monitor_fd)
{
	const char **argv = talloc_zero_array(ctx, const char *, 2);

	argv[0] = "qemu-system-x86_64";
	add(&argv, "-name", talloc_asprintf(argv, "latcampaign-%s", guest->name));
	add_machine(&argv, guest->experiment);
	add_lines(&argv, monitor_fd);
	add_kernel(&argv, guest);
	add(&argv, "-nodefaults", "-no-user-config");
	add(&argv, "-no-reboot", "-S");
	return argv;
}

static void kvm_check(void *ctx, int root, const struct plan *plan, const struct run *run,
	struct complaints *complaints)
{
	program_need(ctx, root, "qemu-system-x86_64", "qemu-system-x86", complaints);
	tool_check(ctx, root, &plan->experiments[run->experiment], complaints);
	program_need(ctx, root, "busybox", "busybox-static", complaints);
	/* Under Xen KVM is not there: only a boot without Xen could have told. */
	if (!file_exists(root, "dev/kvm") && !file_exists(root, "sys/hypervisor/type"))
		complaints_add(ctx, complaints,
			"/dev/kvm is not there, so KVM guests cannot run; switch hardware "
			"virtualisation on in the firmware, or load kvm_intel or kvm_amd");
	shape_check(ctx, root, plan, run, complaints);
}

/* QEMU ends with the unit that started it. */
static int kvm_clean(struct err *err)
{
	(void)err;
	return 0;
}

/* One QEMU: its monitor and what was found of it. */
struct vm {
	const struct guest *guest;
	int monitor_fd; /* our end; closed with the object */
	int its_fd;     /* QEMU's end, likewise */
	json_t *found;
};

static int free_vm(struct vm *vm)
{
	close_fd(&vm->monitor_fd);
	close_fd(&vm->its_fd);
	json_decref(vm->found);
	return 0;
}

static int make_vm(void *ctx, const struct guest *guest, struct vm **ret, struct err *err)
{
	int ends[2];
	struct vm *vm = talloc_zero(ctx, struct vm);

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return err_set(err, -errno, "no socket for QEMU's monitor: %s", strerror(errno));
	*vm = (struct vm){guest, ends[0], ends[1], NULL};
	talloc_set_destructor(vm, free_vm);
	*ret = vm;
	return 0;
}

/* Memory from huge pages is a file to the kernel, and has to be made first. */
static size_t output_limit(const struct experiment *experiment)
{
	bool huge = experiment->shape.hugepages == TOGGLE_ON;

	return GUEST_CONSOLE_LIMIT + (huge ? (size_t)experiment->memory_mib << 20 : 0);
}

/* QEMU stands still: everything is put where it belongs, then the guest is let go. */
static int vm_started(void *argument, pid_t pid, struct err *err)
{
	struct vm *vm = argument;
	const struct measurement *measurement = vm->guest->measurement;
	const struct rlimit console = {GUEST_CONSOLE_LIMIT, GUEST_CONSOLE_LIMIT};
	struct qmp *qmp = NULL;

	/* Without our copy of its end a QEMU that ends is noticed at once. */
	close_fd(&vm->its_fd);
	vm->its_fd = -1;
	int r = qmp_open(vm, vm->monitor_fd, (int)measurement->plan->limits.guest_seconds,
		measurement->cancel_fd, &qmp, err);
	if (r == 0 && prlimit(pid, RLIMIT_FSIZE, &console, NULL) < 0)
		r = err_set(err, -errno, "QEMU's output cannot be limited: %s", strerror(errno));
	return r == 0 ? kvm_shape_begin(vm->guest->experiment, pid, qmp, &vm->found, err) : r;
}

static int start_vm(
	void *ctx, const struct guest *guest, int output_fd, struct spawned *ret, struct err *err)
{
	struct spawn_result result;
	struct vm *vm = NULL;
	int r = make_vm(ctx, guest, &vm, err);

	if (!vm)
		return r;
	struct spawn_options options = spawn_options(kvm_argv(ctx, guest, vm->its_fd));
	options.output_fd = output_fd;
	options.keep_fd = vm->its_fd;
	options.output_limit = output_limit(guest->experiment);
	r = spawn_start(&options, ret, err);
	if (r < 0)
		return r;
	r = vm_started(vm, ret->pid, err);
	if (r < 0)
		spawn_stop(ret, &result, NULL);
	return r;
}

static int run_vm(const struct guest *guest, int beside_fd, json_t **ret_found, json_t **ret_shape,
	struct err *err)
{
	void *ctx = talloc_new(NULL);
	struct vm *vm = NULL;
	int r = make_vm(ctx, guest, &vm, err);

	if (vm) {
		const struct guest_console console = {.argv = kvm_argv(ctx, guest, vm->its_fd),
			.keep_fd = vm->its_fd,
			.output_limit = output_limit(guest->experiment),
			.started = vm_started,
			.argument = vm};
		r = guest_run(guest, &console, beside_fd, ret_found, err);
	}
	if (vm && r == 0)
		*ret_shape = json_incref(vm->found);
	talloc_free(ctx);
	return r;
}

/* QEMU's own, with that of its vCPUs' threads. */
static int vm_cpu_seconds(
	const struct guest *guest, const struct spawned *spawned, double *ret, struct err *err)
{
	(void)err;
	*ret = group_cpu_seconds(guest->measurement->root, spawned->pid);
	return 0;
}

static const struct guest_operations operations = {
	.place = PLACE_KVM,
	.start = start_vm,
	.run = run_vm,
	.cpu_seconds = vm_cpu_seconds,
};

static int kvm_measure(const struct measurement *measurement, json_t **ret_found, struct err *err)
{
	void *ctx = talloc_new(NULL);
	struct guest guest;
	int r = guest_prepare(ctx, measurement, "ttyS0", &guest, err);

	if (r == 0)
		r = neighbours_measure(&guest, &operations, ret_found, err);
	talloc_free(ctx);
	return r;
}

const struct platform kvm_platform = {
	.name = "kvm",
	.check = kvm_check,
	.clean = kvm_clean,
	.measure = kvm_measure,
};
