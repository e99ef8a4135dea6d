#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes mutants of the pure core mechanically and has the exploration kill them.

    mutants.py SOURCE BUILD_DIRECTORY OBJECT...   (OBJECT: the compiled exploration)

Each mutant changes one token or drops one statement of step.c. A mutant that the exploration
does not kill is a hole in its invariants, unless EQUIVALENT explains why it cannot matter.
"""
import concurrent.futures
import pathlib
import re
import subprocess
import sys

# Small explorations first: most mutants die in milliseconds.
ARGUMENTS = (("1", "1", "2", "6"), ("2", "2", "2", "2"), ("2", "2", "2", "6"), ("1", "1", "5", "6"),
             ("2", "2", "3", "6"))

SWAPS = (
    (r" >= ", " > "), (r" >= ", " < "), (r" < ", " <= "), (r" == ", " != "), (r" != ", " == "),
    (r" && ", " || "), (r" \|\| ", " && "), (r"!(?=[a-z(])", ""), (r"\+\+;", "--;"),
    (r"\btrue\b", "false"), (r"\bfalse\b", "true"), (r" = 0;", " = 1;"), (r" = 1;", " = 0;"),
    (r"PHASE_CHOOSING\)", "PHASE_RETURNING)"), (r"PHASE_CLOSING\)", "PHASE_ENDED)"),
    (r"PHASE_RETURNING\)", "PHASE_CLOSING)"), (r"PHASE_VISITING\)", "PHASE_CHOOSING)"),
    (r"ACTION_CLOSE_ERROR", "ACTION_CLOSE_MISS"), (r"ACTION_CLOSE_MISS", "ACTION_CLOSE_ERROR"),
    (r"if \(.*\)$", "if (0)"), (r"if \(.*\)$", "if (1)"),
)

# (the line, the mutated line) -> why the mutant does the same.
EQUIVALENT = {
    ("for (unsigned visit = 0; visit < turn->plan->visit_count; visit++) {",
     "for (unsigned visit = 0; visit <= turn->plan->visit_count; visit++) {"):
        "no run belongs to the visit behind the last one, so it is skipped as done",
    ("unsigned results = 0;", "unsigned results = 1;"):
        "one more everywhere: only the change counts, and nothing is idle at the first count",
    ("turn->state->reboot_asks++;", "turn->state->reboot_asks--;"):
        "1, 0, UINT_MAX: it wraps around to beyond the bound after as many asks",
}


def body_lines(lines):
    """Numbers of the lines inside functions, where a mutant can make a difference."""
    inside = False
    for number, line in enumerate(lines):
        if line.startswith("{"):
            inside = True
        elif line.startswith("}"):
            inside = False
        elif inside and line.strip() and not line.strip().startswith(("/*", "*")):
            yield number


def mutants_of(lines):
    for number in body_lines(lines):
        line = lines[number]
        for pattern, replacement in SWAPS:
            for match in re.finditer(pattern, line):
                yield number, line[: match.start()] + replacement + line[match.end():]
        statement = line.strip()
        if statement.endswith(";") and not statement.startswith(("return", "struct", "bool", "int")):
            yield number, line.replace(statement, ";")


def survives(arguments):
    index, lines, number, changed, objects, build = arguments
    source = build / f"mutant-{index}.c"
    program = build / f"mutant-{index}"
    source.write_text("\n".join(lines[:number] + [changed] + lines[number + 1:]) + "\n")
    compiled = subprocess.run(
        ["cc", "-std=c17", "-D_GNU_SOURCE", "-I.", "-w", "-O1", "-o", program, source, *objects],
        capture_output=True, check=False)
    if compiled.returncode != 0:
        outcome = "stillborn"
    else:
        outcome = "lives" if all(passes(program, a) for a in ARGUMENTS) else "killed"
    for file in (source, program):
        file.unlink(missing_ok=True)
    return outcome


def passes(program, arguments):
    try:
        ran = subprocess.run([program, *arguments], capture_output=True, timeout=10, check=False)
    except subprocess.TimeoutExpired:
        return False  # it goes round in circles inside one step
    return ran.returncode == 0


def main():
    source, build, objects = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
    build.mkdir(parents=True, exist_ok=True)
    lines = pathlib.Path(source).read_text().splitlines()
    mutants = list(mutants_of(lines))
    jobs = [(i, lines, n, changed, objects, build) for i, (n, changed) in enumerate(mutants)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(survives, jobs))
    unexplained = 0
    for (number, changed), outcome in zip(mutants, outcomes):
        if outcome != "lives":
            continue
        was, now = lines[number].strip(), changed.strip()
        reason = EQUIVALENT.get((was, now))
        unexplained += reason is None
        print(f"survivor: {source}:{number + 1}: {was}  ->  {now}  ({reason or 'NOT EXPLAINED'})")
    print(f"mutants: {len(mutants)} made, {outcomes.count('killed')} killed, "
          f"{outcomes.count('stillborn')} did not compile, {outcomes.count('lives')} lived, "
          f"{unexplained} of them not explained")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
