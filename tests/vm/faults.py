#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A campaign on a host where things go wrong: an armed entry that boots the wrong kernel, a power
cut in a run, a guest that panics. Also every place and guest type that the other tests leave out."""
import sys
import time

import cache
import installed
import machine
import tap

# A saboteur changes our entry at shutdown, between the arming and the boot: the token is right, the
# kernel is not.
SABOTEUR = r"""
cat >/etc/systemd/system/saboteur.service <<'UNIT'
[Unit]
Description=Boot another kernel than kvm-rt asks for
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
ExecStop=/usr/local/sbin/sabotage
[Install]
WantedBy=multi-user.target
UNIT
cat >/usr/local/sbin/sabotage <<'SCRIPT'
#!/bin/sh
grep -q 'latcampaign: kvm-rt' /boot/grub/latcampaign.cfg || exit 0
sed -i 's/\(vmlinuz\|initrd.img\)-\([0-9.-]*\)-rt-amd64/\1-\2-amd64/' /boot/grub/latcampaign.cfg
SCRIPT
chmod +x /usr/local/sbin/sabotage
systemctl daemon-reload
systemctl enable --now saboteur.service
"""

# A guest's script that brings its kernel down.
PANIC = "#!/bin/sh\necho 1 >/proc/sys/kernel/sysrq\necho c >/proc/sysrq-trigger\nsleep 60\n"

CAMPAIGN = """
setups = { kvm-rt = {}; kvm-nrt = {}; xen-nrt = {}; };
limits = { boot_attempts = 2; run_attempts = 2; guest_time = "2m"; };
defaults = { duration = "3s"; interval = "1ms"; memory = "512M"; guest_kernel = "nrt"; };
experiments = {
    host  = { place = "host"; };
    panic = { place = "kvm"; setups = [ "kvm-nrt" ]; script = "/root/panic.sh"; };
    pvh   = { place = "xen"; guest_type = "pvh"; guest_kernel = "rt"; hap = false; };
    hvm   = { place = "xen"; guest_type = "hvm"; hap = false; };
    cut   = { place = "host"; setups = [ "xen-nrt" ]; duration = "30s"; };
};
"""


def prepare(host):
    host.start()
    host.login()
    installed.install(host)
    installed.write(host, "/root/faults.cfg", CAMPAIGN)
    installed.write(host, "/root/panic.sh", PANIC)
    installed.write(host, "/root/saboteur.sh", SABOTEUR)
    host.check("sh /root/saboteur.sh")


def cut_power_in_run(host, watch, out):
    """Pulls the plug while the run "cut" is under way."""
    watch.until_run("xen-nrt.cut.1")
    time.sleep(3)
    host.power_cut()
    out.ok(True, "the power is cut in the run xen-nrt.cut.1")
    host.start()
    watch.came_up()


def check_runs(host, out):
    for run, outcome in (("kvm-rt.host.1", "MISS"), ("kvm-nrt.host.1", "PASS"),
                         ("kvm-nrt.panic.1", "ERROR"), ("xen-nrt.host.1", "PASS"),
                         ("xen-nrt.pvh.1", "PASS"), ("xen-nrt.hvm.1", "PASS"), ("xen-nrt.cut.1", "PASS")):
        found = installed.outcome(host, "faults", run)
        out.ok(found == outcome, f"run {run} ends as {outcome} (found {found})")


def check_log(host, out):
    log = host.check("latcampaign log")
    out.note(log)
    wrong = log.count("kvm-rt did not come up as asked, nothing is measured in this boot: release")
    out.ok(wrong == 2, f"the wrong kernel was noticed in {wrong} of 2 boots")
    status, _ = host.run("test -e /var/lib/latcampaign/faults/attempts/kvm-rt.host.1.1")
    out.ok(status != 0, "nothing was tried in the wrong kernel")
    out.ok("ends as ERROR: no result in 2 attempts: the guest's kernel panicked" in log,
           "the reason of the error is in the log")
    out.ok("the machine rebooted in the middle of xen-nrt" in log, "the power cut is in the log")
    out.ok("the guest's kernel panicked" in log, "the panic is in the log")
    status, words = host.run("latcampaign status")
    out.note(words)
    out.ok(status == 1, "status exits with 1: not all went as asked")


def check_home(host, before, out):
    out.ok(host.check("uname -r; cat /proc/cmdline") == before, "home is the boot from before")
    out.ok(host.run("test -e /boot/grub/latcampaign.cfg")[0] != 0, "no entry of ours is left")
    out.ok("next_entry=latc" not in host.check("grub-editenv list"), "no one-shot of ours is left")
    out.ok(host.run("systemctl is-failed --quiet latcampaign.service")[0] != 0, "the unit is fine")


def faults(host, out):
    prepare(host)
    before = host.check("uname -r; cat /proc/cmdline")
    overrides = [o for o in installed.OVERRIDES if "xen-nrt" in o]
    cache.say(host.check("latcampaign start /root/faults.cfg "
                         + installed.set_options(overrides), 180))
    status, words = host.run("latcampaign start /root/faults.cfg")
    out.ok(status == 1 and "campaign faults is under way" in words, "a second start is refused")
    watch = installed.Watch(host)
    cut_power_in_run(host, watch, out)
    told = watch.until_over(900)
    out.ok(told["ending"] == "finished", f"the campaign ended as {told['ending']}")
    out.ok(watch.logins == 7, f"{watch.logins} boots (2 wrong, 1 right, 1 cut, home, again, home)")
    check_runs(host, out)
    check_log(host, out)
    check_home(host, before, out)


def main():
    host, out = machine.Machine(machine.scratch("faults")), tap.Tap()
    try:
        faults(host, out)
    except (machine.Failure, installed.EarlyEnd) as failure:
        out.ok(False, f"the campaign goes through (console: {host.folder}/console.log): {failure}")
    finally:
        host.off()
    if not out.failed:
        host.disk.unlink()
    return out.close()


if __name__ == "__main__":
    sys.exit(main())
