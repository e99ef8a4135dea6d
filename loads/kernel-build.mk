# SPDX-License-Identifier: MIT
#
# The load "kernel-build": unpacks the newest source of a kernel that the distribution keeps in /usr/src,
# then builds a small one and cleans up, again and again until it is killed.
#
#   make --file=kernel-build.mk --directory=SCRATCH JOBS=N

SOURCE := $(lastword $(sort $(wildcard /usr/src/linux-source-*.tar.xz)))

again: tree
	$(MAKE) --directory=tree tinyconfig >/dev/null
	while $(MAKE) --directory=tree --jobs=$(JOBS) vmlinux >/dev/null && \
		$(MAKE) --directory=tree clean >/dev/null; do :; done
	@echo "the kernel could not be built"; exit 1

tree:
	$(if $(SOURCE),,$(error there is no /usr/src/linux-source-*.tar.xz))
	mkdir -p $@
	tar --extract --file=$(SOURCE) --directory=$@ --strip-components=1
