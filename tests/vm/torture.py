#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Cuts the power of the emulated host at random moments of campaigns, again and again.

    torture.py [CUTS SEED [HOSTS]]

As many hosts side by side, one for each processor of this machine if not told otherwise, with one
processor each. The disk has no cache: it
keeps what the host had written, and nothing of its memory. Prints what became of the campaigns; the same
seed cuts at the same moments after power-on, counted in the seconds that the first boot took.
"""
import concurrent.futures
import json
import os
import random
import sys
import time

import cache
import installed
import machine
import tap

# Cuts use up attempts: here they must not, so that every run has to end as PASS.
CAMPAIGN = """
setups = { kvm-nrt = {}; kvm-rt = {}; };
limits = { boot_attempts = 100; run_attempts = 100; boots = 1000; idle_boots = 1000; };
experiments = { host = { place = "host"; duration = "2s"; interval = "1ms"; repetitions = 2; }; };
"""
BOOTS = 60      # of one campaign; more is a loop
# Boots after power-on: the boot home, the next one, which takes longer, its runs, and the way on. With less
# no campaign would come to its end.
LATEST_CUT = 4
A_FEW = (3, 1, 1)  # cuts, seed and hosts in `make check`

# Everything about each run of a campaign in one line of JSON.
RESULTS = ("for r in /var/lib/latcampaign/{0}/runs/*/; do (cd $r && sha256sum --quiet -c SHA256SUMS "
           ">/dev/null 2>&1 && cat run.json | tr -d '\\n' && echo); done")


class Torture:
    def __init__(self, host, seed, boot_seconds):
        self.host = host
        self.random = random.Random(seed)
        self.boot_seconds = boot_seconds
        self.number = 0     # of the present campaign
        self.boots = 0      # of it
        self.seen = set()   # its runs that had a result
        self.told = dict(cuts=0, finished=0, lost=0, mislabelled=0, loops=0, away=0)

    def name(self):
        return f"torture-{self.number}"

    def next_campaign(self):
        self.number += 1
        self.boots = 0
        self.seen = set()
        self.host.check("latcampaign start /root/torture.cfg "
                        f"--set name={self.name()} >/dev/null", 120)

    def look_at_results(self):
        """What stands now: nothing that stood before may be gone, nothing may be mislabelled."""
        lines = self.host.check(RESULTS.format(self.name()), 60).splitlines()
        runs = {run["run"]: run for run in map(json.loads, filter(None, lines))}
        self.told["lost"] += len(self.seen - set(runs))
        self.seen |= set(runs)
        for run in runs.values():
            self.told["mislabelled"] += ("-rt-" in run["found"]["release"]) != (run["setup"] == "kvm-rt")
        return runs

    def look(self):
        """After a login: how far is it? Starts the next campaign when this one has ended."""
        told = installed.status(self.host)
        runs = self.look_at_results()
        if told["active"]:
            self.told["loops"] += self.boots == BOOTS
            return
        self.told["finished"] += told["ending"] == "finished" and told["runs"]["PASS"] == 4
        self.told["lost"] += 4 - len(runs)
        home = "latcampaign.token" not in self.host.check("cat /proc/cmdline") and not told["away"]
        self.told["away"] += not home
        self.next_campaign()

    def live_until(self, end):
        """Lets the machine boot and work, and looks at it after each login, until the cut."""
        while time.monotonic() < end:
            try:
                self.host.login(max(0.1, end - time.monotonic()))
                self.boots += 1
                self.look()
            except (machine.Failure, ValueError):
                pass  # it rebooted while we looked, or the time is up

    def cut(self):
        life = self.random.uniform(0.05, LATEST_CUT) * self.boot_seconds
        self.live_until(time.monotonic() + life)
        self.host.power_cut()
        self.told["cuts"] += 1
        self.host.start()
        cache.say(", ".join(f"{key} {value}" for key, value in self.told.items()))

    def end(self):
        """No more cuts: the last campaign has to come to its end by itself."""
        self.host.login()
        installed.Watch(self.host).until_over(900)
        self.look()


def boot(host):
    """Seconds to the login."""
    began = time.monotonic()
    host.start()
    host.login()
    return time.monotonic() - began


def torture(cuts, seed):
    """One host's share: what became of it."""
    host = machine.Machine(machine.scratch(f"torture-{seed}"), processors=1, memory_mib=1024)
    try:
        boot(host)
        installed.install(host)
        installed.write(host, "/root/torture.cfg", CAMPAIGN)
        host.check("sync")
        host.power_cut()
        boot_seconds = boot(host)
        cache.say(f"host {seed} boots in {boot_seconds:.1f} s")
        victim = Torture(host, seed, boot_seconds)
        victim.next_campaign()
        while victim.told["cuts"] < cuts:
            victim.cut()
        victim.end()
        return victim.told
    except BaseException as failure:
        cache.say(f"host {seed} is lost, the others go on: {failure}")
        raise
    finally:
        host.off()


def main(cuts, seed, hosts=os.cpu_count()):
    out = tap.Tap()
    with concurrent.futures.ThreadPoolExecutor(hosts) as pool:
        shares = list(pool.map(lambda i: torture(-(-cuts // hosts), f"{seed}.{i}"), range(hosts)))
    told = {key: sum(share[key] for share in shares) for key in shares[0]}
    out.note(f"seed {seed}: " + ", ".join(f"{key} {value}" for key, value in told.items()))
    out.ok(told["finished"] >= 1, "campaigns come to their end")
    for key in ("lost", "mislabelled", "loops", "away"):
        out.ok(told[key] == 0, f"{key}: {told[key]}")
    return out.close()


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:] or A_FEW)))
