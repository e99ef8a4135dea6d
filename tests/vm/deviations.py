#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Three blocks in which a setup never comes up, a guest breaks down and a processor is throttled once: a
stranger has to find each of them in the report. Leaves the campaign in build/deviations/."""
import pathlib
import re
import shutil
import sys

import cache
import installed
import machine

RESULTS = installed.CHECKOUT / "build/deviations"

CAMPAIGN = """
setups = { kvm-rt = {}; kvm-nrt = {}; };
blocks = 3;
limits = { boot_attempts = 1; run_attempts = 1; boots = 20; idle_boots = 20; };
defaults = { duration = "3s"; interval = "10ms"; place = "host"; setups = [ "kvm-nrt" ]; };
expect = { most = { experiments = [ "host" ]; p90 = "900us"; }; };
experiments = {
    host   = { setups = [ "kvm-nrt", "kvm-rt" ]; };
    hot    = { priority = 97; };
    guest  = { place = "kvm"; };
    broken = { place = "kvm"; script = "/root/broken.sh"; };
};
"""
BROKEN = "#!/bin/sh\necho 'no such tool' >\"$ANSWER/measure.stderr\"\nexit 7\n"

# At shutdown our entry of kvm-rt gets another kernel. And the emulated processor, which counts no throttling,
# gets a counter: it rises while "hot" is measured, once in the campaign.
PREPARE = r"""
cat >/usr/local/sbin/sabotage <<'SCRIPT'
#!/bin/sh
if grep -q 'latcampaign: kvm-rt' /boot/grub/latcampaign.cfg; then
    sed -i 's/\(vmlinuz\|initrd.img\)-\([0-9.-]*\)-rt-amd64/\1-\2-amd64/' /boot/grub/latcampaign.cfg
fi
SCRIPT
cat >/usr/local/sbin/throttle <<'SCRIPT'
#!/bin/sh
cpu=/sys/devices/system/cpu/cpu0
cp -r $cpu /run/cpu0 2>/dev/null
mkdir /run/cpu0/thermal_throttle
echo 0 >/run/cpu0/thermal_throttle/core_throttle_count
mount --bind /run/cpu0 $cpu
systemd-notify --ready
until pgrep -f 'cyclictest .*97'; do sleep 0.2; done
[ -e /var/throttled ] || echo 7 >/run/cpu0/thermal_throttle/core_throttle_count
touch /var/throttled
SCRIPT
chmod +x /usr/local/sbin/sabotage /usr/local/sbin/throttle
cat >/etc/systemd/system/saboteur.service <<'UNIT'
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
ExecStop=/usr/local/sbin/sabotage
[Install]
WantedBy=multi-user.target
UNIT
cat >/etc/systemd/system/throttle.service <<'UNIT'
[Unit]
ConditionKernelCommandLine=latcampaign.token
Before=latcampaign.service
[Service]
Type=notify
NotifyAccess=all
ExecStart=/usr/local/sbin/throttle
[Install]
WantedBy=multi-user.target
UNIT
systemctl daemon-reload
systemctl enable --now saboteur.service
systemctl enable throttle.service
"""

# What a stranger has to find, in the text and, without its tags, on the page.
FOUND = (r"setup kvm-rt did not come up", r"kvm-nrt\.broken\.1.*status 7: no such tool",
         r"kvm-nrt-hot.*throttled")


def bring_out(host):
    host.mount_exchange()
    host.check(f"rm -rf {machine.SHARE}/report && cp -rL /var/lib/latcampaign/deviations {machine.SHARE}/report")
    shutil.rmtree(RESULTS, ignore_errors=True)
    shutil.copytree(host.exchange / "report", RESULTS)


def check_report(name, text, out):
    for pattern in FOUND:
        out.ok(re.search(pattern, text), f"{name} tells: {pattern}")


def deviations(host, out):
    host.start()
    host.login()
    installed.install(host)
    for name, text in (("deviations.cfg", CAMPAIGN), ("broken.sh", BROKEN), ("prepare.sh", PREPARE)):
        installed.write(host, f"/root/{name}", text)
    host.check("sh -e /root/prepare.sh")
    cache.say(host.check("latcampaign start /root/deviations.cfg", 180))
    watch = installed.Watch(host)
    told = watch.until_over(1500)
    runs = told["runs"]
    out.ok(told["ending"] == "finished" and (runs["PASS"], runs["MISS"], runs["ERROR"]) == (9, 3, 3),
           f"the campaign ended as {told['ending']}: {runs}")
    out.ok(watch.grubs == 7, f"{watch.grubs} boots (2 setups three times, and home)")
    out.ok(host.run("latcampaign report >/dev/null; latcampaign status >/dev/null")[0] == 1, "status exits with 1")
    bring_out(host)
    check_report("report.txt", (RESULTS / "report.txt").read_text(), out)
    page = (RESULTS / "report.html").read_text()
    check_report("report.html", re.sub(r"<[^>]*>", "", page), out)
    out.note(f"the report is {pathlib.Path(RESULTS) / 'report.html'}")


if __name__ == "__main__":
    sys.exit(installed.play("deviations", deviations, processors=1))
