# SPDX-License-Identifier: MIT
"""What is expensive is built once and kept under ${XDG_CACHE_HOME:-~/.cache}/latcampaign, in a
folder named by a digest of everything that went into it."""
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import time

SUITE = "bookworm"
_began = time.monotonic()


def say(text):
    """Progress for a person: nobody waits in silence."""
    print(f"[{time.monotonic() - _began:6.1f} s] {text}", file=sys.stderr, flush=True)


def directory():
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "latcampaign"


def key(*inputs):
    digest = hashlib.sha256()
    for text in inputs:
        digest.update(text.encode())
        digest.update(b"\0")
    return digest.hexdigest()[:16]


def build(name, inputs, builder):
    """Returns the folder NAME-KEY, calling builder(folder) when it is not there. Built aside and
    renamed, so that what stands is whole; by one at a time, so that nothing is built twice."""
    folder = directory() / f"{name}-{key(name, *inputs)}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{folder}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            aside = folder.with_name(folder.name + ".new")
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir()
            say(f"building {name} (not in the cache {folder.parent})")
            builder(aside)
            aside.rename(folder)
            say(f"built {name}")
    return folder


def mirror(suite=SUITE):
    """The Debian mirror of this machine's own apt configuration, for one of its suites."""
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(CODENAME) $(COMPONENT) $(REPO_URI)",
         "Created-By: Packages"], capture_output=True, text=True, check=True).stdout
    for line in targets.splitlines():
        codename, component, uri = line.split()
        if codename == suite and component == "main":
            return uri
    raise SystemExit(f"apt knows no source for Debian {suite} main; add one and run apt-get update")


def run(argv, log):
    """Runs a program with its output in a file; on failure the file's end is shown."""
    with open(log, "ab") as output:
        result = subprocess.run(argv, stdout=output, stderr=output, stdin=subprocess.DEVNULL,
                                check=False)
    if result.returncode != 0:
        tail = pathlib.Path(log).read_text(errors="replace").splitlines()[-20:]
        raise SystemExit("\n".join(tail + [f"{argv[0]} failed with status {result.returncode}, see "
                                           f"{log}"]))
