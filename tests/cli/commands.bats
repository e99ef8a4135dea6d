#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# The command line as a person uses it, on a machine that is a directory where that is enough.
# shellcheck disable=SC2016 # the sentences hold back quotes that mean nothing to the shell

bats_require_minimum_version 1.5.0


setup() {
    latcampaign=$(realpath "${LATCAMPAIGN:-build/latcampaign}")
    campaigns=$(realpath campaigns)
    root=$BATS_TEST_TMPDIR/root
    state=$root/var/lib/latcampaign
    mkdir -p "$state"
}

# A finished-looking campaign "night": plan of one run, frozen by the real code.
make_campaign() {
    mkdir -p "$state/night"
    printf 'setups = { kvm-rt = {}; };\nexperiments = { rt = { duration = "10s"; }; };\n' >"$BATS_TEST_TMPDIR/night.cfg"
    "$latcampaign" plan --json "$BATS_TEST_TMPDIR/night.cfg" >"$state/night/plan.json"
    cat >"$state/night/record.json" <<EOF
{ "format": 1, "campaign": "night", "started": 1000, "changed": 1000, "boot_seconds": 20, "trouble": "",
  "home": { "token": "", "release": "6.1", "hypervisor": "none", "hypervisor_version": "", "cmdline": "ro",
            "hypervisor_cmdline": "", "boot_id": "b", "preempt_rt": false },
  "state": { "phase": "$1", "ending": "$2", "token": "0011223344556677", "boot_id": "b", "visit": 0, "run": $3,
             "boots": 1, "reboot_asks": 0, "home_attempts": 0, "reports": 0, "away": false,
             "boot_attempts": [0], "run_attempts": [1] } }
EOF
    echo "2026-11-23T01:02:03Z info: campaign night is started" >"$state/night/log"
}

@test "--help lists every command and exits with 0" {
    run "$latcampaign" --help
    [ "$status" -eq 0 ]
    for command in check plan start status stop log report; do
        [[ "$output" == *"  $command"* ]]
        run -0 "$latcampaign" "$command" --help
        [[ "$output" == "usage: latcampaign $command"* ]]
        run -0 "$latcampaign" --help
    done
}

@test "--version" {
    run -0 "$latcampaign" --version
    [[ "$output" =~ ^latcampaign\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "no command is a usage error that shows the help" {
    run -2 "$latcampaign"
    [[ "$output" == *"usage: latcampaign COMMAND"* ]]
}

@test "an unknown command and an unknown option are named" {
    run -2 "$latcampaign" begin
    [ "$output" = 'latcampaign: there is no command "begin"; `latcampaign --help` lists them' ]
    run -2 "$latcampaign" status --jason
    [[ "$output" == *"--jason"* ]]
}

@test "an operand too many and one too few are named" {
    run -2 "$latcampaign" check a.cfg b.cfg
    [[ "$output" == *'"b.cfg" is too much'* ]]
    run -2 "$latcampaign" check
    [[ "$output" == *"a campaign file is missing"* ]]
}

@test "check accepts every campaign that comes with latcampaign" {
    for campaign in "$campaigns"/*.cfg; do
        run -0 "$latcampaign" check "$campaign"
        [[ "$output" == *"is fine"* ]]
    done
}

@test "check names a file that is not there, and a directory" {
    run -2 "$latcampaign" check nowhere.cfg
    [ "$output" = "nowhere.cfg: cannot be read: No such file or directory" ]
    run -2 "$latcampaign" check "$BATS_TEST_TMPDIR"
    [ "$output" = "$BATS_TEST_TMPDIR: is not a file; name the campaign's file" ]
}

@test "plan shows visits, runs, reboots and time" {
    run -0 "$latcampaign" plan "$campaigns/paper.cfg"
    [[ "$output" == *"4 visits, 8 runs, 5 reboots, about 1 h 37 min"* ]]
    [[ "$output" == *"visit 4: xen-rt (rt under Xen)"* ]]
    [[ "$output" == *"xen-rt.rt.1"*"Xen guest, kernel rt, pv, 10 min 0 s"* ]]
}

@test "plan --json is JSON that says the same" {
    "$latcampaign" plan --json --set defaults.duration=10s "$campaigns/paper.cfg" >"$BATS_TEST_TMPDIR/plan.json"
    [ "$(jq '.runs | length' "$BATS_TEST_TMPDIR/plan.json")" -eq 8 ]
    [ "$(jq .reboots "$BATS_TEST_TMPDIR/plan.json")" -eq 5 ]
    [ "$(jq -r '.overrides[0]' "$BATS_TEST_TMPDIR/plan.json")" = "defaults.duration=10s" ]
}

@test "check --machine tells everything that is missing, each with its remedy" {
    mkdir -p "$root/proc"
    echo "root=/dev/sda1 ro" >"$root/proc/cmdline"
    mkdir -p "$root/boot"
    run -1 "$latcampaign" --root "$root" check --machine "$campaigns/paper.cfg"
    [[ "$output" == *"setup kvm-rt: no kernel with PREEMPT_RT is in /boot; install one (Debian: apt install linux-image-rt-amd64)"* ]]
    [[ "$output" == *"setup xen-nrt: no Xen is in /boot; install it"* ]]
    [[ "$output" == *"the program cyclictest is not installed; install it (Debian: apt install rt-tests)"* ]]
    [[ "$output" == *"the program qemu-system-x86_64 is not installed"* ]]
    [[ "$output" == *"the program xl is not installed"* ]]
    [[ "$output" == *"latcampaign needs GRUB 2 as boot loader"* ]]
    [[ "$output" == *"systemd does not run this machine"* ]]
    [ "$(find "$root" -newer "$BATS_TEST_TMPDIR" -type f | grep -vc /proc/cmdline)" -eq 0 ]
}

@test "start refuses a machine that lacks something, and changes nothing" {
    mkdir -p "$root/proc" "$root/boot"
    echo "ro" >"$root/proc/cmdline"
    run -1 "$latcampaign" --root "$root" start "$campaigns/paper.cfg"
    [[ "$output" == *"campaign paper is not started: this machine cannot run it yet (see above)"* ]]
    [ -z "$(ls -A "$state")" ]
}

@test "start is refused while a campaign is active, by its name" {
    ln -s night "$state/active"
    run -1 "$latcampaign" --root "$root" start "$campaigns/paper.cfg"
    [[ "$output" == *"campaign night is under way on this machine"* ]]
    [ -z "$(find "$state" -name 'paper*')" ]
}

@test "start without root says how to call it" {
    chmod 755 "$BATS_TEST_TMPDIR"
    run -1 setpriv --reuid=65534 --regid=65534 --clear-groups "$latcampaign" start "$campaigns/paper.cfg"
    [[ "$output" == *"needs root: sudo latcampaign start"* ]]
}

@test "status before the first campaign" {
    run -1 "$latcampaign" --root "$root" status
    [[ "$output" == *'no campaign has been started on this machine; `latcampaign start FILE` does'* ]]
}

@test "status while a run is under way" {
    make_campaign visiting none 0
    ln -s night "$state/active"
    sed -i 's/"kernel_release": null/"kernel_release": "6.1-rt"/' "$state/night/plan.json"
    run -0 "$latcampaign" --root "$root" status
    [[ "$output" == *"campaign night: measuring in kvm-rt (visit 1 of 1)"* ]]
    [[ "$output" == *"now      run kvm-rt.rt.1 in a guest with kernel 6.1-rt, 10 s of cyclictest, attempt 1 of 2"* ]]
    [[ "$output" == *"done     0 of 1 runs"* ]]
    [[ "$output" == *"trouble  none"* ]]
    "$latcampaign" --root "$root" status --json >"$BATS_TEST_TMPDIR/status.json"
    [ "$(jq -r .run "$BATS_TEST_TMPDIR/status.json")" = kvm-rt.rt.1 ]
    [ "$(jq -r .visit.setup "$BATS_TEST_TMPDIR/status.json")" = kvm-rt ]
    [ "$(jq .active "$BATS_TEST_TMPDIR/status.json")" = true ]
}

@test "status of a campaign that ended badly exits with 1" {
    make_campaign ended boots -1
    run -1 "$latcampaign" --root "$root" status night
    [[ "$output" == *"ended early: its budget of boots is used up (limits.boots)"* ]]
}

@test "status of a campaign with a damaged record says so" {
    make_campaign ended finished -1
    echo "{" >"$state/night/record.json"
    run -1 "$latcampaign" --root "$root" status night
    [[ "$output" == *"record.json:"*"is damaged"* ]]
}

@test "status of a campaign that is not there" {
    make_campaign ended finished -1
    run -1 "$latcampaign" --root "$root" status evening
    [[ "$output" == *'there is no campaign "evening"'* ]]
    run -1 "$latcampaign" --root "$root" status ../night
    [[ "$output" == *'there is no campaign "../night"'* ]]
}

@test "log prints what happened" {
    make_campaign ended finished -1
    run -0 "$latcampaign" --root "$root" log
    [ "$output" = "2026-11-23T01:02:03Z info: campaign night is started" ]
}

@test "report writes and prints what there is" {
    make_campaign ended stopped -1
    run -0 "$latcampaign" --root "$root" report
    [[ "$output" == *"1 runs: 1 not measured"* ]]
    [ -f "$state/night/report.txt" ]
}

@test "stop asks the runner, --now cancels the run as well" {
    make_campaign visiting none 0
    run -1 "$latcampaign" --root "$root" stop
    [[ "$output" == *"campaign night is not under way"* ]]
    ln -s night "$state/active"
    run -0 "$latcampaign" --root "$root" stop
    [ -e "$state/night/stop" ]
    [ ! -e "$state/night/cancel/now" ]
    run -0 "$latcampaign" --root "$root" stop --now
    [ -e "$state/night/cancel/now" ]
}

@test "resume with nothing to resume" {
    run -1 "$latcampaign" --root "$root" resume
    [[ "$output" == *"no campaign is active"* ]]
}
