#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A person stops a campaign, in both ways, and starts it again each time."""
import sys

import cache
import installed

CAMPAIGN = """
setups = { kvm-rt = {}; };
experiments = { host = { place = "host"; duration = "20s"; interval = "1ms"; repetitions = 2; }; };
"""
START = "latcampaign start /root/stop.cfg"


def stop_at_once(host, watch, out):
    cache.say(host.check(START, 180))
    watch.until_run("kvm-rt.host.1")
    host.check("systemctl kill --signal=KILL latcampaign.service; "
               "echo '{}' >/var/lib/latcampaign/stop/record.json; latcampaign stop --now")
    told = watch.until_over()
    out.ok(told["ending"] == "stopped" and not told["away"],
           "stop --now, with a runner that was killed and a record that is damaged: stopped, and home")
    out.ok(told["runs"]["done"] == 0, "stop --now: the run under way is dropped")


def stop_after_the_run(host, watch, out):
    cache.say(host.check(START, 180))
    watch.until_run("kvm-rt.host.1")
    host.check("latcampaign stop")
    told = watch.until_over()
    out.ok(told["ending"] == "stopped" and not told["away"], "stop: stopped, and home")
    out.ok(told["runs"]["PASS"] == 1, "stop: the run under way is finished")
    _, words = host.run("latcampaign status")
    out.ok("stopped by a person; `latcampaign start` goes on" in words, "status says how to go on")


def go_on(host, watch, out):
    cache.say(host.check(START, 180))
    told = watch.until_over()
    out.ok(told["ending"] == "finished", "start again: it goes on and finishes")
    out.ok(told["runs"]["PASS"] == 2, "start again: every run is measured")
    out.ok(watch.grubs == 6, f"{watch.grubs} reboots (there and home, three times)")
    status, words = host.run(START)
    out.ok(status == 1 and "campaign stop has finished" in words, "a finished one is not repeated")


def stop(host, out):
    host.start()
    host.login()
    installed.install(host)
    installed.write(host, "/root/stop.cfg", CAMPAIGN)
    watch = installed.Watch(host, interval=2)
    stop_at_once(host, watch, out)
    stop_after_the_run(host, watch, out)
    go_on(host, watch, out)


if __name__ == "__main__":
    sys.exit(installed.play("stop", stop, processors=1))
