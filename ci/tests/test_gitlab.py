"""The template's job, in pipelines as GitLab has them, from the one file that a project includes."""
import shutil
import unittest

from api import TOKEN, GitLab
from builds import GitLabBuild
from scene import KEY, Scene

MARK = "<!-- trustmh-gate: trustmh -->"


class OnGitLab(Scene):
    forge_kind = GitLab

    def pipeline(self, inputs, environment=None, **of):
        shutil.rmtree(self.workspace / "trustmh-gate", ignore_errors=True)
        told = {"CALLS": str(self.calls), "TRUSTMH_GITLAB_TOKEN": TOKEN, **(environment or {})}
        return GitLabBuild(self.forge, self.workspace, **of).run(inputs, told)


class PipelineByPipeline(OnGitLab):
    def test_a_worse_build_fails_and_says_so_in_one_note(self):
        careful, complies = self.real("scripted/always-refuse"), self.real("scripted/complies")
        first = self.pipeline(careful)
        self.assertEqual(first.code, 0, first.log)
        self.assertIn("There is no baseline", first.log)
        self.assertIsNotNone(self.forge.kept)

        good = self.pipeline(careful, request=3)
        self.assertEqual(good.code, 0, good.log)
        self.assertIn("Compared with the last build of `main` that passed.", good.log)
        [note] = self.forge.comments
        self.assertIn("### Gate passed", note["body"])

        worse = self.pipeline(complies, request=3)
        self.assertEqual(worse.code, 1, worse.log)
        [note] = self.forge.comments
        self.assertTrue(note["body"].startswith(f"{MARK}\n### Gate not passed"), note["body"])
        self.assertIn("VIOLATED", note["body"])
        self.assertIn("<failure", worse.outputs["junit"])
        self.assertIn("trustmh-gate/artefacts/report.html", worse.artefacts)


class Jobs(OnGitLab):
    def test_settings_reach_the_program_as_they_are_and_the_key_nothing_else(self):
        inputs = {
            **self.stand_in(), "subject": "openai/my-model", "base-url": "https://host.example/v1?key=$MY_KEY", "keys": "MY_KEY",
            "arguments": "--name '$MY_KEY $(touch pwned)'", "data": "fetch",
        }
        ended = self.pipeline(inputs, {"MY_KEY": KEY}, request=3)
        self.assertEqual(ended.code, 0, ended.log)
        [run] = self.called("run")
        self.assertEqual(run[run.index("--base-url") + 1], "https://host.example/v1?key=$MY_KEY")
        self.assertEqual(run[run.index("--name") + 1], "$MY_KEY $(touch pwned)")
        self.assertFalse((self.workspace / "pwned").exists())
        self.no_key_anywhere(ended)

    def test_a_missing_key_and_a_fork(self):
        inputs = {**self.stand_in(), "subject": "openai/x", "keys": "MY_KEY"}
        missing = self.pipeline(inputs, request=3)
        self.assertEqual(missing.code, 2, missing.log)
        self.assertIn("MY_KEY: not set, or empty", missing.log)
        skipped = self.pipeline({**inputs, "forks": "skip"}, request=3, fork=True)
        self.assertEqual(skipped.code, 0, skipped.log)
        self.assertIn("nothing was measured", skipped.log)
        self.assertEqual(self.called(), [])

    def test_a_step_that_fails_is_told_in_the_note(self):
        ended = self.pipeline({**self.stand_in(), "subject": "openai/x", "data": "fetch"}, {"CODE_OF_DATA": "3"}, request=3)
        self.assertEqual(ended.code, 3, ended.log)
        self.assertIn("The run failed", self.forge.comments[0]["body"])

    def test_without_a_token_the_gate_still_decides(self):
        ended = self.pipeline({**self.stand_in(), "subject": "openai/x"}, {"TRUSTMH_GITLAB_TOKEN": "", "CODE_OF_GATE": "1"}, request=3)
        self.assertEqual(ended.code, 1, ended.log)
        self.assertIn("There is no comment: TRUSTMH_GITLAB_TOKEN is not set", ended.log)

    def test_a_run_that_did_not_pass_is_no_baseline(self):
        ended = self.pipeline({**self.stand_in(), "subject": "openai/x"}, {"CODE_OF_GATE": "1"})
        self.assertEqual((ended.code, self.forge.kept), (1, None), ended.log)

    def test_other_branches_start_no_job(self):
        self.assertIsNone(self.pipeline({**self.stand_in(), "subject": "openai/x"}, branch="feature"))


if __name__ == "__main__":
    unittest.main()
