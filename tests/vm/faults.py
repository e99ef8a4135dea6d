#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A campaign on a host where things go wrong: armed entries that boot the wrong kernel and the wrong
hypervisor command line, a power cut in a run, a guest that panics, a run that brings the host down
each time, a runner that is killed beside its domain. Also every place and guest type that the other tests leave out."""
import sys
import time

import cache
import installed

# A saboteur changes our entry at shutdown, between the arming and the boot: the token is right, the
# kernel (in kvm-rt, always) or Xen's command line (in xen-nrt, once) is not. Another one brings the
# host down when the run "crash" begins.
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
entry=/boot/grub/latcampaign.cfg
if grep -q 'latcampaign: kvm-rt' $entry; then
    sed -i 's/\(vmlinuz\|initrd.img\)-\([0-9.-]*\)-rt-amd64/\1-\2-amd64/' $entry
elif grep -q 'latcampaign: xen-nrt' $entry && [ ! -e /var/sabotaged ]; then
    sed -i 's/dom0_mem=2048M,max:2048M/dom0_mem=2040M,max:2040M/' $entry
    touch /var/sabotaged
fi
SCRIPT
chmod +x /usr/local/sbin/sabotage
cat >/etc/systemd/system/crash.service <<'UNIT'
[Unit]
ConditionKernelCommandLine=latcampaign.token
[Service]
ExecStart=/usr/local/sbin/crash
[Install]
WantedBy=multi-user.target
UNIT
cat >/usr/local/sbin/crash <<'SCRIPT'
#!/bin/sh
until pgrep -f 'cyclictest .*-D 60'; do sleep 1; done
echo 1 >/proc/sys/kernel/sysrq
echo 5 >/proc/sys/kernel/panic
echo c >/proc/sysrq-trigger
SCRIPT
chmod +x /usr/local/sbin/crash
systemctl daemon-reload
systemctl enable --now saboteur.service
systemctl enable crash.service
"""

# A guest's script that brings its kernel down.
PANIC = "#!/bin/sh\necho 1 >/proc/sys/kernel/sysrq\necho c >/proc/sysrq-trigger\nsleep 60\n"

# The runner dies beside its domain. A file, since Xen keeps no more than 128 bytes of what is typed while
# its only processor makes a domain.
KILL = "until xl list | grep -q latcampaign; do sleep 1; done; systemctl kill --signal=KILL latcampaign.service\n"

CAMPAIGN = """
setups = { kvm-rt = {}; kvm-nrt = {}; xen-nrt = {}; };
limits = { boot_attempts = 2; run_attempts = 2; boots = 12; guest_time = "6m"; };
defaults = { duration = "3s"; interval = "1ms"; memory = "512M"; guest_kernel = "nrt"; };
experiments = {
    host  = { place = "host"; };
    panic = { place = "kvm"; setups = [ "kvm-nrt" ]; script = "/root/panic.sh"; };
    crash = { place = "host"; setups = [ "kvm-nrt" ]; duration = "60s"; };
    pvh   = { place = "xen"; guest_type = "pvh"; guest_kernel = "rt"; hap = false;
              interval = "10ms"; };
    hvm   = { place = "xen"; guest_type = "hvm"; hap = false; interval = "10ms"; };
    cut   = { place = "host"; setups = [ "xen-nrt" ]; duration = "20s"; };
};
"""


def prepare(host):
    host.start()
    host.login()
    installed.install(host)
    installed.write(host, "/root/faults.cfg", CAMPAIGN)
    for name, text in (("panic", PANIC), ("kill", KILL), ("saboteur", SABOTEUR)):
        installed.write(host, f"/root/{name}.sh", text)
    host.check("sh /root/saboteur.sh")


def cut_power_in_run(host, watch, out):
    """Pulls the plug while the run "cut" is under way."""
    watch.until_run("xen-nrt.cut.1")
    time.sleep(3)
    host.power_cut()
    out.ok(True, "the power is cut in the run xen-nrt.cut.1")
    host.start()
    watch.came_up()


def kill_in_xen_guest(host, watch):
    """Xen keeps the domain, and no second one could have its name: that the run passes in the end shows
    that it was cleaned up."""
    watch.until_run("xen-nrt.pvh.1")
    host.check("sh /root/kill.sh")


def check_runs(host, out):
    for run, outcome in (("kvm-rt.host.1", "MISS"), ("kvm-nrt.host.1", "PASS"),
                         ("kvm-nrt.panic.1", "ERROR"), ("kvm-nrt.crash.1", "ERROR"),
                         ("xen-nrt.host.1", "PASS"),
                         ("xen-nrt.pvh.1", "PASS"), ("xen-nrt.hvm.1", "PASS"),
                         ("xen-nrt.cut.1", "PASS")):
        found = installed.outcome(host, "faults", run)
        out.ok(found == outcome, f"run {run} ends as {outcome} (found {found})")


def check_log(host, out):
    log = host.check("latcampaign log")
    out.note(log)
    wrong = log.count("kvm-rt did not come up as asked, nothing is measured in this boot: release")
    out.ok(wrong == 2, f"the wrong kernel was noticed in {wrong} of 2 boots")
    status, _ = host.run("test -e /var/lib/latcampaign/faults/attempts/kvm-rt.host.1.1")
    out.ok(status != 0, "nothing was tried in the wrong kernel")
    out.ok("hypervisor_cmdline: asked \"dom0_mem=2048M" in log, "so was Xen's wrong command line")
    out.ok("run kvm-nrt.crash.1 ends as ERROR: no result in 2 attempts: the last one was cut off" in log,
           "the run that brings the host down is given up")
    out.ok("ends as ERROR: no result in 2 attempts: the guest's kernel panicked" in log,
           "the reason of the error is in the log")
    out.ok("the machine rebooted in the middle of xen-nrt" in log, "the power cut is in the log")
    out.ok("the guest's kernel panicked" in log, "the panic is in the log")
    status, words = host.run("latcampaign status")
    out.note(words)
    out.ok(status == 1, "status exits with 1: not all went as asked")


def check_home(host, before, out):
    out.ok(host.check("uname -r; cat /proc/cmdline") == before, "home is the boot from before")
    installed.nothing_left(host, out)
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
    kill_in_xen_guest(host, watch)
    cut_power_in_run(host, watch, out)
    told = watch.until_over(900)
    out.ok(told["ending"] == "finished", f"the campaign ended as {told['ending']}")
    out.ok(watch.grubs == 11, f"{watch.grubs} boots (2 wrong; 1 crashed, home, again, home; "
           "1 wrong; 1 cut, home, again; home)")
    check_runs(host, out)
    check_log(host, out)
    check_home(host, before, out)


if __name__ == "__main__":
    sys.exit(installed.play("faults", faults, processors=1))
