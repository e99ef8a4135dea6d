#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One boot after the other hangs where nobody is there to reset the machine: in GRUB, before systemd,
in the middle of a run, in the shutdown. The BMC and the hardware watchdog do it."""
import sys

import cache
import installed

BMC = ["-device", "ipmi-bmc-sim,id=bmc0", "-device", "isa-ipmi-kcs,bmc=bmc0"]

CAMPAIGN = """
setups = { kvm-rt = {}; };
limits = { boot_attempts = 3; boot_time = "1m"; watchdog = "20s"; };
experiments = { host = { place = "host"; duration = "20s"; interval = "1ms"; }; };
"""

# GRUB hangs once, when its environment says so; Linux once before systemd (an initramfs script of the
# host), and once in the shutdown.
PREPARE = r"""
cat >/etc/grub.d/43_hang <<'HOOK'
#!/bin/sh
cat <<'MENU'
if [ "${hang}" = 1 ]; then
    set hang=
    save_env hang
    echo "GRUB hangs"
    while true; do sleep --interruptible 1000; done
fi
MENU
HOOK
chmod +x /etc/grub.d/43_hang
update-grub
cat >/etc/systemd/system/hang.service <<'UNIT'
[Unit]
ConditionKernelCommandLine=latcampaign.token
ConditionPathExists=/var/hang-late
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
ExecStop=/bin/sh -c 'rm /var/hang-late; sync; exec sleep infinity'
TimeoutStopSec=infinity
[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable hang.service
grub-editenv /boot/grub/grubenv set hang=1
touch /var/hang-early
sync
"""


def what_is_covered(host, out):
    words = host.check("latcampaign check --machine /root/hangs.cfg")
    out.note(words)
    out.ok("early kernel: the BMC resets the machine 60 s after" in words,
           "check --machine says what the BMC covers")
    out.ok("its end: iTCO_wdt resets the machine when systemd is silent for 20 s" in words,
           "and what the hardware watchdog does")


def hang_in_the_run(host, watch):
    """A kernel that is dead and does not come back by itself."""
    watch.until_run("kvm-rt.host.1")
    host.check("touch /var/hang-late; sync")
    host.send("\necho 0 >/proc/sys/kernel/panic; echo c >/proc/sysrq-trigger\n")


def hangs(host, out):
    host.start()
    host.login()
    installed.install(host)
    installed.write(host, "/root/hangs.cfg", CAMPAIGN)
    installed.write(host, "/root/prepare.sh", PREPARE)
    host.check("sh /root/prepare.sh", 120)
    what_is_covered(host, out)
    watch = installed.Watch(host, interval=2)
    cache.say(host.check("latcampaign start /root/hangs.cfg", 180))
    hang_in_the_run(host, watch)
    watch.came_up()
    told = watch.until_over(900)
    log = host.check("latcampaign log")
    out.note(log)
    out.ok(told["ending"] == "finished" and told["runs"]["PASS"] == 1 and not told["away"],
           "the run is measured and the machine is home")
    out.ok(log.count("kvm-rt was armed, but another boot came up") == 2,
           "two boots hung on the way up, in GRUB and before systemd")
    out.ok(log.count("the machine rebooted in the middle of kvm-rt") == 1, "one in the run")
    out.ok(host.run("test -e /var/hang-late || test -e /var/hang-early")[0] != 0,
           "and one in the shutdown: they did hang")
    out.ok("hang=1" not in host.check("grub-editenv list"), "GRUB did hang")
    # The GRUB that hangs shows no menu. Home, before systemd, home, run, home, run, home.
    out.ok(watch.grubs == 7, f"{watch.grubs} times GRUB's menu came up")
    out.ok("iTCO_wdt resets the machine after 20 s" in log, "the log tells which watchdog watches")
    out.ok(host.run("test -e /var/lib/latcampaign/bmc-armed")[0] != 0
           and "Stopped" in host.check("ipmitool mc watchdog get"), "the BMC's watchdog is off")
    installed.nothing_left(host, out)


if __name__ == "__main__":
    sys.exit(installed.play("hangs", hangs, BMC, processors=1))
