/* SPDX-License-Identifier: MIT */
/*
 * Tables of keys: what a group of a campaign may say, and where it is stored. Checking, unknown
 * keys and their suggestions all come from these tables.
 */
#ifndef CAMPAIGNS_KEYS_H
#define CAMPAIGNS_KEYS_H

#include <libconfig.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/complaints.h"

enum key_type {
	KEY_STRING,  /* char * */
	KEY_CMDLINE, /* char *: words for a kernel or hypervisor through GRUB */
	KEY_CHOICE,  /* int: index into choices */
	KEY_INT,     /* int within min..max */
	KEY_INT64,   /* int64_t within min..max */
	KEY_MICROS,  /* int64_t microseconds within min..max, written with a unit */
	KEY_SECONDS, /* int64_t seconds within min..max, written with a unit */
	KEY_MIB,     /* int64_t MiB within min..max, written with a unit */
	KEY_BOOL,    /* int: an enum toggle that a boolean sets */
	KEY_FLAG,    /* bool */
	KEY_CPUS,    /* char *: a list of CPUs such as "0-1,3" */
	KEY_WORDS,   /* char **: min or more, NULL-terminated; each is one of choices, if any */
	KEY_GROUP,   /* read elsewhere */
};

struct key {
	const char *name;
	enum key_type type;
	size_t offset; /* into the target */
	int64_t min, max;
	const char *const *choices; /* NULL-terminated */
};

/* What reads and complains. */
struct reader {
	void *ctx; /* owns what is stored */
	const char *path;
	struct complaints *complaints;
};

/* "paper.cfg:12" or "--set KEY=VALUE", in front of a sentence about the setting. */
void reader_complain(struct reader *reader, const config_setting_t *setting, const char *format,
	...) __attribute__((format(printf, 3, 4)));

/* Reads every member of `group` into `target` by the table (ended by a key without name). */
void keys_read(
	struct reader *reader, const config_setting_t *group, const struct key *keys, void *target);

/* Complains unless the name can be part of file names and run ids. */
void keys_check_name(struct reader *reader, const config_setting_t *setting, const char *name);

/* A member of a group of named groups: complains about its name or when it is no group itself
 * (false). `what` is the word for it: "setup", "experiment", ... */
bool keys_check_member(struct reader *reader, const config_setting_t *setting, const char *what);

/* How many words a NULL-terminated list has. */
unsigned words_count(char *const *words);

#endif
