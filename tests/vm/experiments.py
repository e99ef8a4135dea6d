#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A campaign with all that an experiment can ask for, on the host that boots all setups: every load in
every place, pinned and weighted guests, Xen's scheduler, knobs, repetitions, a guest's own script. What
was asked and what was found have to stand in the results."""
import json
import sys

import installed

# A guest's script that a person has changed: it measures, and leaves a file of its own.
SCRIPT = """#!/bin/sh
cyclictest $CYCLICTEST >"$ANSWER/histogram.txt" 2>"$ANSWER/cyclictest.stderr" || exit 1
cat /proc/interrupts >"$ANSWER/interrupts.txt"
"""

CAMPAIGN = """
setups = {
    kvm-nrt = { tuning = [ "quiet", "skew_tick=1" ]; };
    xen-nrt = { scheduler = "credit2"; ratelimit = "2ms"; };
};
limits = { guest_time = "6m"; };
defaults = { duration = "3s"; interval = "1ms"; memory = "512M"; guest_kernel = "nrt"; };
experiments = {
    thrice   = { place = "host"; setups = [ "kvm-nrt" ]; duration = "1s"; repetitions = 3;
                 tuning = [ "thp=madvise", "dma_latency=0" ]; };
    pinned   = { place = "kvm"; vcpus = 2; vcpu_cpus = [ "0", "1" ]; emulator_cpus = "0";
                 vcpu_policy = "fifo"; vcpu_priority = 1; lock_memory = true; };
    weighted = { place = "xen"; vcpus = 2; vcpu_cpus = [ "0", "1" ]; weight = 512; cap = 150; };
    script   = { place = "kvm"; script = "/root/own.sh"; };
    kernel   = { place = "host"; load = [ "kernel" ]; };
    hack     = { place = "host"; load = [ "hackbench" ]; };
    stress   = { place = "host"; setups = [ "kvm-nrt" ]; load = [ "stress-ng" ]; };
    disk     = { place = "host"; setups = [ "kvm-nrt" ]; load = [ "disk" ]; };
    network  = { place = "host"; setups = [ "kvm-nrt" ]; load = [ "network" ]; };
    build    = { place = "host"; setups = [ "kvm-nrt" ]; load = [ "kernel-build" ]; };
    inside   = { place = "kvm"; load = [ "hackbench" ]; load_place = "guest"; duration = "10s"; };
    beside   = { place = "xen"; load = [ "hackbench" ]; load_place = "neighbour"; memory = "256M";
                 duration = "15s"; };
};
output = { formats = [ "svg" ]; };
"""


def runs(host, out):
    """run.json of each run that has an outcome, by its name."""
    text = host.check("for r in /var/lib/latcampaign/everything/runs/*/run.json; do "
                      "tr -d '\\n' <$r; echo; done")
    told = {run["run"]: run for run in map(json.loads, filter(None, text.splitlines()))}
    for name, run in told.items():
        out.ok(run["outcome"] == "PASS", f"{name} is measured {run['reason']}")
    return told


def check_loads(told, out):
    """Each load ran from before the first sample to after the last, and used CPU time."""
    for name in ("kvm-nrt.kernel.1", "kvm-nrt.hack.1", "kvm-nrt.stress.1", "kvm-nrt.disk.1",
                 "kvm-nrt.network.1", "kvm-nrt.build.1", "kvm-nrt.inside.1", "xen-nrt.kernel.1",
                 "xen-nrt.hack.1"):
        proof = told[name]["load"]
        out.note(f"{name}: {json.dumps(proof)}")
        out.ok(all(load["cpu_seconds"] > 0.5 for load in proof["loads"]),
               f"{name}: its load ran in the {proof['place']}")
    beside = told["xen-nrt.beside.1"]["load"]["guests"]
    out.ok(len(beside) == 1 and beside[0]["cpu_seconds"] > 0.5, f"a neighbour's load ran: {json.dumps(beside)}")
    out.ok(told["kvm-nrt.thrice.1"].get("load") is None, "a run without load tells of none")


def check_shapes(told, out):
    """Threads, weights and knobs were read back."""
    for name in ("kvm-nrt.pinned.1", "xen-nrt.weighted.1", "xen-nrt.beside.1"):
        shape = told[name]["guest"]["found"]["shape"]
        out.note(f"{name}: {json.dumps(shape)}")
        out.ok(shape["asked"] and shape["found"], f"{name}: asked and found stand in the result")
    knobs = {knob["knob"]: knob for knob in told["kvm-nrt.thrice.1"]["tuning"]}
    out.note(f"knobs: {json.dumps(list(knobs.values()))}")
    out.ok(knobs["thp"]["asked"] == "madvise" and "madvise" in knobs["thp"]["found"],
           "the experiment's knob counts more than the setup's profile")
    out.ok("skew_tick=1" in told["kvm-nrt.thrice.1"]["found"]["cmdline"], "a knob of the boot was booted")
    found = told["xen-nrt.kernel.1"]["found"]
    out.ok(found["scheduler"] == "credit2" and found["ratelimit_us"] == "2000",
           f"Xen runs {found['scheduler']} with a ratelimit of {found['ratelimit_us']} us")


def experiments(host, out):
    host.start()
    host.login()
    installed.install(host)
    installed.write(host, "/root/own.sh", SCRIPT)
    installed.write(host, "/root/everything.cfg", CAMPAIGN)
    before = host.check("cat /sys/kernel/mm/transparent_hugepage/enabled /sys/kernel/mm/ksm/run")
    overrides = [o for o in installed.OVERRIDES if "xen-nrt" in o]
    host.check("latcampaign start /root/everything.cfg " + installed.set_options(overrides), 180)
    installed.Watch(host).until_over(2400)
    told = runs(host, out)
    out.ok(len(told) == 16, f"{len(told)} runs have an outcome")
    check_loads(told, out)
    check_shapes(told, out)
    out.ok(host.run("test -s /var/lib/latcampaign/everything/runs/kvm-nrt.script.1/interrupts.txt")[0] == 0,
           "what the changed script left is kept")
    after = host.check("cat /sys/kernel/mm/transparent_hugepage/enabled /sys/kernel/mm/ksm/run")
    out.ok(before == after, "no knob stays turned")
    installed.nothing_left(host, out)


if __name__ == "__main__":
    sys.exit(installed.play("experiments", experiments))
