# SPDX-License-Identifier: MIT
#
# make            build/latcampaign
# make install    PREFIX, SYSCONFDIR, UNITDIR and DESTDIR are honoured
# make check      every test, the machine that reboots included
# make rehearse   the whole product in a disposable machine
# make deps       installs what all of these need (Debian)

PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
UNITDIR ?= $(SYSCONFDIR)/systemd/system
STATEDIR ?= /var/lib/latcampaign
VERSION := 0.1.0

CC ?= cc
PKGS := libconfig jansson libarchive libcrypto libsystemd talloc
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wformat=2 -Wundef -Wpointer-arith -Wwrite-strings -Wvla -Werror
CFLAGS ?= -O2 -g
ALL_CFLAGS = -std=c17 -D_GNU_SOURCE -I. $(WARNINGS) $(shell pkg-config --cflags $(PKGS)) \
	-DVERSION='"$(VERSION)"' -DSTATEDIR='"$(STATEDIR)"' -DDATADIR='"$(PREFIX)/share/latcampaign"' \
	-fstack-protector-strong $(CFLAGS)
LIBS = $(shell pkg-config --libs $(PKGS)) -lm

B ?= build
FOLDERS := base campaigns kernels guests output grub-hooks statemachine
SOURCES := $(filter-out statemachine/main.c,$(wildcard $(FOLDERS:%=%/*.c)))
OBJECTS := $(SOURCES:%.c=$B/%.o)
UNIT_TESTS := $(patsubst tests/unit/%.c,$B/tests/unit/%,$(wildcard tests/unit/test_*.c))

EXPLORE := explore invariants
EXPLORE_OBJECTS := $(EXPLORE:%=$B/tests/explore/%.o)

Q = $(if $V,,@)
say = $(if $V,,@echo '  $1')

.PHONY: all deps install uninstall check check-here check-quick \
	sanitize sanitized rehearse clean

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

$B/tests/unit/%: $B/tests/unit/%.o $B/liblatcampaign.a
	$(call say,LD $@)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(LIBS)

$B/tests/explore/explore: $(EXPLORE_OBJECTS) $B/statemachine/step.o
	$(call say,LD $@)
	$Q$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

# --- installing ----------------------------------------------------------------------------

SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

deps:
	$(SUDO) env DEBIAN_FRONTEND=noninteractive sh -ec 'apt-get update -qq; \
		apt-get install -y -qq --no-install-recommends \
		$(shell sed 's/#.*//' dist/packages.debian)'

# On the machine itself (no DESTDIR) GRUB reads the hook and systemd the unit at once: then
# `latcampaign start` is all that is left to do.
install: $B/latcampaign
	install -D -m 755 $B/latcampaign $(DESTDIR)$(PREFIX)/bin/latcampaign
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/share/latcampaign/guest guests/init.sh guests/measure.sh
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/latcampaign/campaigns campaigns/*.cfg
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man5 dist/latcampaign.cfg.5
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man8 dist/latcampaign.8
	install -D -m 644 dist/latcampaign.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/latcampaign
	install -D -m 755 grub-hooks/42_latcampaign $(DESTDIR)$(SYSCONFDIR)/grub.d/42_latcampaign
	install -d $(DESTDIR)$(UNITDIR)
	sed 's|@PREFIX@|$(PREFIX)|' dist/latcampaign.service > $(DESTDIR)$(UNITDIR)/latcampaign.service
	$(if $(DESTDIR),,dist/after-install)

uninstall:
	$(if $(DESTDIR),,dist/before-uninstall)
	rm -rf $(DESTDIR)$(PREFIX)/share/latcampaign
	rm -f $(DESTDIR)$(PREFIX)/bin/latcampaign \
		$(DESTDIR)$(PREFIX)/share/man/man5/latcampaign.cfg.5 \
		$(DESTDIR)$(PREFIX)/share/man/man8/latcampaign.8 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/latcampaign \
		$(DESTDIR)$(SYSCONFDIR)/grub.d/42_latcampaign $(DESTDIR)$(UNITDIR)/latcampaign.service
	$(if $(DESTDIR),,dist/after-uninstall)

# --- the two commands ----------------------------------------------------------------------

# --- tests ---------------------------------------------------------------------------------

FUZZERS := $(patsubst tests/fuzz/%.c,$B/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
QUICK := $(UNIT_TESTS) tests/cli/bad_campaigns.t tests/cli/commands.bats tests/explore/explore.t \
	tests/sanitize.t tests/fuzz/fuzz.t tests/lint.t
MACHINE := tests/vm/rehearse.py tests/vm/faults.py tests/vm/stop.py

# Everything. The two machines that reboot come last: they take longest.
check: deps
	$(MAKE) check-here

# The same without installing anything; check-quick leaves the machines out.
check-here: all $(UNIT_TESTS) $B/tests/explore/explore $(FUZZERS)
	tests/run.py $(QUICK) $(MACHINE)

check-quick: all $(UNIT_TESTS) $B/tests/explore/explore $(FUZZERS)
	tests/run.py $(QUICK)

# The unit tests and the program once more, under AddressSanitizer and UBSan.
SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
sanitize:
	$(MAKE) B=$B/sanitize CFLAGS='$(SANITIZE)' sanitized

sanitized: all $(UNIT_TESTS)

FUZZ := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FUZZ_LIBRARY := $B/fuzz/objects/liblatcampaign.a

$(FUZZ_LIBRARY): $(SOURCES)
	$Q$(MAKE) B=$B/fuzz/objects CC=clang CFLAGS='$(FUZZ) -fsanitize=fuzzer-no-link' $@

$B/fuzz/%: tests/fuzz/%.c $(FUZZ_LIBRARY)
	$(call say,FUZZ $@)
	$Qclang $(filter-out $(CFLAGS),$(ALL_CFLAGS)) $(FUZZ) -fsanitize=fuzzer -o $@ $^ $(LIBS)

# --- the two commands ----------------------------------------------------------------------

rehearse: deps
	$(MAKE) all
	python3 tests/vm/rehearse.py

clean:
	rm -rf $B

-include $(shell find $B -name '*.d' 2>/dev/null)
