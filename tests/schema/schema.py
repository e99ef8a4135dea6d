#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Holds what is written against docs/run.schema.json and docs/report.schema.json.

tests/schema/runs makes results of every outcome and place, `latcampaign import` others; each of them has to
be valid, and invalid with a member that no one knows or without one that belongs there.

    schema.py [FILE...]    these run.json alone have to be valid

The interpreter is Debian's own, because jsonschema is its package.
"""
import copy
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import jsonschema

BUILD = pathlib.Path(os.environ.get("B", "build"))
DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
RUN, REPORT = (json.loads((DOCS / f"{name}.schema.json").read_text("utf-8")) for name in ("run", "report"))

# What a valid file may lack, by the name of the definition that it is in.
OPTIONAL = {
    "": {"load"},
    "guest_asked": {"type"},
    "place_found": {"shape"},
    "load": {"began_before_first_sample", "ended_after_last", "cpu_seconds", "seconds", "restarts",
             "guests"},
}

HISTOGRAM = """# Histogram
000000 000000
000001 001000
# Total: 000001000
# Min Latencies: 00001
# Avg Latencies: 00001
# Max Latencies: 00001
# Histogram Overflows: 00000
"""
CYCLICTEST_JSON = {
    "file_version": 1, "resolution_in_ns": 0, "sysinfo": {"release": "6.1-rt", "realtime": 1},
    "thread": {"0": {"histogram": {"1": 1000}, "cycles": 1000, "min": 1, "max": 1, "avg": 1.0, "cpu": 0, "node": 0}},
}

count = failed = 0


def ok(fine, name, *notes):
    global count, failed
    count += 1
    failed += not fine
    print(f"{'ok' if fine else 'not ok'} {count} - {name}", flush=True)
    for note in [] if fine else notes:
        print(f"# {note}")


def import_results(folder):
    """run.json of results that others measured, as text and as JSON; their report is written, too."""
    (folder / "one.txt").write_text(HISTOGRAM)
    (folder / "two.json").write_text(json.dumps(CYCLICTEST_JSON))
    state = folder / "root/var/lib/latcampaign"
    state.mkdir(parents=True)
    program = [BUILD / "latcampaign", "--root", folder / "root"]
    said = ["--interval", "1ms", "--duration", "1s", "--histogram", "2us"]
    for name, options in (("one.txt", []), ("two.json", ["--boots"])):
        subprocess.run([*program, "import", "theirs", folder / name, *said, *options], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    subprocess.run([*program, "report", "theirs"], check=True, stdout=subprocess.DEVNULL)
    return state / "theirs"


def load(campaign):
    return [json.loads(path.read_text("utf-8")) for path in sorted(campaign.glob("runs/*/run.json"))]


# --- the schemas themselves -----------------------------------------------------------------------

def schemas_in(schema, name=""):
    """Each schema in a schema, with its name."""
    yield name, schema
    for key in ("properties", "$defs"):
        for member, inner in schema.get(key, {}).items():
            yield from schemas_in(inner, f"{name}/{member}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from schemas_in(schema[key], f"{name}/*")
    for number, inner in enumerate(schema.get("oneOf", []) if name else []):
        yield from schemas_in(inner, f"{name}/{number}")


def check_schema(title, schema):
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
        ok(True, f"{title} is a schema")
    except jsonschema.SchemaError as error:
        ok(False, f"{title} is a schema", error.message)
    silent = [f"{name}/{member}" for name, part in schemas_in(schema)
              for member, inner in part.get("properties", {}).items() if not inner.get("description")]
    ok(not silent, f"{title} describes each member", *silent)
    opened = [name for name, part in schemas_in(schema)
              if "object" in part.get("type", "") and "additionalProperties" not in part]
    ok(not opened, f"{title} leaves no object open", *opened)


# --- what was written -----------------------------------------------------------------------------

def objects_in(value, path=()):
    """Each object in a value, with its path."""
    if isinstance(value, dict):
        yield path, value
    for key, inner in (value.items() if isinstance(value, dict) else
                       enumerate(value) if isinstance(value, list) else ()):
        yield from objects_in(inner, (*path, key))


def changed(value, path, change):
    value = copy.deepcopy(value)
    inner = value
    for key in path:
        inner = inner[key]
    change(inner)
    return value


def is_map(path):
    """Objects whose members are names of what there was."""
    return path[-1:] and path[-1] in ("not_read", "vulnerabilities", "throttle_count")


def may_lack(path, member):
    if is_map(path):
        return True
    definition = {("guest", "asked"): "guest_asked", ("guest", "found"): "place_found", (): ""}.get(path)
    if path[:1] == ("load",) and "guests" not in path:
        definition = "load"
    if path[-2:-1] == ("shape",):
        always = ("vcpus",) if path[-1] == "asked" else ("vcpus", "vcpu_cpus", "neighbours")
        return member not in always
    return member in OPTIONAL.get(definition, set())


def check_changes(validator, files):
    """Every file, with every change of one member."""
    unknown, missing, changes = set(), set(), 0
    for file in files:
        for path, value in objects_in(file):
            changes += 1 + len(value)
            more = changed(file, path, lambda inner: inner.update(surprise={"x": [1]}))
            if validator.is_valid(more):
                unknown.add(path)
            for member in value:
                less = changed(file, path, lambda inner: inner.pop(member))
                if validator.is_valid(less) != may_lack(path, member):
                    missing.add((*path, member))
    ok(not unknown, f"an unknown member is noticed ({changes} changes)", *sorted(map(str, unknown)))
    ok(not missing, "a member that is missing is noticed, unless it may be", *sorted(map(str, missing)))


def nulls_without_reason(runs):
    return [(run["run"], *path, member) for run in runs for path, value in objects_in(run)
            if "not_read" in value for member in value
            if (value[member] is None) != (member in value["not_read"])]


def check_valid(runs):
    validator = jsonschema.Draft202012Validator(RUN)
    wrong = [f"{run['run']}: {list(error.absolute_path)}: {error.message[:300]} "
             f"{[inner.message[:200] for inner in error.context or []]}"
             for run in runs for error in validator.iter_errors(run)]
    ok(not wrong, f"run.json of {len(runs)} runs is valid", *wrong)
    missing = nulls_without_reason(runs)
    ok(not missing, "each null that was not read has its reason", *missing)


def check_kinds(runs):
    kinds = {(run["outcome"], run.get("place", "imported")) for run in runs}
    every = {(outcome, "host") for outcome in ("PASS", "FAIL", "ERROR", "MISS")} | {
        ("PASS", place) for place in ("kvm", "xen", "imported")}
    ok(kinds == every, "they are of every outcome and place", kinds ^ every)
    # One of each kind: the others have the same members.
    chosen = {(*kind, run.get("experiment")): run for run in runs
              for kind in [(run["outcome"], run.get("place"))]}
    check_changes(jsonschema.Draft202012Validator(RUN), chosen.values())


def check_report(campaign):
    report = json.loads((campaign / "export/report.json").read_text("utf-8"))
    wrong = [f"{list(error.absolute_path)}: {error.message[:300]}"
             for error in jsonschema.Draft202012Validator(REPORT).iter_errors(report)]
    ok(not wrong, f"report.json of {campaign.name} is valid", *wrong)
    validator = jsonschema.Draft202012Validator(REPORT)
    unknown = [path for path, _ in objects_in(report)
               if validator.is_valid(changed(report, path, lambda inner: inner.update(surprise=1)))]
    ok(not unknown, f"an unknown member of report.json of {campaign.name} is noticed", *unknown)
    missing = [(*path, member) for path, value in objects_in(report) for member in value
               if validator.is_valid(changed(report, path, lambda inner: inner.pop(member)))]
    ok(not missing, f"a member of report.json of {campaign.name} that is missing is noticed", *missing)


def check_made():
    made = pathlib.Path(subprocess.run([BUILD / "tests/schema/runs"], check=True, text=True,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.strip())
    try:
        with tempfile.TemporaryDirectory() as folder:
            imported = import_results(pathlib.Path(folder))
            runs = load(made / "night") + load(imported)
            check_schema("run.schema.json", RUN)
            check_schema("report.schema.json", REPORT)
            check_valid(runs)
            check_kinds(runs)
            for campaign in (made / "night", imported):
                check_report(campaign)
    finally:
        shutil.rmtree(made)


def main(files):
    if files:
        check_valid([json.loads(pathlib.Path(file).read_text("utf-8")) for file in files])
    else:
        check_made()
    print(f"1..{count}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
