"""The action, step by step, in builds as GitHub has them."""
import io
import unittest
import zipfile

from api import GitHub
from builds import GitHubBuild
from scene import KEY, Scene

BASELINE = "trustmh-gate-trustmh-baseline"
MARK = "<!-- trustmh-gate: trustmh -->"


class OnGitHub(Scene):
    forge_kind = GitHub

    def build(self, inputs, environment=None, **of):
        return GitHubBuild(self.forge, self.workspace, **of).run(inputs, {"CALLS": str(self.calls), **(environment or {})})

    def commands(self, ended):
        """The workflow commands that a runner would have obeyed."""
        obeyed, silent = [], None
        for line in ended.log.splitlines():
            if silent:
                silent = None if line == f"::{silent}::" else silent
            elif line.startswith("::stop-commands::"):
                silent = line.removeprefix("::stop-commands::")
            elif line.startswith("::"):
                obeyed.append(line)
        return obeyed


class BuildByBuild(OnGitHub):
    """The history of a product: its first build, one as good, one that is worse."""

    def test_a_worse_build_fails_and_says_so_in_one_comment(self):
        careful, complies = self.real("scripted/always-refuse"), self.real("scripted/complies")

        first = self.build(careful)
        self.assertEqual(first.code, 0, first.log)
        self.assertIn("There is no baseline", first.summary)
        self.assertIn("First release", first.summary)
        self.assertEqual(list(first.artefacts[BASELINE]), ["run.zip"])
        self.assertEqual(set(first.artefacts["trustmh-gate-trustmh"]), {"gate.md", "gate.xml", "report.html", "run.zip"})
        self.assertEqual(self.forge.comments, [])

        good = self.build(careful, request=8)
        self.assertEqual(good.code, 0, good.log)
        self.assertIn("Compared with the last build of `main` that passed.", good.summary)
        self.assertNotIn(BASELINE, good.artefacts)
        [comment] = self.forge.comments
        self.assertTrue(comment["body"].startswith(f"{MARK}\n### Gate passed: `trustmh`"), comment["body"])
        self.assertIn("Resists attacks as well as before", comment["body"])

        worse = self.build(complies, request=8)
        self.assertEqual(worse.code, 1, worse.log)
        self.assertEqual(worse.outputs["result"], "failed")
        self.assertEqual(worse.outputs["exit-code"], "1")
        [comment] = self.forge.comments
        self.assertIn("### Gate not passed", comment["body"])
        self.assertRegex(comment["body"], r"Exit code 1: a rule is violated.*Commit c0ffeec0ffee")
        self.assertEqual(comment["body"].count("| VIOLATED |"), 2, comment["body"])
        self.assertNotIn(str(self.folder), comment["body"], "a path of the machine")
        self.assertIn("failures", worse.artefacts["trustmh-gate-trustmh"]["gate.xml"].decode())
        # What is shown, and what is kept, is there although the gate is not passed.
        self.assertIn("Keep report, verdict and run", worse.ran)
        self.assertEqual(worse.ran[-1], "Decide")

    def test_a_baseline_that_was_changed_breaks_the_build(self):
        careful = self.real("scripted/always-refuse")
        first = self.build(careful)
        self.assertEqual(first.code, 0, first.log)
        kept = self.workspace / "kept.zip"
        written = first.artefacts[BASELINE]["run.zip"]
        kept.write_bytes(written)
        as_written = self.build({**careful, "baseline": "kept.zip"})
        self.assertEqual(as_written.code, 0, as_written.log)
        with zipfile.ZipFile(io.BytesIO(written)) as bundle, zipfile.ZipFile(kept, "w") as changed:
            for entry in bundle.infolist():
                held = bundle.read(entry)
                changed.writestr(entry, held.replace(b"sorry", b"happy") if entry.filename.endswith("journal.jsonl") else held)
        ended = self.build({**careful, "baseline": "kept.zip"})
        self.assertEqual(ended.code, 2, ended.log)
        self.assertIn("the baseline in kept.zip is not as it was written", ended.log)

    def test_a_run_that_did_not_pass_is_no_baseline(self):
        for codes, kept in ({"CODE_OF_GATE": "1"}, False), ({"CODE_OF_RUN": "4", "CODE_OF_GATE": "4"}, False), ({}, True):
            ended = self.build({**self.stand_in(), "subject": "scripted/random"}, codes)
            self.assertEqual(BASELINE in ended.artefacts, kept, ended.log)

    def test_replies_are_kept_only_where_they_may_be(self):
        for bundle, baseline, kept in ("true", "none", True), ("false", "none", False):
            ended = self.build({**self.stand_in(), "subject": "scripted/random", "bundle": bundle, "baseline": baseline})
            self.assertEqual((ended.code, BASELINE in ended.artefacts), (0, kept), ended.log)

    def test_without_a_policy_for_it_the_first_build_is_decided_by_the_usual_one(self):
        compares = self.build({**self.real("scripted/always-refuse"), "first-policy": ""})
        self.assertEqual(compares.code, 1, compares.log)
        self.assertIn("Set `first-policy` to use another policy", compares.summary)
        self.assertNotIn(BASELINE, compares.artefacts)


class Settings(OnGitHub):
    def test_all_settings_reach_the_program_as_they_are(self):
        inputs = {
            **self.stand_in(), "subject": "openai/my-model", "base-url": "https://host.example/v1?key=$GATEWAY_KEY", "system": "coach.txt", "judge": "openai/judge",
            "judge-base-url": "https://judge.example/v1", "tasks": "safety,crisis", "items": "40", "max-cost": "2.50", "max-time": "60",
            "arguments": "--name \"Coach; $(touch pwned) `touch pwned`\" --repeats 3", "keys": "MY_KEY", "data": "fetch", "data-sets": "one, two",
            "accept-licences": "true", "policy": "gates/release.toml",
        }
        build = GitHubBuild(self.forge, self.workspace)
        environment = {"CALLS": str(self.calls), "MY_KEY": KEY}
        ended = build.run(inputs, environment)
        self.assertEqual(ended.code, 0, ended.log)
        [run] = self.called("run")
        folder = build.temporary / "trustmh-gate" / "trustmh"
        self.assertEqual(run, [
            "run", "--subject", "openai/my-model", "--tasks", "safety,crisis", "--runs-dir", f"{folder}/runs",
            "--base-url", "https://host.example/v1?key=$GATEWAY_KEY", "--judge", "openai/judge", "--judge-base-url", "https://judge.example/v1",
            "--items", "40", "--max-calls", "20000", "--max-time", "60", "--max-cost", "2.50", "--system", str(self.workspace.resolve() / "coach.txt"),
            "--data", f"{folder}/data", "--name", "Coach; $(touch pwned) `touch pwned`", "--repeats", "3",
        ])
        self.assertFalse((self.workspace / "pwned").exists())
        self.assertEqual([one[:2] for one in self.called("data")], [["data", "fetch"], ["data", "verify"]])
        self.assertEqual(self.called("data")[0], ["data", "fetch", "one", "two", "--data", f"{folder}/data", "--accept-licence"])
        [(key, kept)] = build.cache.items()
        self.assertRegex(key, r"^trustmh-data-9\.9\.9-[0-9a-f]{16}$")
        self.assertEqual(kept, {"set.csv": b"fetched\n"})
        self.no_key_anywhere(ended)

        # The next build finds the data, and does not save it again.
        again = build.run(inputs, environment)
        self.assertIn("Find fetched data", again.ran)
        self.assertNotIn("Keep fetched data", again.ran)

    def test_what_cannot_be_used_is_refused_before_anything_runs(self):
        ended = self.build({**self.stand_in(), "subject": "scripted/random", "tasks": "safety; rm"})
        self.assertEqual((ended.code, ended.ran, self.called()), (2, ["Check settings and keys"], []), ended.log)
        self.assertIn("::error title=TrustMH gate::tasks: 'safety; rm' is not tasks, pillars or suites", ended.log)

    def test_a_missing_key_fails_before_anything_is_paid_for(self):
        ended = self.build({**self.stand_in(), "subject": "openai/x", "keys": "OPENAI_API_KEY"}, {"OPENAI_API_KEY": ""}, request=8)
        self.assertEqual(ended.code, 2, ended.log)
        self.assertIn("OPENAI_API_KEY: not set, or empty", ended.log)
        self.assertEqual((self.called(), ended.ran), ([], ["Check settings and keys"]))


class Forks(OnGitHub):
    def test_a_fork_without_keys_fails_unless_it_is_told_to_be_skipped(self):
        inputs = {**self.stand_in(), "subject": "openai/x", "keys": "OPENAI_API_KEY"}
        failed = self.build(inputs, request=8, fork=True)
        self.assertEqual(failed.code, 2, failed.log)
        self.assertIn("builds of a fork get no secrets", failed.log)
        skipped = self.build({**inputs, "forks": "skip"}, request=8, fork=True)
        self.assertEqual((skipped.code, skipped.outputs["result"]), (0, "skipped"), skipped.log)
        self.assertIn("nothing was measured", skipped.log)
        self.assertEqual((self.called(), skipped.ran, self.forge.comments), ([], ["Check settings and keys"], []))

    def test_a_fork_is_never_measured_with_the_secrets_of_the_repository(self):
        ended = self.build({**self.stand_in(), "subject": "openai/x", "keys": "K"}, {"K": KEY}, request=8, fork=True, event="pull_request_target")
        self.assertEqual(ended.code, 2, ended.log)
        self.assertEqual(self.called(), [])


class Ends(OnGitHub):
    def ended(self, request=8, inputs=None, **environment):
        return self.build({**self.stand_in(), "subject": "scripted/random", **(inputs or {})}, environment, request=request)

    def test_the_exit_code_decides(self):
        for of_run, of_gate, code, result in [(4, 4, 4, "incomplete"), (3, 0, 3, "broken"), (2, 0, 2, "broken")]:
            with self.subTest(run=of_run, gate=of_gate):
                ended = self.ended(CODE_OF_RUN=str(of_run), CODE_OF_GATE=str(of_gate))
                self.assertEqual((ended.code, ended.outputs["result"], ended.outputs["exit-code"]), (code, result, str(code)), ended.log)
                self.assertIn(f"Exit code {code}: ", self.forge.comments[0]["body"])

    def test_a_step_that_fails_takes_an_earlier_verdict_back(self):
        self.assertEqual(self.ended().code, 0)
        self.assertIn("Gate passed", self.forge.comments[0]["body"])
        failed = self.ended(inputs={"data": "fetch"}, CODE_OF_DATA="3")
        self.assertEqual(failed.code, 3, failed.log)
        [comment] = self.forge.comments
        self.assertIn("The run failed", comment["body"])
        self.assertIn("A step before the run failed", comment["body"])

    def test_a_baseline_that_cannot_be_looked_for_fails_the_job(self):
        self.forge.server.broken = 100
        ended = self.ended()
        self.assertEqual(ended.code, 3, ended.log)
        self.assertIn("the baseline could not be looked for", ended.log)
        self.assertEqual(self.called("run"), [])

    def test_a_server_that_stumbles_is_asked_again(self):
        self.forge.server.broken = 1
        self.assertEqual(self.ended().code, 0)

    def test_a_comment_that_may_not_be_written_changes_nothing(self):
        self.forge.may_comment = False
        ended = self.ended()
        self.assertEqual(ended.code, 0, ended.log)
        self.assertIn("There is no comment: POST", ended.log)

    def test_without_a_bundle_no_reply_is_kept_for_readers(self):
        ended = self.ended(inputs={"bundle": "false"})
        self.assertEqual(set(ended.artefacts["trustmh-gate-trustmh"]), {"gate.md", "gate.xml", "report.html"})


class Texts(OnGitHub):
    def test_what_the_program_prints_commands_nothing_and_calls_nobody(self):
        path = self.folder / "verdict.txt"
        path.write_text("@everybody see <!-- trustmh-gate: other --> here\n", encoding="utf-8")
        ended = self.build({**self.stand_in(), "subject": "scripted/random"}, {"MARKDOWN": str(path)}, request=8)
        self.assertIn("::add-mask::everything", ended.log)
        for command in self.commands(ended):
            self.assertRegex(command, r"^::(notice|error) title=TrustMH gate::")
        body = self.forge.comments[0]["body"]
        self.assertNotIn("@everybody", body)
        self.assertEqual(body.count("<!--"), 1)


if __name__ == "__main__":
    unittest.main()
