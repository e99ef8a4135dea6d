/* SPDX-License-Identifier: MIT */
/*
 * The shape of a KVM guest: QEMU is started with its vCPUs stopped, its threads are put where they
 * belong, all is read back, and only then the guest is let go.
 */
#ifndef GUESTS_KVM_SHAPE_H
#define GUESTS_KVM_SHAPE_H

#include <jansson.h>
#include <sys/types.h>

#include "base/err.h"
#include "campaigns/plan.h"
#include "guests/qmp.h"

/* Gives QEMU's threads what the experiment asks for; `pid` is QEMU's, which may be spoken to by
 * `qmp`. */
int kvm_shape_set(const struct experiment *experiment, pid_t pid, struct qmp *qmp, struct err *err);

/* Reads back what this QEMU is, as JSON (new reference). */
int kvm_shape_find(const struct experiment *experiment, pid_t pid, struct qmp *qmp,
	json_t **ret_found, struct err *err);

/* Both, compares (-EXDEV), and lets the guest run. */
int kvm_shape_begin(const struct experiment *experiment, pid_t pid, struct qmp *qmp,
	json_t **ret_found, struct err *err);

#endif
