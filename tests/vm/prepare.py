#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A bare Debian is taken by `latcampaign prepare` and `start` to finished figures, and back by `unprepare`.
The paper's campaign, shortened, with the guests' kernels from source."""
import sys
import time

import cache
import host_image
import installed
import rehearse

# PVH guests need hap = false under emulated Xen, where a wake-up takes them about a millisecond.
OVERRIDES = installed.OVERRIDES + [
    "defaults.duration=3s", "defaults.interval=10ms", "limits.guest_time=3m", "defaults.hap=false"]
MISSING = ["no kernel with PREEMPT_RT is in /boot", "no Xen is in /boot", "the program cyclictest",
           "the program qemu-system-x86_64", "the program xl", "the program busybox",
           "the program gnuplot", "the program stress-ng"]

# What a Debian package leaves changed for good when it is purged, and what the kernel's triggers make anew.
EXPLAINED = {
    "/boot/initrd.img": "made anew by triggers of packages that came and went",
    "/boot/grub/grubenv": "GRUB's one-shot, set and cleared",
    "/etc/ld.so.cache": "a cache",
}


def snapshot(host):
    """{what: text} of packages, the default boot, and every file of /etc and /boot by digest."""
    files = host.check("find /etc /boot -xdev -type f -exec md5sum {} + | sort -k 2; "
                       "find /etc /boot -xdev -type l -printf '%l  %p\\n' | sort -k 2", 120)
    return {
        "packages": host.check("dpkg-query --show"),
        "files": {line.split("  ", 1)[1]: line for line in files.splitlines() if "  " in line},
    }


def unexplained(before, after):
    """What came or is gone is never explained: an initrd of a kernel that is gone is a leftover."""
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    stayed = before.keys() & after.keys()
    return sorted(name for name in changed
                  if name not in stayed or not any(name.startswith(e) for e in EXPLAINED))


def what_is_missing_is_told(host, out, options):
    status, words = host.run(f"latcampaign check --machine {options} paper.cfg 2>&1", 120)
    lacking = [text for text in MISSING if text not in words]
    out.ok(status == 1 and not lacking, f"check --machine names what is missing (but {lacking})")


def a_dry_run_changes_nothing(host, out, options):
    before = snapshot(host)
    words = host.check(f"latcampaign prepare --dry-run {options} paper.cfg 2>&1 </dev/null", 300)
    out.note(words)
    out.ok(snapshot(host) == before, "prepare --dry-run changes nothing")
    status, words = host.run(f"latcampaign prepare {options} paper.cfg 2>&1 </dev/null", 300)
    out.ok(status == 1 and "nobody is there to be asked" in words and snapshot(host) == before,
           "prepare without a terminal and --yes changes nothing")


def prepare(host, out, options):
    began = time.monotonic()
    status, words = host.run(f"latcampaign prepare --yes {options} paper.cfg 2>&1 </dev/null", 3000)
    out.note(words)
    if status != 0:
        out.note(host.run("tail -n 40 /var/lib/latcampaign/prepare.log")[1])
    out.ok(status == 0, f"prepare: {time.monotonic() - began:.0f} s")
    status, words = host.run(f"latcampaign prepare --yes {options} paper.cfg 2>&1 </dev/null", 300)
    out.ok(status == 0 and "nothing is to be installed or built" in words, "prepare once more: nothing to do")


def measure(host, out, options):
    home = rehearse.identity(host)
    cache.say(host.check(f"latcampaign start {options} paper.cfg", 180))
    watch = installed.Watch(host)
    told = watch.until_over(3600)
    runs = told["runs"]
    out.ok(told["ending"] == "finished" and runs["PASS"] == runs["total"],
           f"the campaign ended as {told['ending']}, {runs['PASS']} of {runs['total']} runs are measured")
    if runs["PASS"] != runs["total"]:
        out.note(host.run("latcampaign log | tail -n 40")[1])
    out.ok(rehearse.identity(host) == home, "home is the boot from before")
    figures = host.check("ls /var/lib/latcampaign/paper/figures")
    out.ok(all(f"figure-{number}." in figures for number in (1, 2, 3, 4)), "figures 1 to 4 are drawn")


def put_back(host, out, before):
    began = time.monotonic()
    words = host.check("latcampaign unprepare --yes 2>&1 </dev/null", 900)
    out.note(f"unprepare: {time.monotonic() - began:.0f} s")
    after = snapshot(host)
    out.ok(after["packages"] == before["packages"], "unprepare: the packages are those from before")
    left = unexplained(before["files"], after["files"])
    out.ok(not left, f"unprepare: /etc and /boot are as before (but {left})")
    out.ok("the machine boots" in words and host.run("ls /var/cache/latcampaign")[0] != 0
           and host.run("ls /var/lib/latcampaign/prepare*")[0] != 0, "nothing of ours is left")
    out.ok(host.run("ls /var/lib/latcampaign/paper/runs")[0] == 0, "the results stay")
    home = rehearse.identity(host)
    host.send("systemctl reboot\n")
    host.login(400)
    out.ok(rehearse.identity(host) == home, "and the machine boots home")


def prepared(host, out):
    began = time.monotonic()
    host.start()
    host.login()
    installed.install(host)
    options = installed.set_options(OVERRIDES)
    before = snapshot(host)
    what_is_missing_is_told(host, out, options)
    a_dry_run_changes_nothing(host, out, options)
    prepare(host, out, options)
    measure(host, out, options)
    put_back(host, out, before)
    out.note(f"all of it took {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    sys.exit(installed.play("prepare", prepared, image=host_image.bare))
