"""The steps by themselves: what settings may be, and what a gate comes to."""
import http.client
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from builds import ROOT

sys.path.insert(0, str(ROOT / "ci" / "gate"))

import measure  # noqa: E402
import settings  # noqa: E402
import telling  # noqa: E402
import web  # noqa: E402
from forge import Build, Failed, Forge  # noqa: E402

WRONG = {
    "name": "a b", "subject": "--help", "base-url": "ftp://host/", "judge-base-url": "https://user:secret@host/", "system": "../outside", "tasks": "safety; rm",
    "items": "-1", "max-calls": "0", "max-tokens": "1e9", "max-time": "1 h", "max-cost": "much", "keys": "A;B", "data": "nowhere", "data-sets": "--json",
    "accept-licences": "yes", "policy": "/etc/passwd", "first-policy": "absent.toml", "baseline": "absent", "baseline-branch": "-x", "install": "curl",
    "version": "latest", "repository": "nobody", "releases-url": "mirror", "sha256": "abc", "attestation": "maybe", "forks": "ignore",
    "arguments": "--runs-dir=elsewhere", "comment": "1", "bundle": "no", "program": "without-install", "judge": "-j",
}


class SettingsAlone(unittest.TestCase):
    def read(self, **given):
        with tempfile.TemporaryDirectory() as folder:
            return settings.read(Path(folder), {settings.variable(name): value for name, value in given.items()})

    def test_every_setting_is_checked(self):
        self.assertEqual(set(settings.DEFAULTS), set(WRONG))
        for name, value in WRONG.items():
            with self.subTest(name=name), self.assertRaisesRegex(settings.Wrong, f"^{name}: "):
                self.read(**{"subject": "scripted/random", name: value})

    def test_no_setting_holds_a_line_break(self):
        for name in settings.DEFAULTS:
            with self.subTest(name=name), self.assertRaises(settings.Wrong):
                self.read(**{"subject": "scripted/random", name: "a\nb"})

    def test_a_subject_is_needed_and_nothing_else(self):
        with self.assertRaisesRegex(settings.Wrong, "^subject: name the model"):
            self.read()
        self.assertEqual(self.read(subject="scripted/random")["policy"], "release")


class Recorder(Forge):
    """Ends programs as it is told."""

    def __init__(self, run, gate, export=0):
        self.codes = {"run": run, "gate": gate, "export": export}

    def ran(self, command, folder=None):
        if command[1] == "run":
            (Path(command[command.index("--runs-dir") + 1]) / "it").mkdir(parents=True)
        return self.codes[command[1]]


class Verdicts(unittest.TestCase):
    def test_the_run_counts_before_the_gate_and_nothing_but_a_pass_is_one(self):
        for of_run, of_gate, code, result in [
            (0, 0, 0, "passed"), (0, 1, 1, "failed"), (4, 4, 4, "incomplete"), (4, 0, 4, "incomplete"), (3, 4, 3, "broken"), (3, 0, 3, "broken"),
            (130, 4, 130, "broken"), (0, 2, 2, "broken"), (1, 0, 1, "failed"),
        ]:
            with self.subTest(run=of_run, gate=of_gate), tempfile.TemporaryDirectory() as folder:
                build = Build(workspace=Path(folder), folder=Path(folder) / "gate", branch="main", page="https://page", commit="c0ffee")
                build.state.update(program="trustmh", keeps=True)
                read = settings.read(build.workspace, {"TRUSTMH_GATE_SUBJECT": "scripted/random"})
                forge = Recorder(of_run, of_gate)
                measure.run(read, build, forge)
                measure.gate(read, build, forge)
                self.assertEqual((build.state["exit"], build.state["result"]), (code, result))
                self.assertEqual(build.kept.is_dir(), result == "passed")


    def test_a_gate_whose_run_cannot_be_bundled_is_not_told_as_passed(self):
        with tempfile.TemporaryDirectory() as folder:
            build = Build(workspace=Path(folder), folder=Path(folder) / "gate", branch="main", page="https://page", commit="c0ffee")
            build.state.update(program="trustmh", keeps=True)
            read = settings.read(build.workspace, {"TRUSTMH_GATE_SUBJECT": "scripted/random"})
            forge = Recorder(0, 0, export=2)
            measure.run(read, build, forge)
            with self.assertRaisesRegex(Failed, "could not be bundled"):
                measure.gate(read, build, forge)
            self.assertEqual((build.state["exit"], build.state["result"]), (2, "broken"))


class Texts(unittest.TestCase):
    def test_an_answer_that_breaks_off_is_a_refusal(self):
        for error in (ConnectionResetError("reset"), TimeoutError("timed out"), http.client.IncompleteRead(b"half")):
            answer = mock.Mock()
            answer.read.side_effect = error
            with self.subTest(error=error), mock.patch.object(web, "opened") as opened, tempfile.TemporaryDirectory() as folder:
                opened.return_value.__enter__.return_value = answer
                with self.assertRaisesRegex(web.Refused, "the answer broke off"):
                    web.asked("GET", "https://api.example/x", {})
                with self.assertRaisesRegex(web.Refused, "the answer broke off"):
                    web.downloaded("https://api.example/x", {}, Path(folder) / "it", 10)

    def test_tokens_travel_by_https_alone(self):
        for url in ("http://api.example/", "ftp://api.example/", "https://user:secret@api.example/"):
            with self.subTest(url=url), self.assertRaises(ValueError):
                web.checked(url)
        self.assertEqual(web.checked("https://api.example/x"), "https://api.example/x")

    def test_names_are_no_mentions(self):
        self.assertEqual(telling.quiet("@a <!-- x -->"), "@\u2060a &lt;!-- x -->")


if __name__ == "__main__":
    unittest.main()
