#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How long latcampaign takes over large data, beside what else could be used. Nothing is asserted: times are
those of this machine at this moment, and of all of them in one run.

    SAMPLES=100000000   lines of the logs; all data is made up
    ROOM=/dev/shm       where they are written (default: build/bench where that has too little room)
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy

sys.path.insert(0, str(Path(__file__).parent))
import made_up  # noqa: E402

BUILD = os.environ.get("B", "build")
SAMPLES = int(os.environ.get("SAMPLES", "100000000"))
BLOCKS = 10
RUN_SAMPLES = 6_000_000
SORTED_PART = 10  # sort(1) gets this part of the data
PIECE = 1_000_000
LINE = 27  # bytes of cyclictest -v
QUANTILES = "{ v[NR] = $1 } END { print v[int(NR * 0.5)], v[int(NR * 0.99)], v[int(NR * 0.999)], v[NR] }"


def seconds(command, **options):
    began = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    return time.monotonic() - began


def report(root, name):
    return seconds([made_up.PROGRAM, "--root", root, "report", name])


# --- a campaign ---------------------------------------------------------------------------------

def bench_report(room):
    folder = made_up.make(room, "campaigns/exp12.cfg", "night", BLOCKS, RUN_SAMPLES)
    runs = len(list((folder / "runs").iterdir()))
    whole = report(room, "night")
    scripts = list((folder / "figures").glob("*.gp"))
    for script in scripts:  # edited scripts are drawn as they are: these draw nothing
        script.write_text("# nothing\n")
    bare = report(room, "night")
    print(f"report of {runs} runs (8 cells x {BLOCKS} boots, {RUN_SAMPLES:,} wake-ups each), {len(scripts)} figures "
          f"in 4 formats:")
    print(f"  {whole:.2f} s with the figures, {bare:.2f} s when gnuplot draws nothing (goal: below 2 s)")


# --- logs of samples ------------------------------------------------------------------------------

def latencies(rng):
    hump = rng.normal(8, 2, PIECE).clip(1, None)
    late = rng.random(PIECE) < 0.001
    hump[late] += rng.pareto(2, late.sum()) * 30
    return hump.astype(int).clip(None, 99999)


def column(numbers, width=8):
    """Numbers as characters, blanks in front."""
    text = numpy.full((len(numbers), width), ord(" "), dtype=numpy.uint8)
    left = numpy.array(numbers)
    for place in range(width - 1, -1, -1):
        shown = (left > 0) | (place == width - 1)
        text[shown, place] = ord("0") + left[shown] % 10
        left //= 10
    return text


def write_plain(path):
    rng = numpy.random.default_rng(2)
    pieces = ["".join(f"{us}\n" for us in latencies(rng)).encode() for _ in range(4)]
    with open(path, "wb") as log:
        for piece in range(SAMPLES // PIECE):
            log.write(pieces[piece % len(pieces)])


def write_verbose(path):
    rng = numpy.random.default_rng(2)
    piece = numpy.full((PIECE, LINE), ord(":"), dtype=numpy.uint8)
    piece[:, 0:8] = column(numpy.zeros(PIECE, dtype=int))
    piece[:, 26] = ord("\n")
    with open(path, "wb") as log:
        for first in range(0, SAMPLES // PIECE * PIECE, PIECE):
            piece[:, 9:17] = column(numpy.arange(first, first + PIECE))
            piece[:, 18:26] = column(latencies(rng))
            log.write(piece.tobytes())


def analyse(room, log):
    """Imports the log; its histogram, slices and quantiles are all that the report needs."""
    root = tempfile.mkdtemp(dir=room)
    taken = seconds([made_up.PROGRAM, "--root", root, "import", "log", log, "--interval", "100us",
                     "--duration", f"{max(1, SAMPLES // 10000)}s", "--histogram", "2000us"])
    shutil.rmtree(root)
    return taken


def bench_log(room, name, write, numbers):
    log = os.path.join(room, "log")
    write(log)
    size = os.path.getsize(log) / 1e6
    seconds(["cat", log])
    cat = seconds(["cat", log])
    ours = analyse(room, log)
    lines = SAMPLES // SORTED_PART
    pipe = f"head -n {lines} {log} | {numbers} sort -n | awk '{QUANTILES}'"
    theirs = seconds(["sh", "-c", pipe], env=dict(os.environ, LC_ALL="C", TMPDIR=room))
    digest = seconds(["openssl", "dgst", "-sha256", log])
    os.unlink(log)
    print(f"{name}, {SAMPLES:,} lines, {size:.0f} MB:")
    print(f"  import {ours:.2f} s: {size / ours:.0f} MB/s, {SAMPLES / ours / 1e6:.0f} million lines a second")
    print(f"  cat >/dev/null {cat:.2f} s: import takes {ours / cat:.1f} times as long; its SHA-256 alone takes "
          f"{digest:.2f} s")
    print(f"  sort -n | awk {theirs:.1f} s for a tenth, at least {theirs * SORTED_PART:.0f} s for all: "
          f"{theirs * SORTED_PART / ours:.0f} times as long (goal: 20)")


def find_room():
    """Logs of both forms, one after the other, and what sort writes aside."""
    need = SAMPLES * LINE * 1.5
    if "ROOM" in os.environ:
        return os.environ["ROOM"]
    if os.path.isdir("/dev/shm") and shutil.disk_usage("/dev/shm").free > need:
        return "/dev/shm"
    os.makedirs(f"{BUILD}/bench", exist_ok=True)
    return f"{BUILD}/bench"


def main():
    room = tempfile.mkdtemp(prefix="latcampaign-bench-", dir=find_room())
    try:
        bench_report(room)
        bench_log(room, "one number a line", write_plain, "")
        bench_log(room, "cyclictest -v", write_verbose, "cut -d: -f3 |")
    finally:
        shutil.rmtree(room)


main()
