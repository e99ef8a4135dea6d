#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a night may bring beside failing runs: a person who reboots, boots that end in emergency
mode, one that hangs, a plan that is damaged, a package that is removed in the middle."""
import sys

import cache
import installed

CAMPAIGN = """
setups = { kvm-rt = {}; };
limits = { boot_attempts = 2; };
experiments = { host = { place = "host"; duration = "40s"; interval = "1ms"; }; };
"""
START = "latcampaign start /root/accidents.cfg"

# Boots of ours fail as those with a bad mount do.
EMERGENCY = """
cat >/etc/systemd/system/bad-mount.service <<'UNIT'
[Unit]
DefaultDependencies=no
Before=sysinit.target
ConditionKernelCommandLine=latcampaign.token
OnFailure=emergency.target
OnFailureJobMode=replace-irreversibly
[Service]
Type=oneshot
ExecStart=/bin/false
[Install]
RequiredBy=sysinit.target
UNIT
systemctl daemon-reload
systemctl enable bad-mount.service
sync
"""


# The first boot of ours never becomes ready. The guard waits 15 minutes, here 40 s.
HANG = """
cat >/etc/systemd/system/hang.service <<'UNIT'
[Unit]
ConditionKernelCommandLine=latcampaign.token
ConditionPathExists=/var/hang
Before=multi-user.target latcampaign.service
[Service]
Type=oneshot
ExecStartPre=/bin/rm /var/hang
ExecStart=/bin/sleep infinity
[Install]
WantedBy=multi-user.target
UNIT
mkdir -p /etc/systemd/system/latcampaign-guard.timer.d
printf '[Timer]\\nOnBootSec=\\nOnBootSec=40s\\n' >/etc/systemd/system/latcampaign-guard.timer.d/short.conf
systemctl daemon-reload
systemctl enable hang.service
touch /var/hang
sync
"""


def begin(host, watch):
    cache.say(host.check(START, 180))
    watch.until_run("kvm-rt.host.1")


def a_person_reboots(host, watch, out):
    begin(host, watch)
    host.send("\nsystemctl reboot\n")
    watch.came_up()
    told = watch.until_over(120)
    out.ok(told["ending"] == "person" and not told["away"],
           f"a person's reboot: the machine is left to them (ending {told['ending']})")
    status, words = host.run("latcampaign status")
    out.note(words)
    out.ok(status == 1 and "`latcampaign start` goes on" in words, "status says how to go on")
    out.ok("shut down by somebody else" in host.check("latcampaign log"), "the log says so")


def boots_end_in_emergency_mode(host, watch, out):
    """And GRUB does not take the one-shot back, either."""
    host.check("cp /boot/grub/grub.cfg /root && "
               "sed -i '/save_env next_entry/d; /set next_entry=$/d' /boot/grub/grub.cfg")
    installed.write(host, "/root/emergency.sh", EMERGENCY)
    host.check("sh /root/emergency.sh")
    before = watch.grubs
    cache.say(host.check(START, 180))
    # Emergency mode has no login by itself on this console: whatever logs in is home.
    told = watch.until_over(600)
    out.ok(watch.grubs == before + 4,
           f"emergency mode is left twice for home ({watch.grubs - before} boots)")
    out.ok(told["ending"] == "finished" and told["runs"]["MISS"] == 1 and not told["away"],
           "then its runs end as MISS, and the machine is home")
    out.ok(host.check("latcampaign log").count("kvm-rt was armed, but another boot came up") == 2,
           "the log says so")
    host.check("mv /root/grub.cfg /boot/grub && systemctl disable bad-mount.service && "
               "rm -rf /var/lib/latcampaign/accidents")


def a_boot_hangs(host, watch, out):
    installed.write(host, "/root/hang.sh", HANG)
    host.check("sh /root/hang.sh")
    cache.say(host.check(START, 180))
    told = watch.until_over(600)
    out.ok(told["ending"] == "finished" and told["runs"]["PASS"] == 1,
           "a boot that hangs is left after a time, and the next one is measured")
    out.ok(host.run("test -e /var/hang")[0] != 0, "a boot did hang")
    out.ok(host.check("latcampaign log").count("kvm-rt was armed, but another boot came up") == 1,
           "the log says so")
    host.check("systemctl disable hang.service && rm -rf /var/lib/latcampaign/accidents "
               "/etc/systemd/system/latcampaign-guard.timer.d")


def the_plan_is_damaged(host, watch, out):
    begin(host, watch)
    host.check("sed -i 's/\"duration_s\": 40/\"duration_s\": 41/' "
               "/var/lib/latcampaign/accidents/plan.json")
    host.send("\nsystemctl kill --signal=KILL latcampaign.service\n")
    watch.came_up()
    status, words = host.run("latcampaign status")
    out.note(words)
    out.ok(status == 1 and "plan.json: is damaged" in words, "a damaged plan: status says so")
    out.ok("latcampaign.token" not in host.check("cat /proc/cmdline"), "the machine is home")
    out.ok(host.run("test -L /var/lib/latcampaign/active")[0] != 0, "the campaign is over")
    installed.nothing_left(host, out)
    host.check("rm -rf /var/lib/latcampaign/accidents")


def the_package_is_removed(host, watch, out):
    begin(host, watch)
    host.check("make -C /root/latcampaign uninstall", 120)
    installed.nothing_left(host, out)
    out.ok(host.run("ls /etc/systemd/system/latcampaign* /usr/local/bin/latcampaign "
                    "/etc/grub.d/42_latcampaign")[1].count("No such file") == 3,
           "removal in the middle: nothing is left")
    out.ok(host.run("grep -q latcampaign /boot/grub/grub.cfg")[0] != 0, "GRUB does not know us")
    host.send("\nsystemctl reboot\n")
    watch.came_up()
    out.ok("latcampaign.token" not in host.check("cat /proc/cmdline"), "and the machine boots home")


def accidents(host, out):
    host.start()
    host.login()
    installed.install(host)
    installed.write(host, "/root/accidents.cfg", CAMPAIGN)
    out.note(host.check("systemd-analyze security --no-pager latcampaign.service | tail -1"))
    watch = installed.Watch(host, interval=2)
    installed.play_scenes((a_person_reboots, boots_end_in_emergency_mode, a_boot_hangs, the_plan_is_damaged,
                           the_package_is_removed), host, watch, out)


if __name__ == "__main__":
    sys.exit(installed.play("accidents", accidents, processors=1))
