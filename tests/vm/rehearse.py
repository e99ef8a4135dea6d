#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The main job: paper.cfg, shortened, in a disposable machine that really reboots through all four
setups. Leaves figures and report in build/rehearsal/ and prints what was seen."""
import filecmp
import fnmatch
import json
import shutil
import subprocess
import sys
import time

import cache
import host_image
import installed
import machine
import tap

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


def compare_host(host, out):
    """/boot, /etc and /lib of the base image and of the host after the campaign."""
    trees = host.folder / "trees"
    for name, image in (("before", host_image.path()), ("after", host.disk)):
        for folder in ("/boot", "/etc", "/usr/lib"):
            installed.tree(image, folder, trees / name)
    unexplained = []
    for name in differences(trees / "before", trees / "after"):
        reason = next((EXPLAINED[p] for p in EXPLAINED if fnmatch.fnmatch(name, p)), None)
        out.note(f"changed: /{name}: {reason or 'NOT EXPLAINED'}")
        unexplained += [] if reason else [name]
    shutil.rmtree(trees)
    return unexplained


def identity(host):
    return host.check("uname -r; cat /proc/cmdline; cat /sys/hypervisor/type 2>/dev/null; true")


def check_results(told, watch, before, after, out):
    runs = told["runs"]
    out.ok(told["ending"] == "finished", f"the campaign ended as {told['ending']}")
    out.ok(runs["PASS"] == 8, f"{runs['PASS']} of 8 runs are measured")
    out.ok(watch.logins == 5, f"{watch.logins} reboots (4 visits and home)")
    out.ok(before == after, "home is the boot from before")
    cdfs = sorted((RESULTS / "cdf").glob("cdf-*.txt"))
    out.ok(len(cdfs) == 8, f"{len(cdfs)} cells: {' '.join(p.stem[4:] for p in cdfs)}")
    drawn = [p for name in ("figure-kvm", "figure-xen") for p in (RESULTS / "figures").glob(name + ".*")
             if p.stat().st_size > 0]
    out.ok(len(drawn) == 10, f"{len(drawn)} files of figures (eps pdf svg png gp for each hypervisor)")
    sums = [subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=run, check=False,
                           stdout=subprocess.DEVNULL) for run in sorted((RESULTS / "runs").iterdir())]
    out.ok(all(s.returncode == 0 for s in sums), f"{len(sums)} runs stand with right checksums")


def times(watch, out):
    """Seconds from GRUB to the login, and from there to the first measurement, in each visit."""
    runs = [json.loads((run / "run.json").read_text()) for run in sorted((RESULTS / "runs").iterdir())]
    for grub, login in watch.boots:
        later = [run for run in runs if run["began"] >= login - 1]
        first = min(later, key=lambda run: run["began"], default=None)
        where = first["setup"] if first else "home"
        measured = f", from there to the first run {first['began'] - login:.0f} s" if first else ""
        out.note(f"{where}: from GRUB to the login {login - grub:.0f} s{measured}")
    for run in sorted(runs, key=lambda run: run["began"]):
        out.note(f"run {run['run']}: {run['ended'] - run['began']} s")
    out.note(f"the runner's peak of memory: {max(watch.peaks)} KiB")


def bring_out(host):
    host.mount_exchange()
    host.check(f"rm -rf {machine.SHARE}/paper && cp -rL /var/lib/latcampaign/paper {machine.SHARE}/")
    shutil.rmtree(RESULTS, ignore_errors=True)
    shutil.copytree(host.exchange / "paper", RESULTS)


def rehearse(host, out):
    began = time.monotonic()
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
    for number, text in enumerate(watch.statuses):
        out.note(f"`latcampaign status` on the console in boot {number}:\n{text}")
    times(watch, out)
    out.note(f"the rehearsal took {time.monotonic() - began:.0f} s")
    check_results(told, watch, before, after, out)
    out.ok(not compare_host(host, out), "nothing of the host has changed but what is explained")


def main():
    host, out = machine.Machine(machine.scratch("rehearsal")), tap.Tap()
    try:
        rehearse(host, out)
    except (machine.Failure, installed.EarlyEnd) as failure:
        out.ok(False, f"the rehearsal goes through (console: {host.folder}/console.log): {failure}")
    finally:
        host.off()
    if not out.failed:
        host.disk.unlink()
        out.note((RESULTS / "report.txt").read_text())
        out.note(f"figures and report are in {RESULTS}")
    return out.close()


if __name__ == "__main__":
    sys.exit(main())
