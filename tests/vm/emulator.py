# SPDX-License-Identifier: MIT
"""The QEMU that the emulated host runs in: version 10, since Debian 12's 7.2 neither runs a nested
KVM guest nor a Xen guest under emulation. It comes from backports with all its libraries into a
folder of its own, so that the machine's packages stay as they are."""
import functools
import os
import subprocess

import cache

LIBRARIES = "usr/lib/x86_64-linux-gnu"

# Each of these was needed to boot all four setups without hardware virtualisation; README.md in
# this folder says why.
TCG = ["-accel", "tcg,thread=multi", "-cpu", "EPYC,-smap,-monitor,-hypervisor,-rdtscp"]
KVM = ["-accel", "kvm", "-cpu", "host"]


def _unpack(folder):
    uri = cache.mirror()
    cache.run(["mmdebstrap", "--variant=extract", "--include=qemu-system-x86",
               f"--aptopt=APT::Default-Release \"{cache.SUITE}-backports\"",
               "--aptopt=APT::Install-Recommends \"false\"",
               "--dpkgopt=path-exclude=/usr/share/doc/*", cache.SUITE, str(folder / "root"),
               f"deb {uri} {cache.SUITE} main", f"deb {uri} {cache.SUITE}-backports main"],
              folder / "log")


@functools.cache
def root():
    return cache.build("qemu", [cache.SUITE], _unpack) / "root"


def environment():
    return dict(os.environ, QEMU_MODULE_DIR=str(root() / LIBRARIES / "qemu"))


def command():
    """argv that starts it: by its own loader, with its own libraries."""
    here = root()
    return [str(here / "lib64/ld-linux-x86-64.so.2"), "--library-path",
            f"{here / 'lib/x86_64-linux-gnu'}:{here / LIBRARIES}",
            str(here / "usr/bin/qemu-system-x86_64"), "-L", str(here / "usr/share/qemu"),
            "-L", str(here / "usr/share/seabios")]


@functools.cache
def acceleration():
    """KVM when a guest really starts with it and can nest, software emulation otherwise."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return TCG
    # SeaBIOS comes up, finds nothing to boot and says so: then ordinary guests run.
    probe = command() + KVM + ["-m", "64", "-display", "none", "-nodefaults", "-no-reboot",
                               "-chardev", "stdio,id=bios", "-device",
                               "isa-debugcon,iobase=0x402,chardev=bios"]
    try:
        subprocess.run(probe, env=environment(), stdin=subprocess.DEVNULL, capture_output=True,
                       timeout=5, check=False)
    except subprocess.TimeoutExpired as expired:
        nests = any(flag in open("/proc/cpuinfo", encoding="ascii").read()
                    for flag in (" vmx", " svm"))
        if nests and b"No bootable device" in (expired.stdout or b""):
            return KVM
    return TCG
