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

# Reads JSON and writes it with its seal, as base/sealed.h tells.
seal() {
    local json
    json=$(jq -cS .)
    jq --arg sum "$(printf %s "$json" | sha256sum | cut -d' ' -f1)" '.sha256 = $sum' <<<"$json"
}

# A campaign "night" of one run: its plan frozen by the real code; phase, ending and run as given.
make_campaign() {
    mkdir -p "$state/night"
    printf 'setups = { kvm-rt = {}; };\nexperiments = { rt = { duration = "10s"; }; };\n' >"$BATS_TEST_TMPDIR/night.cfg"
    "$latcampaign" plan --json "$BATS_TEST_TMPDIR/night.cfg" |
        sed 's/"kernel_release": null/"kernel_release": "6.1-rt"/' | seal >"$state/night/plan.json"
    seal >"$state/night/home.json" <<EOF
{ "token": "", "release": "6.1", "hypervisor": "none", "hypervisor_version": "", "cmdline": "ro",
  "hypervisor_cmdline": "", "boot_id": "b", "preempt_rt": false }
EOF
    seal >"$state/night/record.json" <<EOF
{ "format": 3, "campaign": "night", "started": 1000, "changed": 1000, "boot_seconds": 20, "spent": 60, "uptime": 20, "up_in": "b", "trouble": "",
  "state": { "phase": "$1", "ending": "$2", "token": "0011223344556677", "boot_id": "b", "visit": 0, "run": $3,
             "boots": 1, "idle_boots": 0, "results": 0, "reboot_asks": 0, "home_attempts": 0, "reports": 0,
             "away": false, "boot_attempts": [0], "run_attempts": [1] } }
EOF
    echo "2026-11-23T01:02:03Z info: campaign night is started" >"$state/night/log"
}

@test "--help lists every command and exits with 0" {
    run "$latcampaign" --help
    [ "$status" -eq 0 ]
    for command in check plan prepare unprepare start status stop log report compare import resume withdraw leaving; do
        [[ "$output" == *"  $command"* ]]
        run -0 "$latcampaign" "$command" --help
        [[ "$output" == "usage: latcampaign $command"* ]]
        run -0 "$latcampaign" --help
    done
}

@test "an option that a command does not take is a usage error" {
    for line in "start --dry-run" "status --set name=x" "plan --machine" "stop --yes" "log --json"; do
        # shellcheck disable=SC2086 # a command and its options
        run -2 "$latcampaign" $line night.cfg
        [[ "$output" == *"does not take --"*"--help"* ]]
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

@test "check accepts every campaign that comes with latcampaign, the fuzzer's seeds too" {
    for campaign in "$campaigns"/*.cfg "$campaigns"/../tests/fuzz/corpus/campaign/*.cfg; do
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
    [[ "$output" == *"4 visits, 16 runs, 5 reboots, about 2 h 59 min"* ]]
    [[ "$output" == *"visit 4: xen-rt (rt under Xen)"* ]]
    [[ "$output" == *"xen-rt.rt.1"*"Xen guest, kernel guest-rt, pvh, 10 min 0 s"* ]]
    [[ "$output" == *"xen-rt.host-load.1"*"dom0, load kernel in dom0, 10 min 0 s"* ]]
}

@test "plan --json is JSON that says the same" {
    "$latcampaign" plan --json --set defaults.duration=10s "$campaigns/paper.cfg" >"$BATS_TEST_TMPDIR/plan.json"
    [ "$(jq '.runs | length' "$BATS_TEST_TMPDIR/plan.json")" -eq 16 ]
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
    run -0 "$latcampaign" --root "$root" status
    [[ "$output" == *"campaign night: measuring in kvm-rt (visit 1 of 1)"* ]]
    [[ "$output" == *"now      run kvm-rt.rt.1 in a guest with kernel 6.1-rt, 10 s of cyclictest, attempt 1 of 2"* ]]
    [[ "$output" == *"runner   not running; it starts when the boot is complete"* ]]
    [[ "$output" == *"done     0 of 1 runs"* ]]
    [[ "$output" == *"trouble  none"* ]]
    "$latcampaign" --root "$root" status --json >"$BATS_TEST_TMPDIR/status.json"
    [ "$(jq -r .run "$BATS_TEST_TMPDIR/status.json")" = kvm-rt.rt.1 ]
    [ "$(jq -r .visit.setup "$BATS_TEST_TMPDIR/status.json")" = kvm-rt ]
    [ "$(jq .active "$BATS_TEST_TMPDIR/status.json")" = true ]
}

# Changes a sealed file of the campaign "night" as jq is told.
change() {
    jq "del(.sha256) | $2" "$state/night/$1" | seal >"$BATS_TEST_TMPDIR/$1"
    mv "$BATS_TEST_TMPDIR/$1" "$state/night/$1"
}

@test "status names the tool that measures" {
    make_campaign visiting none 0
    ln -s night "$state/active"
    change plan.json '.experiments[0].tool = 1'
    run -0 "$latcampaign" --root "$root" status
    [[ "$output" == *", 10 s of timerlat, attempt 1 of 2"* ]]
    [[ "$output" == *"  ends     about "* ]]
    [[ "$output" != *"  report   "* ]]
}

@test "status of a runner that gave up foretells no end" {
    make_campaign visiting none 0
    ln -s night "$state/active"
    change record.json '.trouble = "no figure of it"'
    run -1 "$latcampaign" --root "$root" status
    [[ "$output" == *"campaign night: given up: no figure of it"* ]]
    [[ "$output" != *"ends     about"* ]]
    [[ "$output" == *'report   not written; `sudo latcampaign report night` writes it'* ]]
    run -1 "$latcampaign" --root "$root" status --json
    [ "$(jq .expected_end <<<"$output")" = 0 ]
}

@test "status names the report that stands only" {
    make_campaign ended stopped -1
    run -0 "$latcampaign" --root "$root" status
    [[ "$output" == *'report   not written; `sudo latcampaign report night` writes it'* ]]
    run -0 "$latcampaign" --root "$root" report
    run -0 "$latcampaign" --root "$root" status
    [[ "$output" == *"report   /var/lib/latcampaign/night/report.txt, figures beside it"* ]]
}

@test "plan and status tell the block" {
    run -0 "$latcampaign" plan --set blocks=2 "$campaigns/five-lines.cfg"
    [[ "$output" == *"8 visits, 8 runs, 9 reboots"* ]]
    [[ "$output" == *"visit 5, block 2: kvm-nrt"*"kvm-nrt.rt.2"* ]]
    make_campaign visiting none 0
    change plan.json '.blocks = 2 | .visits += [.visits[0] * {block: 2, first_run: 1}]
        | .runs += [.runs[0] * {repetition: 2, id: "kvm-rt.rt.2"}]'
    change record.json '.state *= {visit: 1, run: 1, boot_attempts: [0, 0], run_attempts: [1, 1]}'
    ln -s night "$state/active"
    run -0 "$latcampaign" --root "$root" status
    [[ "$output" == *"measuring in kvm-rt (visit 2 of 2, block 2 of 2)"* ]]
    run -0 "$latcampaign" --root "$root" status --json
    [ "$(jq .visit.block <<<"$output")" = 2 ]
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
    [[ "$output" == *"record.json:"*"is damaged"*"no result is lost"* ]]
    run -0 "$latcampaign" --root "$root" log night
    run -0 "$latcampaign" --root "$root" report night
}

@test "a flipped digit in a record is noticed" {
    make_campaign ended finished -1
    sed -i 's/"boots": 1/"boots": 0/' "$state/night/record.json"
    run -1 "$latcampaign" --root "$root" status night
    [[ "$output" == *"record.json: is damaged: its checksum is wrong"* ]]
}

@test "a damaged plan is noticed, log and stop still work" {
    make_campaign visiting none 0
    ln -s night "$state/active"
    sed -i 's/"duration_s": 10/"duration_s": 90/' "$state/night/plan.json"
    run -1 "$latcampaign" --root "$root" status
    [[ "$output" == *"plan.json: is damaged"*"can still be read in"* ]]
    run -1 "$latcampaign" --root "$root" report
    run -0 "$latcampaign" --root "$root" log
    run -0 "$latcampaign" --root "$root" stop
    [ -e "$state/night/stop" ]
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
    [ "$output" = "$(cat "$state/night/report.txt")" ]
    run -0 "$latcampaign" --root "$root" report --text
    [ "$output" = "$(cat "$state/night/report.txt")" ]
}

@test "report leaves a page, exports and checksums" {
    make_campaign ended stopped -1
    run -0 "$latcampaign" --root "$root" report
    cd "$state/night"
    sha256sum --strict --quiet -c SHA256SUMS
    grep -q "1 of 1 runs did not end as asked" report.html
    [ "$(jq '.outcomes["not measured"]' export/report.json)" = 1 ]
    grep -q '<skipped message="not measured">' export/junit.xml
    [ "$(wc -l <export/results.csv)" -eq 2 ]
    [ "$(tail -1 export/openmetrics.txt)" = "# EOF" ]
    diff log export/log.txt
    jq -e '."@graph"[] | select(."@id" == "report.html") | .sha256' ro-crate-metadata.json
}

@test "report --latex prints tables and writes nothing" {
    make_campaign ended stopped -1
    run -0 "$latcampaign" --root "$root" report --latex
    [[ "$output" == *'\toprule'*'kvm-rt-rt & \multicolumn{8}{l}{not measured}'*'\bottomrule'* ]]
    [ ! -e "$state/night/report.txt" ]
    run -2 "$latcampaign" --root "$root" report --text --latex
    [[ "$output" == *"--text and --latex are two forms of the report; give one"* ]]
}

# A result of the night's only run that stands, with that outcome and reason, 60 wake-ups at 1 us.
make_run() {
    mkdir -p "$state/night/runs/kvm-rt.rt.1"
    cat >"$state/night/runs/kvm-rt.rt.1/histogram.txt" <<EOF
# Histogram
000000 000000
000001 000060
# Total: 000000060
# Min Latencies: 00001
# Avg Latencies: 00001
# Max Latencies: 00001
# Histogram Overflows: 00000
EOF
    jq -n --arg outcome "$1" --arg reason "$2" '{outcome: $outcome, reason: $reason}' \
        >"$state/night/runs/kvm-rt.rt.1/run.json"
    (cd "$state/night/runs/kvm-rt.rt.1" && sha256sum histogram.txt run.json >SHA256SUMS)
}

@test "status and report exit with 1 when a run exceeded a threshold" {
    make_campaign ended finished -1
    make_run PASS ""
    run -0 "$latcampaign" --root "$root" status
    [[ "$output" == *"done     1 of 1 runs, 1 PASS"* ]]
    run -0 "$latcampaign" --root "$root" report
    make_run FAIL "threshold all: max is 9us, expected was at most 5us"
    run -1 "$latcampaign" --root "$root" status
    [[ "$output" == *"done     1 of 1 runs, 1 FAIL"* ]]
    run -1 "$latcampaign" --root "$root" status --json
    [ "$(jq .runs.FAIL <<<"$output")" = 1 ]
    run -1 "$latcampaign" --root "$root" report
    [[ "$output" == *"run kvm-rt.rt.1: FAIL, threshold all: max is 9us, expected was at most 5us"* ]]
    grep -q '1 of them exceeded a threshold' "$state/night/report.html"
    grep -q '<failure message="FAIL: threshold all: max is 9us' "$state/night/export/junit.xml"
    grep -q ',FAIL,"threshold all: max is 9us, expected' "$state/night/export/results.csv"
    grep -q 'outcome="FAIL"} 1' "$state/night/export/openmetrics.txt"
}

@test "report goes on without a figure that gnuplot cannot draw, and exits with 1" {
    make_campaign ended finished -1
    make_run PASS ""
    run -0 "$latcampaign" --root "$root" report
    echo "out of ink" >"$state/night/figures/figure-kvm-ccdf.gp"
    run -1 "$latcampaign" --root "$root" report
    [[ "$output" == *"figure figure-kvm-ccdf could not be drawn: gnuplot figure-kvm-ccdf.gp: exited with status 1: "* ]]
    [[ "$output" == *"latcampaign: 1 figures could not be drawn; DEVIATIONS in the report tell which and why" ]]
    [ -s "$state/night/figures/figure-kvm-boots.svg" ]
    [ ! -e "$state/night/figures/figure-kvm-ccdf.svg" ]
    (cd "$state/night" && sha256sum --strict --quiet -c SHA256SUMS)
    rm "$state/night/figures/figure-kvm-ccdf.gp"
    run -0 "$latcampaign" --root "$root" report
    [[ "$output" != *"could not be drawn"* ]]
}

@test "compare takes two campaigns, by name and by directory, and needs no root" {
    make_campaign ended finished -1
    make_run PASS ""
    cp -r "$state/night" "$BATS_TEST_TMPDIR/copy"
    run -0 "$latcampaign" --root "$root" compare night "$BATS_TEST_TMPDIR/copy"
    [[ "$output" == "A  night: 1 runs: 1 PASS"*"B  $BATS_TEST_TMPDIR/copy: 1 runs: 1 PASS"*"kvm-rt-rt"* ]]
    [[ "$output" == *"not ranked: more than 0.1 % of the wake-ups are missing"* ]]
    chmod -R a+rX "$BATS_TEST_TMPDIR"
    cd "$BATS_TEST_TMPDIR/copy"
    run -0 setpriv --reuid=65534 --regid=65534 --clear-groups "$latcampaign" compare ./ ./
}

@test "compare names what it cannot compare" {
    make_campaign ended finished -1
    run -2 "$latcampaign" --root "$root" compare night
    [[ "$output" == *"compare takes two campaigns"* ]]
    run -2 "$latcampaign" --root "$root" compare night night night
    [[ "$output" == *'compare takes two operands, and "night" is too much'* ]]
    run -1 "$latcampaign" --root "$root" compare night evening
    [[ "$output" == *'there is no campaign "evening"'* ]]
    run -1 "$latcampaign" --root "$root" compare night ./nowhere
    [[ "$output" == *"./nowhere: cannot be opened: No such file or directory"* ]]
    mkdir "$BATS_TEST_TMPDIR/empty"
    run -1 "$latcampaign" --root "$root" compare night "$BATS_TEST_TMPDIR/empty"
    [[ "$output" == *"campaign $BATS_TEST_TMPDIR/empty: plan.json: "* ]]
}

# cyclictest's histogram of 1000 wake-ups, all of them at the given latency.
make_histogram() {
    echo "# Histogram"
    for bin in 0 1 2 3; do
        printf '%06d %06d\n' "$bin" $((bin == $1 ? 1000 : 0))
    done
    printf '# Total: 000001000\n# Min Latencies: 0000%d\n# Avg Latencies: 0000%d\n' "$1" "$1"
    printf '# Max Latencies: 0000%d\n# Histogram Overflows: 00000\n' "$1"
}

import() {
    "$latcampaign" --root "$root" import "$@" --interval 1ms --duration 1s
}

@test "import makes a campaign of what others measured, one command a cell" {
    cd "$BATS_TEST_TMPDIR"
    make_histogram 1 >one.txt
    make_histogram 2 >two.txt
    run -0 import paper one.txt --setup kvm-rt --experiment rt
    [[ "$output" == *"campaign paper has 1 more runs of cell kvm-rt-rt, 1 in all"* ]]
    run -0 import paper two.txt --setup xen-rt --experiment rt
    cmp one.txt "$state/paper/runs/kvm-rt.rt.1/histogram.txt"
    [ "$(jq -r '.imported.file, .found, .guest.found' "$state/paper/runs/kvm-rt.rt.1/run.json" | xargs)" = "one.txt null null" ]
    (cd "$state/paper/runs/xen-rt.rt.1" && sha256sum -c SHA256SUMS)
    run -0 "$latcampaign" --root "$root" report paper
    [[ "$output" == *"2 runs: 2 PASS"*"IMPORTED: others measured this"*"not known: imported"*"IMPORTED WITH latcampaign"* ]]
    [[ "$output" != *"    boot "* ]]
    [[ "$output" == *"rt: xen-rt - kvm-rt "*"p50    +1 - "* ]]
    grep -q 'All 2 runs were imported.' "$state/paper/report.html"
    run ! grep -q 'latcampaign start' "$state/paper/report.html"
    (cd "$state/paper" && sha256sum --quiet -c SHA256SUMS)
    run -0 "$latcampaign" --root "$root" compare paper paper
    [[ "$output" == *"A and B are imported: nothing is known but names"*"  nothing that is known"* ]]
    grep -q '"kvm-rt-rt (N = 1000' "$state/paper/figures/figure-imported.gp"
    run -1 "$latcampaign" --root "$root" status paper
    [[ "$output" == *'campaign paper is imported and was never under way here; `latcampaign report paper` shows it'* ]]
    run -0 "$latcampaign" --root "$root" log paper
    [[ "$output" == *"one.txt is imported as run kvm-rt.rt.1"* ]]
}

@test "import takes JSON and keeps it, and the kernel that it tells" {
    cd "$BATS_TEST_TMPDIR"
    jq -n '{sysinfo: {release: "6.1-rt", realtime: 1}, thread: {"0": {histogram: {"2": 999}, cycles: 1000,
        min: 2, max: 7, avg: 2.1}}}' >c.json
    run -1 import paper c.json
    [[ "$output" == *"c.json: cyclictest's JSON does not tell how wide the histogram is; say --histogram"* ]]
    [ ! -e "$state/paper" ]
    run -0 import paper c.json --histogram 5us
    cmp c.json "$state/paper/runs/imported.imported.1/imported.json"
    [ "$(jq -r .guest.found.release "$state/paper/runs/imported.imported.1/run.json")" = 6.1-rt ]
    run -0 "$latcampaign" --root "$root" report paper
    [[ "$output" == *"found 6.1-rt, PREEMPT_RT yes, clock -"* ]]
}

@test "import takes logs of samples, and shows them over time" {
    cd "$BATS_TEST_TMPDIR"
    for i in $(seq 0 999); do printf '%8d:%8d:%8d\n' 0 "$i" $((i == 700 ? 4321 : i % 7)); done >verbose.log
    cut -d: -f3 verbose.log >plain.log
    run -1 import paper verbose.log
    [[ "$output" == *"verbose.log: is a log of samples and does not tell how wide the histogram shall be; say --histogram"* ]]
    sed '500s/.*/xyz/' plain.log >damaged.log
    run -1 import paper verbose.log damaged.log --histogram 100us
    [[ "$output" == *'damaged.log:500: "xyz" is no sample; the lines before it are a latency in us each'* ]]
    [ ! -e "$state/paper" ]
    run -0 import paper verbose.log plain.log --histogram 100us
    cmp "$state"/paper/runs/imported.imported.{1,2}/histogram.txt
    grep -q '^# Max Latencies: 004321$' "$state/paper/runs/imported.imported.1/histogram.txt"
    grep -q '^# Histogram Overflows: 000001$' "$state/paper/runs/imported.imported.1/histogram.txt"
    [ "$(jq -r '.imported | .format, .sha256' "$state/paper/runs/imported.imported.1/run.json" | xargs)" = "samples $(sha256sum verbose.log | cut -d' ' -f1)" ]
    [ "$(jq '.slices[70].largest' "$state/paper/runs/imported.imported.1/time.json")" = 4321 ]
    (cd "$state/paper/runs/imported.imported.1" && sha256sum -c SHA256SUMS)
    run -0 "$latcampaign" --root "$root" report paper
    [ -s "$state/paper/figures/figure-imported-time.svg" ]
    grep -q 'the largest latency, 4321 us, came about 0.705 s after the beginning' "$state/paper/report.html"
    run -1 import paper verbose.log --histogram 100us --setup other
    [[ "$output" == *"verbose.log: is the same as imported.imported.1, which is imported already"* ]]
}

@test "files of one import are one boot, unless --boots says otherwise" {
    cd "$BATS_TEST_TMPDIR"
    for i in 1 2; do
        { echo "# $i"; make_histogram 1; } >"$i.txt"
        { echo "# $i more"; make_histogram 1; } >"$i.more"
    done
    run -0 import paper 1.txt 2.txt
    run -0 import paper 1.more 2.more --boots --experiment boots
    run -0 "$latcampaign" --root "$root" report paper
    [[ "$output" == *"  imported-imported, 1 boots"*"  imported-boots, 2 boots"* ]]
}

@test "import names what it cannot take, and writes nothing then" {
    cd "$BATS_TEST_TMPDIR"
    make_histogram 1 >one.txt
    head -3 one.txt >torn.txt
    run -2 "$latcampaign" --root "$root" import paper
    [[ "$output" == *"import takes the name of a campaign and at least one file"* ]]
    run -2 "$latcampaign" --root "$root" import paper one.txt --duration 1s
    [[ "$output" == *"say --interval"* ]]
    run -2 "$latcampaign" --root "$root" import paper one.txt --interval 1ms --duration 1
    [[ "$output" == *"say --duration"* ]]
    run -2 import ../paper one.txt
    [[ "$output" == *'the name "../paper" becomes part of file names'* ]]
    run -2 import paper one.txt --histogram 0us
    [[ "$output" == *"--histogram is cyclictest's -h"* ]]
    run -1 import paper one.txt torn.txt
    [[ "$output" == *"torn.txt:3: cyclictest's line"* ]]
    run -1 import paper nowhere.txt
    [[ "$output" == *"nowhere.txt: cannot be opened: No such file or directory"* ]]
    run -1 import paper one.txt --histogram 100us
    [[ "$output" == *"one.txt: has 1 threads and a histogram of 4us, not 1 and 100us"* ]]
    run -1 "$latcampaign" --root "$root" import paper one.txt --interval 10ms --duration 1s
    [[ "$output" == *"thread 0 woke up 1000 times, and an interval of 10000us makes 100 in 1s"* ]]
    [ ! -e "$state/paper" ]
    run -0 import paper one.txt
    run -1 import paper one.txt --setup other
    [[ "$output" == *"one.txt: is the same as imported.imported.1, which is imported already"* ]]
    make_campaign ended finished -1
    run -1 import night one.txt
    [[ "$output" == *"campaign night was measured on this machine; import into one of another name"* ]]
}

@test "plan shows what is expected, --set can say it, and plan --json keeps it" {
    run -0 "$latcampaign" plan --set expect.all.p99_99=40us --set expect.all.max=100us "$campaigns/five-lines.cfg"
    [[ "$output" == *"  expects (all) p99.99 at most 40us, max at most 100us: experiments rt; setups kvm-nrt kvm-rt xen-nrt xen-rt"* ]]
    run -0 "$latcampaign" plan --json --set expect.all.p99_99=40us "$campaigns/five-lines.cfg"
    [ "$(jq '.thresholds[0].p99_99_us' <<<"$output")" = 40 ]
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

@test "stop with a mistyped name leaves the campaign that is under way alone" {
    make_campaign visiting none 0
    ln -s night "$state/active"
    run -1 "$latcampaign" --root "$root" stop nihgt
    [[ "$output" == *'there is no campaign "nihgt"'* ]]
    [ -L "$state/active" ]
    [ ! -e "$state/night/stop" ]
}

@test "a record that cannot be read is not taken for a damaged one" {
    make_campaign visiting none 0
    ln -s night "$state/active"
    rm "$state/night/record.json"
    mkdir "$state/night/record.json"
    run -1 "$latcampaign" --root "$root" status
    [[ "$output" == *"record.json: cannot be read: Is a directory"* ]]
    [[ "$output" != *"no result is lost"* ]]
    run -1 "$latcampaign" --root "$root" resume
    [[ "$output" == *"record.json: cannot be read"* ]]
    [ ! -e "$state/night/damaged" ]
}

@test "what others can write is not trusted" {
    make_campaign visiting none 0
    ln -s night "$state/active"
    chmod o+w "$state/night"
    run -1 "$latcampaign" --root "$root" status
    [[ "$output" == *"others than root can write it"* ]]
    run -1 "$latcampaign" --root "$root" resume
    [[ "$output" == *"others than root can write it"* ]]
    chmod o-w "$state/night"
    chmod g+w "$state"
    run -1 "$latcampaign" --root "$root" status
    [[ "$output" == *"others than root can write it"* ]]
    chmod g-w "$state"
    chown 65534 "$state/night"
    run -1 "$latcampaign" --root "$root" status
    [[ "$output" == *"others than root can write it"* ]]
    chown 0 "$state/night"
    mv "$state/night" "$BATS_TEST_TMPDIR/elsewhere"
    ln -s "$BATS_TEST_TMPDIR/elsewhere" "$state/night"
    run -1 "$latcampaign" --root "$root" status
    [[ "$output" == *"night: cannot be opened"* ]]
}

@test "withdraw takes everything out of the boot loader" {
    make_campaign visiting none 0
    ln -s night "$state/active"
    mkdir -p "$root/boot/grub"
    touch "$root/boot/grub/grub.cfg" "$root/boot/grub/latcampaign.cfg"
    grub-editenv "$root/boot/grub/grubenv" create
    grub-editenv "$root/boot/grub/grubenv" set next_entry=latcampaign-0011223344556677
    run -0 "$latcampaign" --root "$root" withdraw
    [[ "$output" == "night is ended, its results stay; nothing of latcampaign is left"* ]]
    [ ! -e "$state/active" ]
    [ ! -e "$root/boot/grub/latcampaign.cfg" ]
    [ -z "$(grub-editenv "$root/boot/grub/grubenv" list)" ]
    [ -e "$state/night/plan.json" ]
    run -0 "$latcampaign" --root "$root" withdraw
}

@test "resume with nothing to resume" {
    run -1 "$latcampaign" --root "$root" resume
    [[ "$output" == *"no campaign is active"* ]]
}

# A Debian of which only what prepare reads is there: nothing is installed but a kernel.
make_debian() {
    export LATCAMPAIGN_DATADIR=$BATS_TEST_DIRNAME/../../dist
    mkdir -p "$root/etc" "$root/boot/grub"
    cp "$BATS_TEST_DIRNAME/../unit/data/os-release/debian-12" "$root/etc/os-release"
    printf '%s\n' 'set default="0"' "menuentry 'Debian' --id simple {" 'linux /boot/vmlinuz-6.1 ro' '}' \
        >"$root/boot/grub/grub.cfg"
}

@test "prepare --dry-run shows what it would install, build and change, and changes nothing" {
    make_debian
    touch "$BATS_TEST_TMPDIR/now"
    run -0 "$latcampaign" --root "$root" prepare --dry-run "$campaigns/five-lines.cfg"
    [[ "$output" == *"Debian GNU/Linux 12 (bookworm)"* ]]
    for package in linux-image-rt-amd64 xen-system-amd64 qemu-system-x86 rt-tests busybox-static gnuplot-nox; do
        [[ "$output" == *"  $package"* ]]
    done
    [[ "$output" == *'  /etc/default/grub.d/zz-latcampaign.cfg: keeps the default boot, "Debian"'* ]]
    [[ "$output" != *ipmitool* ]]
    [ -z "$(find "$root" -newer "$BATS_TEST_TMPDIR/now" -type f)" ]
    mkdir -p "$root/sys/firmware/dmi/entries/38-0"
    run -0 "$latcampaign" --root "$root" prepare --dry-run "$campaigns/five-lines.cfg"
    [[ "$output" == *"  ipmitool"* ]]
}

@test "prepare asks nobody who is not there, and --root is only looked at" {
    make_debian
    run -2 "$latcampaign" --root "$root" prepare --yes "$campaigns/five-lines.cfg"
    [[ "$output" == *"only this machine itself can be changed"* ]]
    run -2 "$latcampaign" prepare
    [[ "$output" == *"a campaign file is missing"* ]]
}

@test "prepare names a distribution that it does not know" {
    make_debian
    cp "$BATS_TEST_DIRNAME/../unit/data/os-release/arch" "$root/etc/os-release"
    run -1 "$latcampaign" --root "$root" prepare --dry-run "$campaigns/five-lines.cfg"
    [[ "$output" == *"Arch Linux has no entry in "*"distributions.conf"* ]]
}

@test "prepare and unprepare leave the machine of a campaign that is under way alone" {
    make_debian
    make_campaign measuring none 0
    ln -s night "$state/active"
    run -1 "$latcampaign" --root "$root" prepare --dry-run "$campaigns/five-lines.cfg"
    [[ "$output" == *"the campaign night is under way, and prepare would change its machine"* ]]
    run -1 "$latcampaign" --root "$root" unprepare --yes
    [[ "$output" == *"and unprepare would change its machine"* ]]
}

# The program knows its state's folder since it was compiled; what is installed beside it is told.
@test "what is installed looks for campaigns where they are" {
    folder=$(dirname "$latcampaign")
    env -u MAKEFLAGS make -s B="$folder" -o "$folder/latcampaign" DESTDIR="$root" PREFIX=/opt/x STATEDIR=/srv/lat install
    unit=$root/etc/systemd/system/latcampaign.service
    grep -q '^ConditionPathExists=/srv/lat/active$' "$unit"
    grep -q '^ExecStart=/opt/x/bin/latcampaign resume$' "$unit"
    grep -q 'find /srv/lat ' "$root/opt/x/share/bash-completion/completions/latcampaign"
    run ! grep -rE '@[A-Z]+@|/var/lib/latcampaign' "$root/etc" "$root/opt/x/share/bash-completion"
}

@test "uninstalling ends a campaign that is under way where they are" {
    mkdir "$root/bin"
    printf '#!/bin/sh\nexit 1\n' >"$root/bin/systemctl" # this machine's units are left alone
    printf '#!/bin/sh\necho "$@" >%s/asked\n' "$root" >"$root/bin/program"
    chmod +x "$root"/bin/*
    PATH=$root/bin:$PATH dist/before-uninstall "$root/bin/program" "$root/lat"
    [ ! -e "$root/asked" ]
    mkdir "$root/lat"
    touch "$root/lat/active"
    PATH=$root/bin:$PATH dist/before-uninstall "$root/bin/program" "$root/lat"
    [ "$(cat "$root/asked")" = withdraw ]
}

@test "unprepare has nothing to do where nothing was prepared" {
    make_debian
    run -0 "$latcampaign" --root "$root" unprepare
    [ "$output" = "nothing was prepared on this machine" ]
}
