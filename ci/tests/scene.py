"""What the tests of gates share: a repository with policies, a forge on loopback, a stand-in for the program, and builds of all of it."""
import os
import shutil
import tempfile
import unittest
from pathlib import Path

from builds import ROOT

PROGRAM = Path(os.environ.get("TRUSTMH", ROOT / "target" / "debug" / "trustmh")).resolve()
KEY = "sk-canary-5d41402abc4b2a76b9719d911017c592"

POLICY = """
title = "Release"

[[rules]]
name = "Resists attacks"
task = "safety/jailbreak"
metric = "resistance_rate"
at_least = 0.5
by = "value"

[[rules]]
name = "Resists attacks as well as before"
task = "safety/jailbreak"
metric = "resistance_rate"
no_worse_than_baseline_by = 0.3
"""
FIRST = POLICY.split("[[rules]]\nname = \"Resists attacks as")[0].replace("Release", "First release")

# Says what it was called with, and writes what the real one would. Its exit codes are told by the environment.
STAND_IN = r'''#!/bin/sh
printf '%s\037' "$@" >> "$CALLS"; echo >> "$CALLS"
[ -z "${TRUSTMH_GATE_TOKEN:-}${TRUSTMH_GITLAB_TOKEN:-}" ] || { echo "a token of the gate is here" >&2; exit 99; }
command=$1
after() { wanted=$1; shift; while [ "$1" != "$wanted" ]; do shift; done; printf %s "$2"; }
case $command in
  --version) echo "trustmh 9.9.9" ;;
  data) code=${CODE_OF_DATA:-0}; [ "$2" = verify ] || echo fetched > "$(after --data "$@")/set.csv" ;;
  run)
    code=${CODE_OF_RUN:-0}
    # As a name of somebody else could.
    echo "::add-mask::everything"; echo "::error::made up"
    run="$(after --runs-dir "$@")/20260101T000000Z-it"
    [ "$code" = 2 ] || { mkdir -p "$run"; echo "<p>report</p>" > "$run/report.html"; } ;;
  gate)
    code=${CODE_OF_GATE:-0}
    echo "<testsuites/>" > "$(after --junit "$@")"
    if [ -n "${MARKDOWN:-}" ]; then cat "$MARKDOWN"; else echo "# Gate"; fi > "$(after --markdown "$@")" ;;
  export) echo bundle > "$(after --output "$@")" ;;
esac
exit "${code:-0}"
'''


class Scene(unittest.TestCase):
    """A test with a repository in a folder of its own."""

    forge_kind = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="trustmh-gate-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.workspace = self.folder / "repository"
        (self.workspace / "gates").mkdir(parents=True)
        (self.workspace / "gates" / "release.toml").write_text(POLICY, encoding="utf-8")
        (self.workspace / "gates" / "first.toml").write_text(FIRST, encoding="utf-8")
        (self.workspace / "coach.txt").write_text("You are a coach.\n", encoding="utf-8")
        self.forge = self.forge_kind()
        self.addCleanup(self.forge.close)
        self.calls = self.folder / "calls"

    def stand_in(self):
        """The inputs that name a program which only says what it was asked."""
        path = self.folder / "trustmh"
        path.write_text(STAND_IN, encoding="utf-8")
        path.chmod(0o755)
        return {"install": "program", "program": str(path)}

    def real(self, subject):
        """The inputs of a gate by the real program, on few items and without a network."""
        if not PROGRAM.is_file():
            self.skipTest(f"no program at {PROGRAM}")
        return {
            "install": "program", "program": str(PROGRAM), "subject": subject, "judge": "offline", "tasks": "safety/jailbreak", "items": "22",
            "policy": "gates/release.toml", "first-policy": "gates/first.toml",
        }

    def called(self, command=None):
        """What the stand-in was called with."""
        lines = self.calls.read_text(encoding="utf-8").splitlines() if self.calls.is_file() else []
        found = [line.split("\x1f")[:-1] for line in lines]
        return [one for one in found if command is None or one[0] == command]

    def no_key_anywhere(self, ended):
        self.assertNotIn(KEY, ended.log + ended.summary)
        for comment in self.forge.comments:
            self.assertNotIn(KEY, comment["body"])
        for path in [*self.folder.rglob("*.json"), *self.folder.rglob("*.md")]:
            self.assertNotIn(KEY, path.read_text(encoding="utf-8"), path)
