# SPDX-License-Identifier: MIT
#
# make            build/latcampaign
# make install    PREFIX, SYSCONFDIR, UNITDIR, STATEDIR and DESTDIR are honoured
# make check      the tests, the machine that reboots included
# make rehearse   the whole product in a disposable machine
# make fuzz       ten million inputs for each parser
# make protections  each protection taken out once in that machine: its test has to fail
# make torture    power cuts at random moments of campaigns in that machine
# make bench      how long it takes over large data, beside other ways
# make deps       installs what all of these need (Debian)

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
UNITDIR ?= $(SYSCONFDIR)/systemd/system
STATEDIR ?= /var/lib/latcampaign
VERSION := 0.1.0

CC ?= cc
PKGS := libconfig jansson libarchive libcrypto libsystemd talloc gsl libxml-2.0
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wformat=2 -Wundef -Wpointer-arith -Wwrite-strings -Wvla -Werror
# Headers of the system: no warnings in them, and an installed tree is not made anew where they are not.
PKG_CFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKGS)))
CFLAGS ?= -O2 -g
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -I. $(WARNINGS) $(PKG_CFLAGS) \
	-DVERSION='"$(VERSION)"' -DSTATEDIR='"$(STATEDIR)"' -DDATADIR='"$(PREFIX)/share/latcampaign"' \
	-fstack-protector-strong $(CFLAGS)
LIBS = $(shell pkg-config --libs $(PKGS)) -lm -pthread

B ?= build
FOLDERS := base campaigns evidence kernels loads tuning guests latencies results statistics figures tables report \
	grub-hooks watchdogs distributions statemachine
SOURCES := $(filter-out statemachine/main.c,$(wildcard $(FOLDERS:%=%/*.c)))
OBJECTS := $(SOURCES:%.c=$B/%.o)
UNIT_TESTS := $(patsubst tests/unit/%.c,$B/tests/unit/%,$(wildcard tests/unit/test_*.c))

EXPLORE := explore machine invariants
EXPLORE_OBJECTS := $(EXPLORE:%=$B/tests/explore/%.o)

# The calls that tests/durable lets fail.
WRAPPED := write openat fsync fdatasync syncfs fchmod mkdirat unlinkat symlinkat renameat poll spawn_run
DURABLE_OBJECTS := $(patsubst %.c,$B/%.o,$(wildcard tests/durable/*.c))

Q = $(if $V,,@)
say = $(if $V,,@echo '  $1')

.PHONY: all programs deps install uninstall check check-here check-quick sanitize sanitized fuzz rehearse protections torture bench clean

all: $B/latcampaign

$B/latcampaign: $B/statemachine/main.o $B/liblatcampaign.a
	$(call say,LD $@)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$B/liblatcampaign.a: $(OBJECTS)
	$(call say,AR $@)
	$Qrm -f $@
	$Qar rcs $@ $^

$B/%.o: %.c Makefile
	$(call say,CC $<)
	$Qmkdir -p $(@D)
	$Q$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# What they ask programs for is looked at instead of done.
$B/tests/unit/test_distributions $B/tests/unit/test_home $B/tests/unit/test_prepare: LDFLAGS += -Wl,--wrap=spawn_run
$B/tests/unit/test_watchdogs $B/tests/unit/test_evidence: LDFLAGS += -Wl,--wrap=spawn_read

# Waiting takes no time.
$B/tests/unit/test_prepare: LDFLAGS += -Wl,--wrap=sigtimedwait

# cyclictest prints what the test wants.
$B/tests/unit/test_expect: LDFLAGS += -Wl,--wrap=spawn_run

# Neither make nor patch nor dpkg is run: what they are asked for is looked at.
$B/tests/unit/test_recipes: LDFLAGS += -Wl,--wrap=spawn_read,--wrap=spawn_start

# Whether a policy is granted is decided by the test.
$B/tests/unit/test_kvm: LDFLAGS += -Wl,--wrap=sched_setscheduler -Wl,--wrap=sched_getscheduler \
	-Wl,--wrap=sched_getparam

$B/tests/unit/%: $B/tests/unit/%.o $B/liblatcampaign.a
	$(call say,LD $@)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(LIBS)

$B/tests/explore/explore: $(EXPLORE_OBJECTS) $B/statemachine/step.o
	$(call say,LD $@)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

# Each of its thousands of processes would look the library's functions up once more.
$B/tests/durable/durable: LDFLAGS += -Wl,-z,now
$B/tests/durable/durable: $(DURABLE_OBJECTS) $B/liblatcampaign.a
	$(call say,LD $@)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) $(WRAPPED:%=-Wl,--wrap=%) -o $@ $^ $(LIBS)

$B/tests/statistics/statistics: $B/tests/statistics/statistics.o $B/liblatcampaign.a
	$(call say,LD $@)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# cyclictest and guests are played.
$B/tests/schema/runs: $B/tests/schema/runs.o $B/liblatcampaign.a
	$(call say,LD $@)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--wrap=spawn_run,--wrap=platform_get -o $@ $^ -lcmocka $(LIBS)

# --- installing ----------------------------------------------------------------------------

UNITS := latcampaign.service latcampaign-guard.service latcampaign-guard.timer
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

deps:
	$(SUDO) env DEBIAN_FRONTEND=noninteractive sh -ec 'apt-get update -qq; \
		apt-get install -y -qq --no-install-recommends \
		$(shell sed 's/#.*//' dist/packages.debian)'

fill = sed 's|@PREFIX@|$(PREFIX)|g; s|@STATEDIR@|$(STATEDIR)|g'

# On the machine itself (no DESTDIR) GRUB reads the hook and systemd the unit at once: then
# `latcampaign start` is all that is left to do.
install: $B/latcampaign
	install -D -m 755 $B/latcampaign $(DESTDIR)$(PREFIX)/bin/latcampaign
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/share/latcampaign/guest guests/init.sh guests/measure.sh
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/latcampaign/campaigns campaigns/*.cfg
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/latcampaign/loads loads/kernel-build.mk
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/latcampaign/kernels kernels/*.config
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/latcampaign dist/distributions.conf docs/*.schema.json
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man5 dist/latcampaign.cfg.5
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man8 dist/latcampaign.8
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	$(fill) dist/latcampaign.bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/latcampaign
	install -D -m 755 grub-hooks/42_latcampaign $(DESTDIR)$(SYSCONFDIR)/grub.d/42_latcampaign
	install -d $(DESTDIR)$(UNITDIR)
	$(fill) dist/latcampaign.service > $(DESTDIR)$(UNITDIR)/latcampaign.service
	install -m 644 -t $(DESTDIR)$(UNITDIR) dist/latcampaign-guard.service dist/latcampaign-guard.timer
	$(if $(DESTDIR),,dist/after-install)

uninstall:
	$(if $(DESTDIR),,dist/before-uninstall $(PREFIX)/bin/latcampaign $(STATEDIR))
	rm -rf $(DESTDIR)$(PREFIX)/share/latcampaign
	rm -f $(DESTDIR)$(PREFIX)/bin/latcampaign \
		$(DESTDIR)$(PREFIX)/share/man/man5/latcampaign.cfg.5 \
		$(DESTDIR)$(PREFIX)/share/man/man8/latcampaign.8 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/latcampaign \
		$(DESTDIR)$(SYSCONFDIR)/grub.d/42_latcampaign $(UNITS:%=$(DESTDIR)$(UNITDIR)/%)
	$(if $(DESTDIR),,dist/after-uninstall)

# --- tests ---------------------------------------------------------------------------------

FUZZERS := $(patsubst tests/fuzz/%.c,$B/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
CPUS := $(shell nproc)
# Those that take longest come first, so that two lanes end together.
QUICK := tests/durable/durable.t tests/sanitize.t tests/protections.py tests/lint.t tests/explore/explore.t tests/fuzz/fuzz.t \
	$(UNIT_TESTS) tests/statistics/statistics.py tests/schema/schema.py tests/cli/bad_campaigns.t tests/cli/commands.bats
# The hosts' disk, where it is not in the cache; hosts with one processor, side by side; those that need the
# whole machine.
DISK := tests/vm/disk.t
SMALL_MACHINES := tests/vm/faults.py tests/vm/accidents.py tests/vm/drift.py tests/vm/hangs.py tests/vm/deviations.py \
	tests/vm/torture.py tests/vm/stop.py tests/vm/leftovers.py
MACHINES := tests/vm/rehearse.py tests/vm/experiments.py

# The machines that reboot come last: they take longest.
check: deps
	$(MAKE) check-here

# The same without installing anything; check-quick leaves the machines out.
PROGRAMS := $(UNIT_TESTS) $B/tests/explore/explore $B/tests/durable/durable $B/tests/statistics/statistics \
	$B/tests/schema/runs $(FUZZERS)

programs: all $(PROGRAMS)

check-here:
	$(MAKE) -j $(CPUS) programs
	tests/run.py -j $(CPUS) $(DISK) $(QUICK) -j 1 $(MACHINES) -j $(CPUS) $(SMALL_MACHINES)

check-quick:
	$(MAKE) -j $(CPUS) programs
	tests/run.py -j $(CPUS) $(QUICK)

# Everything once more, under AddressSanitizer and UBSan: the unit tests, the program, and the fuzzers, which
# want clang and its counters.
SANITIZED := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
SANITIZED_MAKE = $(MAKE) B=$B/sanitize CC=clang CFLAGS='$(SANITIZED) -fsanitize=fuzzer-no-link'
SANITIZED_LIBRARY := $B/sanitize/liblatcampaign.a

sanitize:
	$(SANITIZED_MAKE) sanitized

sanitized: all $(UNIT_TESTS)

$(SANITIZED_LIBRARY): $(SOURCES)
	$Q+$(SANITIZED_MAKE) $@

$B/fuzz/%: tests/fuzz/%.c $(SANITIZED_LIBRARY)
	$(call say,FUZZ $@)
	$Qmkdir -p $(@D)
	$Qclang $(filter-out $(CFLAGS),$(ALL_CFLAGS)) $(SANITIZED) -fsanitize=fuzzer -o $@ $^ $(LIBS)

# Ten million inputs for each parser; about half an hour.
fuzz: RUNS = 10000000
fuzz: $(FUZZERS)
	RUNS=$(RUNS) LEAKS=0 B=$B tests/run.py -j 1 tests/fuzz/fuzz.t

# --- the two commands ----------------------------------------------------------------------

rehearse: deps
	$(MAKE) all
	python3 tests/vm/rehearse.py

# Takes out, one after the other, what only the machine that reboots can show.
protections: deps
	$(MAKE) all
	tests/protections.py --machine

# Cuts the power CUTS times at random moments; the same SEED cuts at the same seconds.
CUTS ?= 30
SEED ?= 1
torture: deps
	$(MAKE) all
	python3 tests/vm/torture.py $(CUTS) $(SEED)

# Only prints: times are no tests. SAMPLES lines, in ROOM.
bench: all
	B=$B tests/bench/bench.py

clean:
	rm -rf $B

-include $(shell find $B -name '*.d' -type f 2>/dev/null)
