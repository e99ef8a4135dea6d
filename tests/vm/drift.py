#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The machine changes under a campaign: kernels, an initramfs, Xen, the date, GRUB's menu, the default
entry. And GRUBs that cannot take a one-shot back, or wait for a person."""
import sys

import cache
import installed

# The first visit, with two attempts at "harm", lasts longer than all that the night brings.
CAMPAIGN = """
setups = {
    begin = { kernel = "rt"; };
    gone  = { kernel = "/boot/vmlinuz-gone"; };
    xen   = { kernel = "rt"; hypervisor = "xen"; };
    early = { kernel = "nrt"; };
    end   = { kernel = "rt"; cmdline = "end"; };
};
defaults = { place = "host"; duration = "20s"; interval = "1ms"; };
experiments = { host = {}; harm = { setups = [ "begin" ]; duration = "45s"; priority = 97; }; };
"""

# What a careless night brings: a kernel removed, Xen and an initramfs changed under their names,
# the clock set, latcampaign installed again and GRUB's menu made anew with it; and a kernel warning in the
# first attempt at the run "harm".
NIGHT = """
systemd-run sh -c 'until pgrep -f "[c]yclictest .*97"; do sleep 0.2; done; echo 512 >/proc/sys/kernel/tainted'
rm /boot/vmlinuz-gone
printf '\\0\\0\\0\\0' >>/boot/initrd.img-$(uname -r | sed s/-rt-/-/)
printf x >>/boot/xen-4.17-amd64.gz
date --set='+3 days'
make -C /root/latcampaign install
"""

# Each keeps GRUB from taking a one-shot back, or has it wait: (what is done, undone, what is said).
ON_LOOP = ("truncate -s 300M /root/disk && disk=$(losetup --find --show /root/disk) && {make} "
           "&& mount $disk /mnt && cp -a /boot/grub/. /mnt && mount --bind /mnt /boot/grub")
OFF_LOOP = "umount /boot/grub /mnt; {undo} losetup --detach-all; rm /root/disk"
REFUSALS = (
    ("btrfs", ON_LOOP.format(make="mkfs.btrfs -q $disk"), OFF_LOOP.format(undo=""),
     "is on a file system that GRUB cannot write"),
    ("LVM", ON_LOOP.format(make="vgcreate -q vg $disk && lvcreate -q -l 100%FREE -n lv vg && "
                                "mkfs.ext4 -q /dev/vg/lv && disk=/dev/vg/lv"),
     OFF_LOOP.format(undo="vgremove -q -f vg;"), "is on lvm, which GRUB cannot write"),
    ("a read-only /boot", "mount --bind /boot/grub /boot/grub && mount -o remount,bind,ro /boot/grub",
     "umount /boot/grub", "is mounted read-only; mount it writable"),
    ("a sparse block", "mv /boot/grub/grubenv /root && truncate -s 1024 /boot/grub/grubenv",
     "mv /root/grubenv /boot/grub", "is a sparse file"),
    ("a menu that waits", "cp /boot/grub/grub.cfg /root && "
     "sed -i 's/set timeout=1$/set timeout=-1/' /boot/grub/grub.cfg",
     "mv /root/grub.cfg /boot/grub", "GRUB's menu waits for a person"),
    ("a password", "cp /boot/grub/grub.cfg /root && "
     "echo 'set superusers=\"root\"' >>/boot/grub/grub.cfg",
     "mv /root/grub.cfg /boot/grub", "GRUB asks for a password"),
)


def refusals(host, _, out):
    for name, make, undo, sentence in REFUSALS:
        host.check(make)
        status, words = host.run("latcampaign start /root/drift.cfg", 120)
        out.ok(status == 1 and sentence in words and "is not started" in words,
               f"{name} is refused before the first reboot")
        if status != 1 or sentence not in words:
            out.note(words)
        host.run(undo)


def a_careless_night(host, watch, out):
    cache.say(host.check("latcampaign start /root/drift.cfg", 180))
    watch.until_run("begin.host.1")
    host.check("sh -e /root/night.sh", 120)
    status, words = host.run("latcampaign resume")
    out.ok(status == 1 and "another latcampaign" in words, f"a second runner is kept out: {words}")
    told = watch.until_over(600)
    log = host.check("latcampaign log")
    out.note(log)
    out.ok(told["ending"] == "finished" and not told["away"], "it goes on, and comes home")
    for run, outcome in (("begin.host.1", "PASS"), ("begin.harm.1", "PASS"), ("gone.host.1", "MISS"),
                         ("xen.host.1", "MISS"), ("early.host.1", "MISS"), ("end.host.1", "PASS")):
        found = installed.outcome(host, "drift", run)
        out.ok(found == outcome, f"run {run} ends as {outcome} (found {found})")
    for sentence in ("gone.host.1 ends as MISS: /boot/vmlinuz-gone is gone",
                     "xen.host.1 ends as MISS: /boot/xen-4.17-amd64.gz has changed",
                     "early.host.1 ends as MISS: /boot/initrd.img-6.1",
                     "begin.harm.1 failed (attempt 1 of 2): the host's kernel reported a kernel warning"):
        out.ok(sentence in log, f"the log says: {sentence}")
    out.ok(watch.grubs == 3, f"{watch.grubs} boots: begin, end, home")


def a_one_shot_that_sticks(host, watch, out):
    """A GRUB that does not take it back, and nobody could know."""
    host.check("cp /boot/grub/grub.cfg /root && "
               "sed -i '/save_env next_entry/d; /set next_entry=$/d' /boot/grub/grub.cfg")
    host.check("cp /boot/vmlinuz-*-rt-amd64 /boot/vmlinuz-gone")
    before = watch.grubs
    cache.say(host.check("latcampaign start /root/drift.cfg --set name=sticky", 180))
    watch.until_run("begin.host.1")
    out.ok("a one-shot of ours was still armed in this boot; it is taken back"
           in host.check("latcampaign log"), "it is noticed at the first resume")
    host.check("latcampaign stop --now")
    told = watch.until_over(300)
    out.ok(told["ending"] == "stopped" and not told["away"] and watch.grubs == before + 2,
           f"a one-shot that sticks: {watch.grubs - before} boots, home")
    host.check("mv /root/grub.cfg /boot/grub")


def another_default(host, watch, out):
    """Home is not what it was: somebody has changed the default entry."""
    cache.say(host.check("latcampaign start /root/drift.cfg --set name=moved "
                         "--set defaults.duration=10m", 180))
    watch.until_run("begin.host.1")
    host.check("sed -i 's/amd64-advanced/rt-amd64-advanced/' /etc/default/grub && update-grub", 120)
    host.check("latcampaign stop --now")
    told = watch.until_over(400)
    status, words = host.run("latcampaign status")
    out.note(words)
    out.ok(told["away"] and status == 1, "another default entry: home is given up after a bound")
    out.ok("home did not come up: the campaign began in kernel 6.1" in host.check("latcampaign log"),
           "the log says what is there instead")
    installed.nothing_left(host, out)


def drift(host, out):
    host.start()
    host.login()
    installed.install(host)
    installed.write(host, "/root/drift.cfg", CAMPAIGN)
    installed.write(host, "/root/night.sh", NIGHT)
    host.check("cp /boot/vmlinuz-*-rt-amd64 /boot/vmlinuz-gone")
    installed.play_scenes((refusals, a_careless_night, a_one_shot_that_sticks, another_default), host,
                          installed.Watch(host, interval=2), out)


if __name__ == "__main__":
    sys.exit(installed.play("drift", drift, processors=1))
