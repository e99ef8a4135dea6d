#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds the emulated host's disk: Debian with GRUB, Xen, kernels with and without PREEMPT_RT,
QEMU and rt-tests. Prints its path.

    host_image.py [bare]

The bare one is what a Debian installation leaves: none of those but GRUB and a kernel. The machine has
no network, so apt finds there what `latcampaign prepare` fetches: in its own lists and its own cache.
"""
import pathlib
import shutil
import subprocess
import sys

import built_kernels
import cache
import emulator

HERE = pathlib.Path(__file__).parent
DISK_MIB = 6144
PARTITION_OFFSET = 1 << 20
UUID = "6c617463-616d-4061-8967-6e7265686561"

# A Debian host as small as it gets, with the libraries that latcampaign is linked to.
SMALL = [
    "systemd", "systemd-sysv", "udev", "dbus", "kmod", "procps", "initramfs-tools", "zstd",
    "e2fsprogs", "grub-pc", "make", "linux-image-amd64",
    "libconfig9", "libjansson4", "libarchive13", "libgsl27", "libssl3", "libsystemd0", "libtalloc2",
    "libxml2",
]
WHOLE = SMALL + [
    # what faults are made with
    "btrfs-progs", "lvm2", "ipmitool",
    # the four setups
    "linux-image-rt-amd64", "xen-hypervisor-4.17-amd64", "xen-utils-4.17", "qemu-system-x86",
    "qemu-system-xen",
    # what loads are made of
    "stress-ng", "gcc", "libc6-dev", "flex", "bison", "bc", "xz-utils", "linux-source-6.1",
    # what latcampaign needs to run
    "rt-tests", "busybox-static", "gnuplot-nox",
]
# What `latcampaign prepare` may ask for on the bare host.
FETCHED = [
    "linux-image-rt-amd64", "xen-system-amd64", "qemu-system-x86", "qemu-system-xen", "rt-tests",
    "busybox-static", "gnuplot-nox", "stress-ng",
]
# Beyond what it is not to have, a host has libraries and python3; under emulation they alone would take
# most of the time of an installation.
LIBRARIES = "s/^Inst ((lib|python3|fontconfig|fonts-|iso-codes|media-types)[^ ]*) .*/\\1/p"


# What an emulated processor spends its time on in each boot, and a campaign does not need.
MASKED = ["e2scrub_reap.service", "lvm2-monitor.service", "systemd-fsckd.socket", "getty@tty1.service",
          "systemd-logind.service", "systemd-sysusers.service", "systemd-random-seed.service",
          "systemd-update-utmp.service", "systemd-update-utmp-runlevel.service", "systemd-binfmt.service",
          "proc-sys-fs-binfmt_misc.automount", "dev-hugepages.mount", "dev-mqueue.mount", "sys-kernel-debug.mount",
          *(f"modprobe@{module}.service"
            for module in ("configfs", "dm_mod", "drm", "efi_pstore", "fuse", "loop"))]


def _files():
    """The files under host-files/, by their path on the host."""
    base = HERE / "host-files"
    return {path.relative_to(base): path for path in sorted(base.rglob("*")) if path.is_file()}


def _inputs():
    texts = [cache.SUITE, UUID, str(DISK_MIB), pathlib.Path(__file__).read_text()]
    for name, path in _files().items():
        texts += [str(name), path.read_text()]
    return texts


def _fetching():
    """mmdebstrap's arguments that leave apt's lists and what `prepare` fetches in the image."""
    names = " ".join(FETCHED)
    get = "apt-get --yes --no-install-recommends"
    return ["--skip=cleanup/apt", "--customize-hook=chroot \"$1\" sh -ec '"
            f"{get} install $({get} --simulate install {names} | sed -En \"{LIBRARIES}\" "
            f"| grep -v libxen); {get} --download-only install {names}'"]


def _debootstrap(folder, packages, more):
    cache.say("unpacking Debian (one to five minutes)")
    # The initramfs settings have to be there before the kernels are installed.
    early = HERE / "host-files/etc/initramfs-tools"
    cache.run(["mmdebstrap", "--variant=minbase", "--include=" + ",".join(packages),
               "--aptopt=APT::Install-Recommends \"false\"",
               "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*",
               "--dpkgopt=path-exclude=/usr/share/locale/*", "--dpkgopt=force-unsafe-io",
               "--essential-hook=mkdir -p \"$1/etc\"",
               f"--essential-hook=copy-in {early} /etc", *more,
               cache.SUITE, str(folder / "root"), f"deb {cache.mirror()} {cache.SUITE} main"],
              folder / "log")


def _home(root):
    """The release of the kernel without PREEMPT_RT."""
    releases = [p.name.removeprefix("vmlinuz-") for p in (root / "boot").glob("vmlinuz-*")]
    return [r for r in releases if "-rt-" not in r][0]


def _customise(root):
    nrt = _home(root)
    for name, path in _files().items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text().replace("@UUID@", UUID).replace("@NRT@", nrt))
        target.chmod(path.stat().st_mode & 0o777)
    wants = root / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir(parents=True, exist_ok=True)
    (wants / "first-boot.service").symlink_to("../first-boot.service")
    for unit in MASKED:
        (root / "etc/systemd/system" / unit).symlink_to("/dev/null")


def _leave_default(root):
    """The bare host boots whatever GRUB makes the default, as after an installation."""
    path = root / "etc/default/grub"
    kept = [line for line in path.read_text().splitlines()
            if not line.startswith(("# Home is", "GRUB_DEFAULT=", "XEN_OVERRIDE"))]
    path.write_text("\n".join(["GRUB_DEFAULT=0", *kept]) + "\n")


def _make_bare(root):
    """The kernels from source stand there, with their source: building them there would take hours."""
    _leave_default(root)
    shutil.copytree(built_kernels.root(), root, dirs_exist_ok=True)


def _disk(folder, disk):
    with open(disk, "wb") as image:
        image.truncate(DISK_MIB << 20)
    subprocess.run(["sfdisk", "--quiet", str(disk)], input="label: dos\n2048,,L,*\n", text=True,
                   check=True)
    blocks = (DISK_MIB - 1) * 1024
    cache.run(["mke2fs", "-q", "-F", "-t", "ext4", "-U", UUID, "-L", "rehearsal", "-d",
               str(folder / "root"), "-E", f"offset={PARTITION_OFFSET},lazy_itable_init=0", str(disk),
               f"{blocks}k"], folder / "log")


def _first_boot(folder, disk):
    """grub-install and update-grub need the machine itself: it boots once past GRUB. On one processor: see
    README.md about QEMU's processors on a machine with other work."""
    cache.say("first boot: installing GRUB (half a minute to two)")
    root = folder / "root"
    nrt = _home(root)
    argv = emulator.command() + emulator.acceleration() + [
        "-machine", "q35,vmport=on", "-smbios", "type=1,serial=VMware-1", "-m", "2048",
        "-display", "none", "-serial", f"file:{folder / 'first-boot.log'}", "-no-reboot",
        "-nodefaults", "-drive", f"file={disk},format=raw,if=virtio,cache=unsafe",
        "-kernel", str(root / f"boot/vmlinuz-{nrt}"), "-initrd",
        str(root / f"boot/initrd.img-{nrt}"),
        "-append", f"root=UUID={UUID} ro console=ttyS0 quiet"]
    subprocess.run(argv, env=emulator.environment(), stdin=subprocess.DEVNULL, timeout=600,
                   check=True)
    log = (folder / "first-boot.log").read_text(errors="replace")
    if "first boot: done" not in log:
        raise SystemExit(f"the first boot failed, see {folder / 'first-boot.log'}")


def _build(folder, packages, customise, more=()):
    disk = folder / "disk.raw"
    _debootstrap(folder, packages, more)
    _customise(folder / "root")
    customise(folder / "root")
    _disk(folder, disk)
    _first_boot(folder, disk)
    shutil.rmtree(folder / "root")


def _without_cache(root):
    shutil.rmtree(root / "var/cache/apt", ignore_errors=True)


def path():
    return cache.build("host", _inputs(), lambda folder: _build(
        folder, WHOLE, _without_cache)) / "disk.raw"


def bare():
    inputs = [*_inputs(), str(built_kernels.root())]
    return cache.build("bare-host", inputs, lambda folder: _build(
        folder, SMALL, _make_bare, _fetching())) / "disk.raw"


if __name__ == "__main__":
    print(bare() if sys.argv[1:] == ["bare"] else path())
