#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs programs that speak TAP, shows what fails, and closes with the sum of all.

    run.py PROGRAM...

A program that dies, prints no plan or another number of tests than planned counts as one failure
more. `ok N # skip REASON` is counted and shown, never hidden.
"""
import os
import re
import subprocess
import sys
import time

LINE = re.compile(r"^(not )?ok\b\s*\d*\s*-?\s*(.*)$")
SKIP = re.compile(r"#\s*skip\b\s*(.*)$", re.IGNORECASE)
PLAN = re.compile(r"^1\.\.(\d+)")


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped


def judge(name, output, status):
    """One program's tally; prints what a person has to see."""
    tally, planned, block = Tally(), None, []
    for line in output.splitlines():
        plan, test = PLAN.match(line), LINE.match(line)
        if plan:
            planned = int(plan.group(1))
        elif test and test.group(1):
            tally.failed += 1
            print("\n".join([f"not ok: {name}: {test.group(2)}", *block]))
        elif test and (skip := SKIP.search(test.group(2))):
            tally.skipped += 1
            print(f"skipped: {name}: {test.group(2)} ({skip.group(1)})")
        elif test:
            tally.passed += 1
        block = [] if test else block + [f"    {line}"]
    counted = tally.passed + tally.failed + tally.skipped
    if planned != counted or (status != 0 and tally.failed == 0):
        tally.failed += 1
        print(f"not ok: {name}: exit status {status}, {counted} tests of {planned} planned")
        print("\n".join(block[-30:]))
    elif tally.failed:
        print("\n".join(block[-30:]))
    return tally


def main():
    total = Tally()
    environment = dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP")
    for program in sys.argv[1:]:
        began = time.monotonic()
        argv = ["bats", "--tap", program] if program.endswith(".bats") else [program]
        result = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                errors="replace", env=environment, check=False)
        tally = judge(program, result.stdout, result.returncode)
        for line in result.stdout.splitlines():
            if line.startswith("# note: "):
                print(f"  {line[8:]}")
        print(f"{program}: {tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped "
              f"in {time.monotonic() - began:.0f} s", flush=True)
        total.add(tally)
    print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped")
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
