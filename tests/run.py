#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs programs that speak TAP, shows what fails, and closes with the sum of all.

    run.py [-j N PROGRAM...]...

Each group after the one before, N of its programs at a time. A program that dies, prints no plan or another number of tests than planned counts as one failure more. `ok N # skip REASON` is counted and shown, never hidden.
"""
import concurrent.futures
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
        self.failures = []  # what failed, a line each

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.failures += other.failures

    def fail(self, what):
        self.failed += 1
        self.failures.append(what)
        return f"not ok: {what}"


def judge(name, output, status):
    """One program's tally; prints what a person has to see."""
    tally, planned, block, failing = Tally(), None, [], False
    for line in output.splitlines():
        plan, test = PLAN.match(line), LINE.match(line)
        if plan:
            planned = int(plan.group(1))
        elif test and test.group(1):
            print("\n".join([tally.fail(f"{name}: {test.group(2)}"), *block]))
        elif test and (skip := SKIP.search(test.group(2))):
            tally.skipped += 1
            print(f"skipped: {name}: {test.group(2)} ({skip.group(1)})")
        elif test:
            tally.passed += 1
        elif failing and line.startswith("#"):
            print(f"    {line}")
        failing = bool(test.group(1)) if test else failing
        block = [] if test else block + [f"    {line}"]
    counted = tally.passed + tally.failed + tally.skipped
    if planned != counted or (status != 0 and tally.failed == 0):
        print(tally.fail(f"{name}: exit status {status}, {counted} tests of {planned} planned"))
        print("\n".join(block[-30:]))
    elif tally.failed:
        print("\n".join(block[-30:]))
    return tally


def run(program):
    """The program's name, output, exit status and seconds."""
    began = time.monotonic()
    argv = ["bats", "--tap", program] if program.endswith(".bats") else [program]
    result = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            errors="replace", check=False,
                            env=dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP"))
    return program, result.stdout, result.returncode, time.monotonic() - began


def show(program, output, status, seconds):
    tally = judge(program, output, status)
    for line in output.splitlines():
        if line.startswith("# note: "):
            print(f"  {line[8:]}")
    print(f"{program}: {tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped "
          f"in {seconds:.0f} s", flush=True)
    return tally


def groups(words):
    """[(how many at a time, [program, ...]), ...]"""
    found = []
    for word in words:
        if word == "-j":
            found.append([None, []])
        elif found[-1][0] is None:
            found[-1][0] = int(word)
        else:
            found[-1][1].append(word)
    return found


def main():
    total = Tally()
    for at_a_time, programs in groups(sys.argv[1:]):
        with concurrent.futures.ThreadPoolExecutor(at_a_time) as pool:
            for result in pool.map(run, programs):
                total.add(show(*result))
    # Once more at the end: what was printed above may be long.
    for failure in total.failures:
        print(f"failed: {failure}")
    print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped")
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
