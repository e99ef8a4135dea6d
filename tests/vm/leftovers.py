#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guests that do not end by themselves, and runners that end before their time."""
import sys

import cache
import installed

CAMPAIGN = """
setups = { kvm-nrt = {}; };
limits = { run_attempts = 1; guest_time = "40s"; };
defaults = { place = "kvm"; duration = "3s"; interval = "1ms"; };
experiments = {
    flood  = { script = "/root/flood.sh"; };
    hog    = { script = "/root/hog.sh"; memory = "1G"; };
    silent = { script = "/root/silent.sh"; };
};
"""
FLOOD = "#!/bin/sh\nexec cat /dev/zero >/dev/console\n"
# Memory that the runner's unit is not given below: its emulator is killed.
HOG = "#!/bin/sh\nuntil dd if=/dev/zero bs=1M count=600 of=/tmp/hog; do sleep 1; done; exec sleep 100000\n"
SILENT = "#!/bin/sh\nexec sleep 100000\n"

INTERRUPTED = """
setups = { kvm-nrt = {}; };
experiments = { host = { place = "host"; duration = "15s"; interval = "1ms"; }; };
"""


def guests_that_do_not_end(host, watch, out):
    cache.say(host.check("latcampaign start /root/leftovers.cfg", 180))
    watch.until_run("kvm-nrt.hog.1")
    runner = host.check("systemctl show -P MainPID latcampaign")
    host.check("systemctl set-property --runtime latcampaign.service MemoryMax=400M MemorySwapMax=0")
    watch.until_run("kvm-nrt.silent.1")
    out.ok(host.check("systemctl show -P MainPID latcampaign") == runner,
           "a guest that is killed for its memory leaves the runner alone")
    host.wait_quietly(2)
    out.ok(host.check("pgrep --count qemu-system").strip() == "1",
           "the guest that floods is gone when the next one runs")
    told = watch.until_over(300)
    log = host.check("latcampaign log")
    out.note(log)
    out.ok(told["ending"] == "finished" and told["runs"]["ERROR"] == 3, "all end as ERROR")
    out.ok("run kvm-nrt.hog.1 failed (attempt 1 of 1): qemu-system-x86_64 was killed by signal 9" in log,
           "the log says that it was killed")
    for run in ("flood", "silent"):
        size = host.check("stat --format=%s /var/lib/latcampaign/leftovers/attempts/"
                          f"kvm-nrt.{run}.1.1/console.txt")
        out.ok(int(size) <= 64 << 20, f"{run}: the console kept is {size} bytes")
    out.ok(host.run("pgrep qemu-system")[0] != 0, "no guest is left at home")


def runners_that_end(host, watch, out):
    before = watch.grubs
    cache.say(host.check("latcampaign start /root/interrupted.cfg", 180))
    watch.until_run("kvm-nrt.host.1")
    host.check("systemctl kill --signal=KILL latcampaign.service")
    told = watch.until_over(300)
    out.ok(told["ending"] == "finished" and told["runs"]["PASS"] == 1,
           "a runner that is killed in a run is started again, and measures it")
    out.ok(watch.grubs == before + 2, "in the same boot")
    out.ok("a run was cut off in kvm-nrt" in host.check("latcampaign log"), "the log says so")


def leftovers(host, out):
    host.start()
    host.login()
    installed.install(host)
    for name, text in (("leftovers.cfg", CAMPAIGN), ("interrupted.cfg", INTERRUPTED),
                       ("flood.sh", FLOOD), ("hog.sh", HOG), ("silent.sh", SILENT)):
        installed.write(host, f"/root/{name}", text)
    installed.play_scenes((guests_that_do_not_end, runners_that_end), host,
                          installed.Watch(host, interval=2), out)


if __name__ == "__main__":
    sys.exit(installed.play("leftovers", leftovers, processors=1))
