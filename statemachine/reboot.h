/* SPDX-License-Identifier: MIT */
/*
 * Leaving a boot and arriving in the next one, with the BMC's watchdog over the way between.
 */
#ifndef STATEMACHINE_REBOOT_H
#define STATEMACHINE_REBOOT_H

#include "base/err.h"

/*
 * Notes in the store that the BMC's watchdog is about to be armed, and arms it for `seconds`. A
 * machine without a BMC is a success. `root` and `store` are descriptors.
 */
int reboot_watch(int root, int store, int seconds, struct err *err);

/* Asks systemd to reboot the machine. Returns 1, or a negative errno. */
int reboot_ask(struct err *err);

/*
 * Turns the BMC's watchdog off if this machine was rebooted under it. An error means that it may
 * reset the machine at any moment: nothing can be measured in this boot.
 */
int reboot_arrived(int store, struct err *err);

#endif
