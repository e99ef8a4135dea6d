#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Takes each protection out of a copy of the sources, once, and sees a test fail without it.

    protections.py [--machine] [NAME...]

That the tests pass with it is seen where `make check` runs them. It runs those of this list that a fast
test shows; --machine (`make protections`, more than an hour) runs those that only the machine that
reboots can show. The bounds and decisions of the pure core are taken out by tests/explore/mutants.py.
"""
import concurrent.futures
import os
import pathlib
import queue
import shutil
import subprocess
import sys

FOLDERS = ("base", "campaigns", "dist", "distributions", "docs", "evidence", "figures", "grub-hooks", "guests", "kernels",
           "latencies", "loads", "report", "results", "statemachine", "statistics", "tables", "tests", "tuning",
           "watchdogs")
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
        ("kernels/damage.c", 'mask &= number_in(root, "proc/sys/kernel/tainted");', "mask = 0;", UNIT + "kernels"),
    "the BMC's watchdog is started after it was set":
        ("statemachine/reboot.c", "return r == 0 ? bmc_start(err) : r;", "return r;", UNIT + "watchdogs"),
    "the BMC's watchdog is turned off":
        ("statemachine/reboot.c", "int r = bmc_off(&why);", "int r = 0;", UNIT + "watchdogs"),
    "a BMC that is armed is noted first":
        ("statemachine/reboot.c", 'r = file_replace(store, BMC_ARMED, "", 0, 0644, err);', "(void)store;",
         UNIT + "watchdogs"),
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
        ("report/svg.c", 'if (strncasecmp(name, "on", 2) == 0)', "if (0)", UNIT + "page"),
    "results carry checksums":
        ("results/result.c", "r = sums_check(directory, &why);\n	if (is_damage(r))", "if (is_damage(r))", UNIT + "results"),
    "a threshold that is exceeded fails the run":
        ("results/judge.c", "judgement->outcome = OUTCOME_FAIL;", "", UNIT + "expect"),
    "a histogram that is not whole is no result":
        ("statemachine/measure.c", "r = result_read_histogram(NULL, directory, &histogram, &why);",
         "(void)result_read_histogram(NULL, directory, &histogram, NULL);", UNIT + "expect"),
    "home is proved before something is installed":
        ("distributions/prepare.c", "if (r == 0 && strcmp(now.boots, home->boots) != 0)", "if (0)",
         UNIT + "prepare"),
    "what was there is remembered over a preparation that was cut short":
        ("distributions/prepare.c", "if (!prepared->under_way || prepared->settled)", "if (1)",
         UNIT + "prepare"),
    "what a person installs after a preparation that failed is not ours":
        ("distributions/prepare.c", "prepared->settled = true;", "", UNIT + "prepare"),
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
        ("results/disturbance.c", "if (throttles > 0)", "if (0)", UNIT + "disturbance"),
    "stolen time is noticed":
        ("results/disturbance.c", "if (steal > 0 && is_bare(run))", "if (0)", UNIT + "disturbance"),
    "a disturbed cell is not ranked":
        ("statistics/cell.c", "return cell_misses(cell) || disturbance_any(&cell->disturbance);",
         "return cell_misses(cell);", UNIT + "disturbance"),
    "what could not be read has its reason":
        ("evidence/reading.c",
         "json_object_set_new(reading->not_read, member, json_vsprintf(format, args));",
         "json_decref(json_vsprintf(format, args));", UNIT + "evidence"),
    "a program that was exchanged is noticed":
        ("base/digests.c", "!is_unchanged(&file->st, &st)", "0", UNIT + "evidence"),
    "a knob is noted before it is turned":
        ("tuning/tuning.c", "r = write_ahead(tuning, err);", "(void)write_ahead;", UNIT + "tuning"),
    "a knob is read back":
        ("tuning/tuning.c", "if (r == 0 && !fulfilled && !value_same(turn->asked, value))", "if (0)",
         UNIT + "tuning"),
    "a load that ends is noticed at once":
        ("base/spawn.c", "{.fd = options->beside_fd,", "{.fd = -1,", UNIT + "loads"),
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
# Hosts with one processor: they run side by side.
SMALL_MACHINES = [VM + name for name in ("accidents.py", "drift.py", "faults.py", "hangs.py", "leftovers.py", "stop.py")]

# The same where the machine that reboots has to show it; a test may wait long for what does not come.
MACHINE_PROTECTIONS = {
    "nothing is measured in a boot that is not what was asked":
        ("statemachine/observe.c", "bool same = !identity_difference(asked, asked, runner->found);",
         "bool same = true;", VM + "faults.py"),
    "what an attempt left is cleaned up before the next":
        ("statemachine/measure.c", "r = platform_get(run->place)->clean(err);", "r = 0;", VM + "faults.py"),
    "a person's reboot is respected":
        ("statemachine/observe.c", "person_was_here(opened, runner->found->boot_id)", "false",
         VM + "accidents.py a_person_reboots"),
    "a boot that ends in emergency mode is left":
        ("dist/latcampaign.service", "OnFailure=latcampaign-guard.service\n", "",
         VM + "accidents.py boots_end_in_emergency_mode"),
    "a boot that does not get ready is left":
        ("dist/latcampaign-guard.timer", "WantedBy=sysinit.target emergency.target rescue.target",
         "WantedBy=nothing.target", VM + "accidents.py a_boot_hangs"),
    "a boot that failed is not repeated by a one-shot that sticks":
        ("dist/latcampaign-guard.service", "ExecStartPre=-grub-editenv - unset next_entry\n", "",
         VM + "accidents.py boots_end_in_emergency_mode"),
    "removal in the middle puts the boot loader in order":
        ("dist/before-uninstall", "withdraw", "--version", VM + "accidents.py the_package_is_removed"),
    "the BMC watches a reboot":
        ("statemachine/reboot.c", "return r == 0 ? bmc_start(err) : r;", "return r;",
         VM + "hangs.py"),
    "systemd feeds the hardware watchdog":
        ("kernels/resolve.c", "if (plan->limits.watchdog_seconds > 0)", "if (0)", VM + "hangs.py"),
    "a changed kernel is not booted":
        ("kernels/verify.c", "if (strcmp(hex, sha256) != 0)", "if (0)", VM + "drift.py a_careless_night"),
    "a GRUB that cannot take a one-shot back is refused":
        ("grub-hooks/grub-check.c", "else if ((sticky = why_sticky(ctx, grub)))", "else if ((sticky = NULL))",
         VM + "drift.py refusals"),
    "a one-shot that is left is taken back":
        ("statemachine/step.c", "if (one_shot_is_left(&turn))", "if (0)",
         VM + "drift.py a_one_shot_that_sticks"),
    "a run in which the kernel came to harm is not believed":
        ("statemachine/measure.c", "return r == 0 ? need_no_damage(measurement->root, &before, err) : r;",
         "(void)before; return r;", VM + "drift.py a_careless_night"),
    "a second runner is kept out":
        ("statemachine/drive.c", "r = store_lock(store, &lock, err);", "r = 0;",
         VM + "drift.py a_careless_night"),
    "a runner that is killed is started again":
        ("dist/latcampaign.service", "Restart=on-failure\n", "", VM + "leftovers.py runners_that_end"),
    "a guest that is killed for its memory leaves the runner alone":
        ("dist/latcampaign.service", "OOMPolicy=continue\n", "",
         VM + "leftovers.py guests_that_do_not_end"),
    "stop works with a damaged record":
        ("statemachine/opened.c", "if (r == 0 || r == -EBADMSG || r == -ENOENT)", "if (r == 0)", VM + "stop.py"),
    "a guest has a deadline":
        ("base/spawn.c", "struct itimerspec when = {.it_value = {.tv_sec = seconds}};",
         "struct itimerspec when = {.it_value = {.tv_sec = seconds + 100000}};",
         VM + "leftovers.py guests_that_do_not_end"),
}


class Copy:
    """A copy of the sources, from which one thing at a time is taken out."""

    def __init__(self, folder):
        self.folder = folder
        for name in FOLDERS:
            shutil.copytree(name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        # Removing a protection leaves things unused: that is no error here.
        makefile = pathlib.Path("Makefile").read_text().replace("-Werror", "-w")
        (folder / "Makefile").write_text(makefile)

    def _test(self, program):
        """How the program fails, in its own words; None when it passes."""
        target = program[0] if program[0].startswith("build/") else "build/latcampaign"
        subprocess.run(["make", "-s", "B=build", target], cwd=self.folder, check=True, capture_output=True)
        seconds = 1800 if program[0].startswith(VM) else 300
        try:
            result = subprocess.run(program, cwd=self.folder, capture_output=True, text=True, errors="replace",
                                    check=False, timeout=seconds,
                                    env=dict(os.environ, BAIL_OUT="1", CMOCKA_MESSAGE_OUTPUT="TAP"))
        except subprocess.TimeoutExpired:
            return f"it goes round in circles for {seconds} s"
        if result.returncode == 0:
            return None
        return next((line for line in result.stdout.splitlines() if line.startswith("not ok")),
                    f"exit status {result.returncode}")

    def without(self, file, was, now, test):
        """How the test fails with this one change; the copy is put right again."""
        path = self.folder / file
        text = path.read_text()
        if text.count(was) != 1:
            raise SystemExit(f"{file}: \"{was}\" stands there {text.count(was)} times, not once")
        path.write_text(text.replace(was, now))
        failure = self._test(test.split())
        path.write_text(text)
        return failure


class Judge:
    """Counts and tells, for each protection, whether its test fails without it."""

    def __init__(self, table):
        self.table = table
        self.count = self.failed = 0
        self.copies = [Copy(FOLDER / "0")]

    def judge(self, names, workers):
        """So many at a time, each in a copy of its own."""
        while len(self.copies) < workers:
            self.copies.append(Copy(FOLDER / str(len(self.copies))))
        copies = queue.SimpleQueue()
        for copy in self.copies[:workers]:
            copies.put(copy)

        def one(name):
            copy = copies.get()
            failure = copy.without(*self.table[name])
            copies.put(copy)
            self._tell(name, failure)

        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            list(pool.map(one, names))

    def _tell(self, name, failure):
        self.count += 1
        self.failed += failure is None
        print(f"{'not ok' if failure is None else 'ok'} {self.count} - {name}: its test fails without it\n"
              f"# {self.table[name][3]}: {failure}", flush=True)


def main(names):
    table = PROTECTIONS
    if names[:1] == ["--machine"]:
        table, names = MACHINE_PROTECTIONS, names[1:]
    shutil.rmtree(FOLDER, ignore_errors=True)
    chosen = [name for name in table if not names or any(part in name for part in names)]
    small = [name for name in chosen if table[name][3].split()[0] in SMALL_MACHINES]
    judge = Judge(table)
    judge.judge([name for name in chosen if name not in small], 1)
    if small:
        judge.judge(small, os.cpu_count())
    print(f"1..{judge.count}")
    shutil.rmtree(FOLDER)
    return 1 if judge.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
