#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The main job: paper.cfg, shortened, in a disposable machine that really reboots through all four
setups. Leaves figures and report in build/rehearsal/ and prints what was seen."""
import filecmp
import fnmatch
import pathlib
import shutil
import subprocess
import sys
import time

import cache
import host_image
import installed
import machine

RESULTS = installed.CHECKOUT / "build/rehearsal"
SHORTER = ["defaults.duration=10s", "defaults.interval=1ms"]

# Differences between the host before and after, and why each is there. Anything else is a failure.
EXPLAINED = {
    "boot/grub/grub.cfg": "update-grub of `make install`: one more hook, which reads our entries",
    "boot/grub/grubenv": "GRUB's one-shot, set and cleared",
    "etc/grub.d/42_latcampaign": "the hook",
    "etc/systemd/system/latcampaign.service": "the unit",
    "etc/systemd/system/multi-user.target.wants/latcampaign.service": "the unit, enabled",
    "etc/resolv.conf": "systemd in the first ordinary boot",
    "etc/machine-id": "systemd in the first ordinary boot",
    "etc/.updated": "systemd in the first ordinary boot",
    "etc/mtab": "systemd in the first ordinary boot",
    "etc/ld.so.cache": "systemd in the first ordinary boot",
    "etc/systemd/system/first-boot.service": "the image's own, removed in its first boot",
    "etc/xen/*": "Xen's own services in dom0",
}


def differences(before, after):
    """Relative paths that were added, removed or changed."""
    def files(base):
        return {p.relative_to(base): p for p in base.rglob("*") if p.is_symlink() or p.is_file()}
    old, new = files(before), files(after)
    changed = set(old) ^ set(new)
    for name in set(old) & set(new):
        if old[name].is_symlink() or new[name].is_symlink():
            same = old[name].is_symlink() and new[name].is_symlink() \
                and old[name].readlink() == new[name].readlink()
        else:
            same = filecmp.cmp(old[name], new[name], shallow=False)
        if not same:
            changed.add(name)
    return sorted(str(name) for name in changed)


def compare_host(host):
    """/boot, /etc and /lib of the base image and of the host after the campaign."""
    trees = host.folder / "trees"
    for name, image in (("before", host_image.path()), ("after", host.disk)):
        for folder in ("/boot", "/etc", "/usr/lib"):
            installed.tree(image, folder, trees / name)
    unexplained = []
    for name in differences(trees / "before", trees / "after"):
        reason = next((EXPLAINED[p] for p in EXPLAINED if fnmatch.fnmatch(name, p)), None)
        print(f"  changed: /{name}: {reason or 'NOT EXPLAINED'}")
        unexplained += [] if reason else [name]
    shutil.rmtree(trees)
    return unexplained


def identity(host):
    return host.check("uname -r; cat /proc/cmdline; cat /sys/hypervisor/type 2>/dev/null; true")


def expect(condition, text, failures):
    print(f"  {'ok  ' if condition else 'FAIL'} {text}")
    if not condition:
        failures.append(text)


def check_results(told, watch, before, after, failures):
    runs = told["runs"]
    expect(told["ending"] == "finished", f"the campaign ended as {told['ending']}", failures)
    expect(runs["PASS"] == 8, f"{runs['PASS']} of 8 runs are measured", failures)
    expect(watch.logins == 5, f"{watch.logins} reboots (4 visits and home)", failures)
    expect(before == after, "home is the boot from before", failures)
    cdfs = sorted((RESULTS / "cdf").glob("cdf-*.txt"))
    expect(len(cdfs) == 8, f"{len(cdfs)} cells: {' '.join(p.stem[4:] for p in cdfs)}", failures)
    for name in ("figure-kvm", "figure-xen"):
        for suffix in ("eps", "pdf", "svg", "png", "gp"):
            path = RESULTS / "figures" / f"{name}.{suffix}"
            if not path.exists() or path.stat().st_size == 0:
                expect(False, f"{path.name} is drawn", failures)
    sums = [subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=run, check=False)
            for run in sorted((RESULTS / "runs").iterdir())]
    expect(all(s.returncode == 0 for s in sums), f"{len(sums)} runs stand with right checksums",
           failures)


def bring_out(host):
    host.mount_exchange()
    host.check(f"rm -rf {machine.SHARE}/paper && cp -rL /var/lib/latcampaign/paper {machine.SHARE}/")
    shutil.rmtree(RESULTS, ignore_errors=True)
    shutil.copytree(host.exchange / "paper", RESULTS)


def rehearse(host):
    began, failures = time.monotonic(), []
    cache.say("switching the machine on")
    host.start()
    host.login()
    cache.say("installing latcampaign there: make install")
    installed.install(host)
    before = identity(host)
    options = installed.set_options(installed.OVERRIDES + SHORTER)
    cache.say(f"latcampaign start paper.cfg {options}")
    cache.say(host.check(f"latcampaign start paper.cfg {options}", 180))
    watch = installed.Watch(host)
    told = watch.until_over(1800)
    after = identity(host)
    bring_out(host)
    host.power_button()
    host.wait_off(120)
    for text in watch.statuses:
        print(text)
    print(f"\nthe rehearsal took {time.monotonic() - began:.0f} s:")
    check_results(told, watch, before, after, failures)
    expect(not compare_host(host), "nothing but what is explained has changed", failures)
    return failures


def main():
    host = machine.Machine(machine.scratch("rehearsal"))
    try:
        failures = rehearse(host)
    except machine.Failure as failure:
        print(f"the rehearsal failed: {failure}\nconsole: {host.folder}/console.log", file=sys.stderr)
        return 1
    finally:
        if host.process and host.process.poll() is None:
            host.power_cut()
    print(f"\n{(RESULTS / 'report.txt').read_text()}\nfigures and report: "
          f"{RESULTS.relative_to(pathlib.Path.cwd()) if RESULTS.is_relative_to(pathlib.Path.cwd()) else RESULTS}")
    if not failures:
        host.disk.unlink()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
