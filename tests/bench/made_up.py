#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A campaign's results, made up: nothing was measured.

    tests/bench/made_up.py ROOT CAMPAIGN.cfg NAME BLOCKS [SAMPLES]

writes ROOT/var/lib/latcampaign/NAME with the plan as latcampaign makes it and a histogram for each run. Boots
of one setup differ by their seed as real ones do: some are much worse in their rare latencies.
"""
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy

PROGRAM = os.path.realpath(os.path.join(os.environ.get("B", "build"), "latcampaign"))
BINS = 2000


def seal(value):
    """As base/sealed.h tells."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return json.dumps(dict(value, sha256=hashlib.sha256(text.encode()).hexdigest()))


def histogram(rng, samples, centre, tail, share):
    """cyclictest's output: a narrow hump and a long tail, `tail` us wide, of that share of all wake-ups."""
    rare = int(samples * share)
    hump = rng.multinomial(samples - rare, bell(centre))
    late = (centre + rng.pareto(2.2, rare) * tail).astype(int)
    counts = numpy.zeros(BINS, dtype=int)
    counts[:len(hump)] += hump
    counts += numpy.bincount(late[late < BINS], minlength=BINS)
    seen = numpy.nonzero(counts)[0]
    largest = max(int(late.max()), int(seen[-1]))
    lines = ["# /dev/cpu_dma_latency set to 0us", "# Histogram"]
    lines += [f"{bin:06d} {count:06d}" for bin, count in enumerate(counts)]
    lines += [f"# Total: {counts.sum():09d}", f"# Min Latencies: {seen[0]:05d}",
              f"# Avg Latencies: {int((counts * numpy.arange(BINS)).sum() / counts.sum()):05d}",
              f"# Max Latencies: {largest:05d}", f"# Histogram Overflows: {int((late >= BINS).sum()):05d}"]
    return "\n".join(lines) + "\n"


def bell(centre):
    bins = numpy.arange(4 * int(centre))
    shape = numpy.exp(-0.5 * ((bins - centre) / (0.15 * centre + 0.5)) ** 2)
    return shape / shape.sum()


def write_run(folder, plan, run, visit, text):
    setup, experiment = plan["setups"][run["setup"]]["name"], plan["experiments"][run["experiment"]]["name"]
    told = {"campaign": plan["name"], "run": run["id"], "setup": setup, "experiment": experiment,
            "boot_id": f"boot-{visit}", "began": 1700000000 + 700 * visit, "ended": 1700000600 + 700 * visit,
            "outcome": "PASS", "reason": "", "asked": {}, "found": {}}
    folder.mkdir(parents=True)
    (folder / "histogram.txt").write_text(text)
    (folder / "run.json").write_text(json.dumps(told))
    sums = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
            for name in ("histogram.txt", "run.json")]
    (folder / "SHA256SUMS").write_text("".join(sums))


def make(root, campaign, name, blocks, samples=6_000_000):
    """Returns the campaign's directory."""
    text = subprocess.run([PROGRAM, "plan", "--json", "--set", f"blocks={blocks}", campaign],
                          stdout=subprocess.PIPE, text=True, check=True).stdout
    plan = json.loads(text.replace('"kernel_release": null', '"kernel_release": "6.12"'))
    plan["name"] = name
    folder = Path(root) / "var/lib/latcampaign" / name
    folder.mkdir(parents=True)
    (folder / "plan.json").write_text(seal(plan))
    (folder / "home.json").write_text(seal({
        "token": "", "release": "6.12", "hypervisor": "none", "hypervisor_version": "", "cmdline": "",
        "hypervisor_cmdline": "", "boot_id": "home", "preempt_rt": False}))
    rng = numpy.random.default_rng(1)
    for number, visit in enumerate(plan["visits"]):
        worse = rng.lognormal(0, 0.7)
        for run in plan["runs"][visit["first_run"]:visit["first_run"] + visit["run_count"]]:
            centre = 6 + 9 * run["setup"] + 4 * run["experiment"]
            tail = worse * (40 if run["experiment"] == 0 else 3) / (1 + run["setup"] % 2)
            write_run(folder / "runs" / run["id"], plan, run, number, histogram(rng, samples, centre, tail, 0.001 * worse))
    return folder


if __name__ == "__main__":
    print(make(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), *map(int, sys.argv[5:])))
