# SPDX-License-Identifier: MIT
"""latcampaign in the emulated host, installed and watched as a user would."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import cache
import host_image
import machine
import tap

CHECKOUT = pathlib.Path(__file__).parent.parent.parent

# What the emulated host needs beside the campaign: its only console is the first serial line,
# which Xen takes for itself.
XEN_CONSOLE = "dom0_mem=2048M,max:2048M com1=115200,8n1 console=com1"
OVERRIDES = [
    "setups.xen-nrt.cmdline=console=hvc0", "setups.xen-rt.cmdline=console=hvc0",
    f"setups.xen-nrt.hypervisor_cmdline={XEN_CONSOLE}",
    f"setups.xen-rt.hypervisor_cmdline={XEN_CONSOLE}",
]


def install(host):
    """`make install` on the machine itself, from a copy of the checkout with its build."""
    target = host.exchange / "latcampaign"
    shutil.rmtree(target, ignore_errors=True)
    # The times are kept, so that make inside sees nothing to compile. What tests have built stays here.
    shutil.copytree(CHECKOUT, target, symlinks=True,
                    ignore=shutil.ignore_patterns(".git", "__pycache__", "tests", "sanitize", "fuzz",
                                                  "vm", "protections", "rehearsal", "deviations"))
    host.mount_exchange()
    host.check(f"rm -rf /root/latcampaign && cp -a {machine.SHARE}/latcampaign /root/")
    return host.check("make -C /root/latcampaign install", 300)


def set_options(overrides):
    return " ".join(f"--set '{override}'" for override in overrides)


def status(host, timeout=60):
    """`latcampaign status --json` from the console."""
    _, output = host.run("latcampaign status --json", timeout)
    return json.loads(output)


def sentence(told):
    """One line of progress out of a status."""
    runs, visit = told["runs"], told["visit"]
    where = f" {visit['setup']} ({visit['number']} of {visit['of']})" if visit else ""
    now = f", run {told['run']}" if told["run"] else ""
    left = max(0, told["expected_end"] - time.time())
    ends = f", about {left / 60:.0f} min left" if told["active"] else ""
    return f"{told['phase']}{where}{now}; {runs['done']} of {runs['total']} runs done{ends}"


class EarlyEnd(Exception):
    """The campaign is over, or given up, before what was waited for came."""


class Watch:
    """Follows a campaign over the machine's reboots from its console."""

    def __init__(self, host, interval=5):
        self.host = host
        self.interval = interval
        self.grubs = 0      # how often GRUB came up since the campaign was started
        self.died = []      # what `status --json` printed instead of JSON in a machine that stayed up
        self.seen = []      # (seconds, sentence), each change
        self.statuses = []  # `status` in words, once in each boot
        self.peaks = []     # KiB of the runner in each boot
        self.boots = []     # [time of the reset, of GRUB, of the login] of each reboot
        self._told_in_boot = False
        self._began = time.monotonic()
        host.listeners.append(self._hear)

    def _hear(self, line):
        self.grubs += "GNU GRUB" in line
        if "reboot: Restarting system" in line:
            self.boots.append([time.time()])
        elif "GNU GRUB" in line or "rehearsal login: root" in line:
            self.boots[-1:] = [boot + [time.time()] for boot in self.boots[-1:]]

    def resets(self):
        """How often the machine came up without having been shut down: after panics, hangs, cuts."""
        return self.grubs - len(self.boots)

    def _peak(self):
        """The runner's own peak of memory so far, without its guests."""
        _, line = self.host.run("grep VmHWM /proc/$(systemctl show -P MainPID latcampaign)/status")
        if line.startswith("VmHWM:"):
            self.peaks.append(int(line.split()[1]))

    def _tell(self, told):
        text = sentence(told)
        plain = text.split(", about")[0]
        if not self.seen or self.seen[-1][1] != plain:
            self.seen.append((time.monotonic() - self._began, plain))
            cache.say(text)

    def _poll_boot(self, reached):
        """Asks until the machine goes down or has reached what is waited for; that status."""
        if not self._told_in_boot:
            self.statuses.append(self.host.run("latcampaign status", 60)[1])
            self._peak()
            self._told_in_boot = True
        while True:
            told = status(self.host)
            self._tell(told)
            if reached(told):
                return told
            if not told["active"] or told["trouble"]:
                raise EarlyEnd(f"the campaign is over before its time: {told}")
            self.host.wait_quietly(self.interval)

    def came_up(self):
        """A login after a reboot."""
        before = time.monotonic()
        self.host.login(400)
        self._told_in_boot = False
        cache.say(f"boot {self.grubs}: login after {time.monotonic() - before:.0f} s")

    def _strange_answer(self, answer):
        """It goes down while we asked; or the program died, as programs do at times in a dom0 with
        PREEMPT_RT (README.md in this folder tells why)."""
        try:
            self.host.wait_quietly(20)
        except machine.Gone:
            self.came_up()
            return
        self.died.append(answer)
        if len(self.died) > 2:
            raise machine.Failure(f"status has no answer again and again: {self.died}")

    def until(self, reached, timeout):
        """Follows the campaign over reboots until reached(status); returns that status."""
        if os.environ.get("BAIL_OUT"):
            timeout /= 2  # a protection is taken out: it is waited for what does not come
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                return self._poll_boot(reached)
            except machine.Gone:
                self.came_up()
            except ValueError as strange:
                self._strange_answer(strange.doc)
        raise machine.Failure(f"the campaign did not get there in {timeout} s")

    def until_run(self, run, timeout=1200):
        return self.until(lambda told: told["run"] == run, timeout)

    def until_over(self, timeout=1800):
        return self.until(lambda told: not told["active"], timeout)


def outcome(host, campaign, run):
    """The outcome in a run's result; "" when there is none."""
    return host.run("sed -n 's/.*\"outcome\": \"\\(.*\\)\".*/\\1/p' "
                    f"/var/lib/latcampaign/{campaign}/runs/{run}/run.json 2>/dev/null")[1]


def nothing_left(host, out):
    """Nothing of ours stands beside GRUB's own."""
    out.ok(host.run("test -e /boot/grub/latcampaign.cfg")[0] != 0, "no entry of ours is left")
    out.ok("next_entry=latc" not in host.check("grub-editenv list"), "no one-shot of ours is left")


def write(host, path, text):
    """Writes a file on the machine."""
    host.mount_exchange()
    (host.exchange / "file").write_text(text)
    host.check(f"cp {machine.SHARE}/file {path}")


def tree(image, folder, target):
    """Copies a folder out of a disk image that is not in use."""
    target.mkdir(parents=True, exist_ok=True)
    subprocess.run(["debugfs", "-R", f"rdump {folder} {target}",
                    f"{image}?offset={1 << 20}"], check=True, capture_output=True)


def play_scenes(scenes, host, *arguments):
    """One after the other, or those that the command line names: none needs what another one left."""
    names = sys.argv[1:]
    unknown = set(names) - {scene.__name__ for scene in scenes}
    if unknown:
        raise SystemExit(f"{sys.argv[0]}: no scene {' '.join(sorted(unknown))}")
    for scene in scenes:
        if not names or scene.__name__ in names:
            scene(host, *arguments)


def play(name, scenario, devices=(), image=host_image.path, processors=2):
    """scenario(host, out) in a machine of its own, as a test program: its exit status. The disk of
    a machine in which something failed is kept."""
    host, out = machine.Machine(machine.scratch(name), devices, processors, image=image), tap.Tap()
    try:
        scenario(host, out)
    except (machine.Failure, EarlyEnd) as failure:
        out.ok(False, f"{name} goes through (console: {host.folder}/console.log): {failure}")
        host.dump()
    finally:
        host.off()
    if not out.failed:
        host.disk.unlink()
    return out.close()
