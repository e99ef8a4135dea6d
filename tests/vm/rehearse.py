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

RESULTS = installed.CHECKOUT / "build/rehearsal"
# The kernels that this host has instead of those that `prepare` would build: prepare.py does that.
SHORTER = ["defaults.duration=3s", "defaults.interval=1ms", "limits.guest_time=2m",
           "experiments.nrt.guest_kernel=nrt", "experiments.rt.guest_kernel=rt",
           "defaults.guest_type=pv"]
CELLS = 16    # four setups with two guests and the host, idle and under load
FIGURES = 4

# Differences between the host before and after, and why each is there. Anything else is a failure.
EXPLAINED = {
    "boot/grub/grub.cfg": "update-grub of `make install`: one more hook, which reads our entries",
    "boot/grub/grubenv": "GRUB's one-shot, set and cleared",
    "etc/grub.d/42_latcampaign": "the hook",
    "etc/systemd/system/latcampaign*": "the units",
    "etc/systemd/system/*.wants/latcampaign*": "the units, enabled",
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
    out.ok(runs["PASS"] == CELLS, f"{runs['PASS']} of {CELLS} runs are measured")
    # A host that breaks down in a visit goes home and into the visit again.
    extra, resets = watch.grubs - 5, watch.resets()
    out.ok(0 <= extra <= 2 * resets, f"{watch.grubs} reboots (4 visits and home"
           + (f", {extra} since the host broke down {resets} times, see tests/vm/README.md)"
              if resets else ")"))
    out.note(f"status died {len(watch.died)} times: {watch.died}")
    out.ok(before == after, "home is the boot from before")
    # Where wake-ups are missing, a corrected one stands beside it.
    cdfs = [p for p in sorted((RESULTS / "cdf").glob("cdf-*.txt")) if not p.stem.endswith("-corrected")]
    out.ok(len(cdfs) == CELLS, f"{len(cdfs)} cells: {' '.join(p.stem[4:] for p in cdfs)}")
    drawn = [p for number in range(FIGURES) for kind in ("", "-ccdf", "-boots")
             for p in (RESULTS / "figures").glob(f"figure-{number + 1}{kind}.*") if p.stat().st_size > 0]
    out.ok(len(drawn) == 5 * 3 * FIGURES, f"{len(drawn)} files of figures (eps pdf svg png gp for each)")
    sums = [subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=run, check=False,
                           stdout=subprocess.DEVNULL) for run in sorted((RESULTS / "runs").iterdir())]
    out.ok(all(s.returncode == 0 for s in sums), f"{len(sums)} runs stand with right checksums")
    schema = subprocess.run(["/usr/bin/python3", installed.CHECKOUT / "tests/schema/schema.py",
                             *sorted((RESULTS / "runs").glob("*/run.json"))], check=False, text=True,
                            stdout=subprocess.PIPE)
    out.note(schema.stdout)
    out.ok(schema.returncode == 0, "their run.json is as docs/run.schema.json says")


def times(watch, out):
    """Seconds from the reset to GRUB, the login and the first measurement of each visit."""
    runs = [json.loads((run / "run.json").read_text()) for run in sorted((RESULTS / "runs").iterdir())]
    runs.sort(key=lambda run: run["began"])
    for reset, grub, login in (boot[:3] for boot in watch.boots if len(boot) >= 3):
        first = next((run for run in runs if run["began"] > reset), None)
        measured = f", to the first measurement {first['began'] - reset:.0f} s" if first else ""
        out.note(f"{first['setup'] if first else 'home'}: from the reset to GRUB {grub - reset:.1f} s,"
                 f" to the login {login - reset:.0f} s{measured}")
    for run in runs:
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
    host.send("\nsystemctl poweroff\n")
    host.wait_off(120)
    for number, text in enumerate(watch.statuses):
        out.note(f"`latcampaign status` on the console in boot {number}:\n{text}")
    times(watch, out)
    out.note(f"the rehearsal took {time.monotonic() - began:.0f} s")
    check_results(told, watch, before, after, out)
    out.ok(not compare_host(host, out), "nothing of the host has changed but what is explained")
    out.note((RESULTS / "report.txt").read_text())
    out.note(f"figures and report are in {RESULTS}")


if __name__ == "__main__":
    sys.exit(installed.play("rehearsal", rehearse))
