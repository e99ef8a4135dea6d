#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The guests' kernels of paper.cfg, built here from the distribution's source by `latcampaign build`: under
emulation that would take hours. Prints the folder below which they stand as on a host."""
import pathlib
import re
import shutil

import cache

CHECKOUT = pathlib.Path(__file__).parent.parent.parent
CAMPAIGN = CHECKOUT / "campaigns/paper.cfg"
SOURCE = "linux-source-6.12"
SUITE = f"{cache.SUITE}-security"


def _inputs():
    paths = [*sorted((CHECKOUT / "kernels").glob("recipe*")), CHECKOUT / "kernels/guest.config",
             pathlib.Path(__file__)]
    asked = re.search(r"^kernels = \{.*?^\};", CAMPAIGN.read_text(), re.MULTILINE | re.DOTALL)
    return [SUITE, asked.group(), *(path.read_text() for path in paths)]


def _build(folder):
    root = folder / "root"
    cache.run(["mmdebstrap", "--variant=extract", f"--include={SOURCE}",
               "--aptopt=APT::Install-Recommends \"false\"", cache.SUITE, str(folder / "unpacked"),
               f"deb {cache.mirror()} {cache.SUITE} main", f"deb {cache.mirror(SUITE)} {SUITE} main"],
              folder / "log")
    source = f"usr/src/{SOURCE}.tar.xz"
    (root / source).parent.mkdir(parents=True)
    shutil.copy(folder / "unpacked" / source, root / source)
    shutil.rmtree(folder / "unpacked")
    cache.say("building the guests' kernels (five to ten minutes)")
    cache.run(["nice", "env", f"LATCAMPAIGN_DATADIR={CHECKOUT}", str(CHECKOUT / "build/latcampaign"),
               "--root", str(root), "build", str(CAMPAIGN)], folder / "log")


def root():
    return cache.build("guest-kernels", _inputs(), _build) / "root"


if __name__ == "__main__":
    print(root())
