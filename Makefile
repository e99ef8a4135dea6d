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

.PHONY: all deps install uninstall check check-unit check-explore check-cli check-vm lint \
	rehearse clean

all: $B/latcampaign

$B/latcampaign: $B/statemachine/main.o $B/liblatcampaign.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$B/liblatcampaign.a: $(OBJECTS)
	rm -f $@
	ar rcs $@ $^

$B/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$B/tests/unit/%: $B/tests/unit/%.o $B/liblatcampaign.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(LIBS)

-include $(shell find $B -name '*.d' 2>/dev/null)

clean:
	rm -rf $B
