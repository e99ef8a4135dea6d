# SPDX-License-Identifier: MIT
"""Results in the Test Anything Protocol, which a person can read too. With BAIL_OUT in the environment the
first failure ends it all."""
import os


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def ok(self, condition, text):
        self.count += 1
        self.failed += not condition
        print(f"{'ok' if condition else 'not ok'} {self.count} - {text}", flush=True)
        if not condition and os.environ.get("BAIL_OUT"):
            print("Bail out!", flush=True)
            raise SystemExit(1)
        return condition

    def note(self, text):
        """Shown in every run."""
        for line in str(text).splitlines():
            print(f"# note: {line}", flush=True)

    def close(self):
        print(f"1..{self.count}", flush=True)
        return 1 if self.failed or not self.count else 0
