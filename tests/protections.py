#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Takes each protection out of a copy of the sources, once, and sees a test fail without it.

    protections.py [--machine] [NAME...]

That the tests pass with it is seen where `make check` runs them. It runs those of this list that a fast
test shows; --machine (`make protections`, more than an hour) runs those that only the machine that
reboots can show. The bounds and decisions of the pure core are taken out by tests/explore/mutants.py.
"""
import os
import pathlib
import shutil
import subprocess
import sys

FOLDERS = ("base", "campaigns", "dist", "distributions", "evidence", "grub-hooks", "guests", "kernels", "loads", "output",
           "statemachine", "tests", "tuning", "watchdogs")
FOLDER = pathlib.Path(os.environ.get("B", "build")) / "protections"
UNIT = "build/tests/unit/test_"
DURABLE = "build/tests/durable/durable"

# name: (what is taken out, from, to, the test that has to fail)
PROTECTIONS = {
    "a boot's identity is compared with what was asked":
        ("statemachine/proof.c", "		if (strcmp(a, f) != 0)", "		if (0)", UNIT + "proof"),
    "a one-shot on a sparse block is refused":
        ("grub-hooks/grub-check.c", "if (sparse(grub))", "if (0)", UNIT + "grub"),
    "a menu that waits is refused":
        ("grub-hooks/grub-check.c", 'if (strstr(menu, "set timeout=-1"))', "if (0)", UNIT + "grub"),
    "a menu that asks for a password is refused":
        ("grub-hooks/grub-check.c", 'if (strstr(menu, "set superusers=") &&', "if (0 &&", UNIT + "grub"),
    "a changed kernel is noticed":
        ("kernels/verify.c", "if (strcmp(hex, sha256) != 0)", "if (0)", UNIT + "kernels"),
    "a kernel that came to harm is noticed":
        ("kernels/damage.c", "mask &= strtoul(line, NULL, 10);", "mask = 0;", UNIT + "kernels"),
    "the BMC's watchdog is started after it was set":
        ("watchdogs/bmc.c", "return r == 0 ? spawn_read(NULL, argv, IPMITOOL_SECONDS, NULL, err) : r;",
         "(void)argv; return r;", UNIT + "watchdogs"),
    "the BMC's watchdog is turned off":
        ("statemachine/reboot.c", "int r = bmc_off(&why);", "int r = 0;", UNIT + "watchdogs"),
    "a BMC that is armed is noted first":
        ("statemachine/reboot.c", 'int r = file_replace(store, BMC_ARMED, "", 0, 0644, err);',
         "int r = 0; (void)store;", UNIT + "watchdogs"),
    "the campaign's time is uptime":
        ("statemachine/record.c", "record->spent += uptime - record->uptime;",
         "record->spent += uptime;", UNIT + "record"),
    "a record of another format is refused":
        ("statemachine/record.c",
         'if (json_integer_value(json_object_get(json, "format")) != RECORD_FORMAT)', "if (0)",
         UNIT + "record"),
    "files carry a seal":
        ("base/sealed.c", "if (r == 0 && strcmp(hex, kept) != 0)", "if (0)", UNIT + "record"),
    "nothing that a figure brings runs in the page":
        ("output/svg.c", 'if (strncasecmp(name, "on", 2) == 0)', "if (0)", UNIT + "page"),
    "results carry checksums":
        ("output/result.c", "r = sums_check(directory, &why);", "r = 0; (void)why;", UNIT + "output"),
    "a threshold that is exceeded fails the run":
        ("output/judge.c", "judgement->outcome = OUTCOME_FAIL;", "", UNIT + "expect"),
    "a histogram that is not whole is no result":
        ("statemachine/measure.c", "r = result_read_histogram(NULL, directory, &histogram, &why);",
         "(void)result_read_histogram(NULL, directory, &histogram, NULL);", UNIT + "expect"),
    "home is proved before something is installed":
        ("distributions/prepare.c", "if (r == 0 && strcmp(now.boots, home->boots) != 0)", "if (0)",
         UNIT + "prepare"),
    "what was there is remembered over a preparation that was cut short":
        ("distributions/prepare.c", "if (!prepared->under_way)", "if (1)", UNIT + "prepare"),
    "only packages that came with a preparation are removed":
        ("distributions/apt.c", "if (!is_named(names, line + 5, size))", "if (0)",
         UNIT + "distributions"),
    "Secure Boot is noticed":
        ("distributions/look.c", "size == 5 && bytes[4] == 1", "false", UNIT + "prepare"),
    "a guest's answer carries its nonce":
        ("guests/answer.c", "if (*at != ' ' || strncmp(at + 1, nonce, strlen(nonce)) != 0)",
         "if (*at != ' ')", UNIT + "guests"),
    "a guest's answer carries a checksum":
        ("guests/answer.c", "strcmp(hex, frame->sha256) != 0)", "0)", UNIT + "guests"),
    "throttling is noticed":
        ("output/disturbance.c", "if (throttles > 0)", "if (0)", UNIT + "disturbance"),
    "stolen time is noticed":
        ("output/disturbance.c", "if (steal > 0 && is_bare(run))", "if (0)", UNIT + "disturbance"),
    "a disturbed cell is not ranked":
        ("output/cell.c", "return cell_misses(cell) || disturbance_any(&cell->disturbance);",
         "return cell_misses(cell);", UNIT + "disturbance"),
    "what could not be read has its reason":
        ("evidence/reading.c",
         "json_object_set_new(reading->not_read, member, json_vsprintf(format, args));",
         "json_decref(json_vsprintf(format, args));", UNIT + "evidence"),
    "a program that was exchanged is noticed":
        ("base/digests.c", "!is_unchanged(&digest->st, &st)", "0", UNIT + "evidence"),
    "a knob is noted before it is turned":
        ("tuning/tuning.c", "r = write_ahead(tuning, err);", "(void)write_ahead;", UNIT + "tuning"),
    "a knob is read back":
        ("tuning/tuning.c", "if (r == 0 && !fulfilled && !value_same(turn->asked, value))", "if (0)",
         UNIT + "tuning"),
    "a load that ends is noticed at once":
        ("base/spawn.c", "options->beside_fd > 0 ? options->beside_fd : -1", "-1", UNIT + "loads"),
    "a load has to use the CPU":
        ("loads/proof.c", "if (cpu_seconds >= seconds * LEAST_SHARE)", "if (1)", UNIT + "loads"),
    "a priority that was not granted is noticed":
        ("guests/granted.c", "return priority == asked->priority &&", "return true ||", UNIT + "guests"),
    "output is bounded":
        ("base/spawn.c", "setrlimit(RLIMIT_FSIZE, &limit);", "(void)limit;", UNIT + "base"),
    "programs get a clean environment":
        ("base/spawn.c", "(char *const *)clean_environment", "environ", UNIT + "base"),
    "links are not followed":
        ("base/files.c", "O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW",
         "O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC", UNIT + "base"),
    "what is written is synced before it gets its name":
        ("base/files.c", "if (r == 0 && fsync(fd) < 0)", "if (0)", DURABLE + " die cut first"),
    "names are synced":
        ("base/files.c", "	if (r == 0)\n		r = sync_parent(dir, path, err);\n", "",
         DURABLE + " die cut first"),
    "the record is durable before an action":
        ("statemachine/drive.c",
         "r = record_save(\n\t\t\trecord, runner->opened->campaign, runner->opened->plan, time(NULL), err);",
         "r = 0;", DURABLE + " die kill first"),
    "state that others can write is not trusted":
        ("statemachine/store.c", "(st.st_mode & (S_IWGRP | S_IWOTH))", "0",
         "bats --filter trusted tests/cli/commands.bats"),
    "one runner at a time":
        ("statemachine/command-start.c", "if (active && !runner_ended(starting, active))", "if (0)",
         "bats --filter active tests/cli/commands.bats"),
}

VM = "tests/vm/"

# The same where the machine that reboots has to show it; a test may wait long for what does not come.
MACHINE_PROTECTIONS = {
    "nothing is measured in a boot that is not what was asked":
        ("statemachine/observe.c", "bool same = !identity_difference(asked, asked, runner->found);",
         "bool same = true;", VM + "faults.py"),
    "what an attempt left is cleaned up before the next":
        ("statemachine/measure.c", "r = platform_get(run->place)->clean(err);", "r = 0;", VM + "faults.py"),
    "a person's reboot is respected":
        ("statemachine/observe.c", "person_was_here(opened, runner->found->boot_id)", "false",
         VM + "accidents.py"),
    "a boot that ends in emergency mode is left":
        ("dist/latcampaign.service", "OnFailure=latcampaign-guard.service\n", "", VM + "accidents.py"),
    "a boot that does not get ready is left":
        ("dist/latcampaign-guard.timer", "WantedBy=sysinit.target emergency.target rescue.target",
         "WantedBy=nothing.target", VM + "accidents.py"),
    "a boot that failed is not repeated by a one-shot that sticks":
        ("dist/latcampaign-guard.service", "ExecStartPre=-grub-editenv - unset next_entry\n", "",
         VM + "accidents.py"),
    "removal in the middle puts the boot loader in order":
        ("dist/before-uninstall", "withdraw", "--version", VM + "accidents.py"),
    "the BMC watches a reboot":
        ("statemachine/reboot.c", "return r == 0 ? bmc_arm(seconds, err) : r;", "return r;",
         VM + "hangs.py"),
    "systemd feeds the hardware watchdog":
        ("kernels/resolve.c", "if (plan->limits.watchdog_seconds > 0)", "if (0)", VM + "hangs.py"),
    "a changed kernel is not booted":
        ("kernels/verify.c", "if (strcmp(hex, sha256) != 0)", "if (0)", VM + "drift.py"),
    "a GRUB that cannot take a one-shot back is refused":
        ("grub-hooks/grub-check.c", "else if ((sticky = why_sticky(ctx, grub)))", "else if ((sticky = NULL))",
         VM + "drift.py"),
    "a one-shot that is left is taken back":
        ("statemachine/step.c", "if (one_shot_is_left(&turn))", "if (0)", VM + "drift.py"),
    "a run in which the kernel came to harm is not believed":
        ("statemachine/measure.c", "return r == 0 ? need_no_damage(measurement->root, damage, err) : r;",
         "(void)damage; return r;", VM + "drift.py"),
    "a second runner is kept out":
        ("statemachine/drive.c", "r = store_lock(store, &lock, err);", "r = 0;", VM + "drift.py"),
    "a runner that is killed is started again":
        ("dist/latcampaign.service", "Restart=on-failure\n", "", VM + "leftovers.py"),
    "a guest that is killed for its memory leaves the runner alone":
        ("dist/latcampaign.service", "OOMPolicy=continue\n", "", VM + "leftovers.py"),
    "stop works with a damaged record":
        ("statemachine/opened.c", "if (r == 0 || r == -EBADMSG || r == -ENOENT)", "if (r == 0)", VM + "stop.py"),
    "a guest has a deadline":
        ("base/spawn.c", "struct itimerspec when = {.it_value = {.tv_sec = seconds}};",
         "struct itimerspec when = {.it_value = {.tv_sec = seconds + 100000}};", VM + "leftovers.py"),
}


def build(target):
    subprocess.run(["make", "-s", "B=build", target], cwd=FOLDER, check=True, capture_output=True)


def fails_without(file, was, now, test):
    """Does the test fail in the copy with this one change? The copy is put right again."""
    path = FOLDER / file
    text = path.read_text()
    if text.count(was) != 1:
        raise SystemExit(f"{file}: \"{was}\" stands there {text.count(was)} times, not once")
    path.write_text(text.replace(was, now))
    program = test.split()
    build(program[0] if program[0].startswith("build/") else "build/latcampaign")
    try:
        failed = subprocess.run(program, cwd=FOLDER, capture_output=True, check=False,
                                timeout=1800 if test.startswith(VM) else 300).returncode != 0
    except subprocess.TimeoutExpired:
        failed = True  # it goes round in circles
    path.write_text(text)
    return failed


def main(names):
    table = PROTECTIONS
    if names[:1] == ["--machine"]:
        table, names = MACHINE_PROTECTIONS, names[1:]
    shutil.rmtree(FOLDER, ignore_errors=True)
    for folder in FOLDERS:
        shutil.copytree(folder, FOLDER / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy("Makefile", FOLDER)
    # Removing a protection leaves things unused: that is no error here.
    makefile = (FOLDER / "Makefile").read_text().replace("-Werror", "-w")
    (FOLDER / "Makefile").write_text(makefile)
    chosen = [name for name in table if not names or any(part in name for part in names)]
    failed = 0
    for number, name in enumerate(chosen, 1):
        seen = fails_without(*table[name])
        failed += not seen
        print(f"{'ok' if seen else 'not ok'} {number} - {name}: its test fails without it", flush=True)
    print(f"1..{len(chosen)}")
    shutil.rmtree(FOLDER)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
