"""Baselines and comments, as the two forges have them, asked directly."""
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from api import BOT, SOMEBODY, TOKEN, GitHub, GitLab, zipped
from builds import ROOT

sys.path.insert(0, str(ROOT / "ci" / "gate"))

import github  # noqa: E402
import gitlab  # noqa: E402
import telling  # noqa: E402
import web  # noqa: E402
from forge import Failed  # noqa: E402

NAME = "trustmh-gate-trustmh-baseline"
MARK = telling.marker("trustmh")


class Asked(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        # Nobody waits in a test.
        sleeping = mock.patch("time.sleep")
        sleeping.start()
        self.addCleanup(sleeping.stop)

    def on(self, forge, environment):
        self.addCleanup(forge.close)
        changed = mock.patch.dict("os.environ", environment)
        changed.start()
        self.addCleanup(changed.stop)
        return forge


class OfGitHub(Asked):
    def setUp(self):
        super().setUp()
        forge = GitHub()
        self.forge = self.on(forge, {"GITHUB_API_URL": forge.url, "GITHUB_REPOSITORY": forge.repository, "TRUSTMH_GATE_TOKEN": TOKEN})
        self.api = github.Api()

    def test_an_artefact_of_a_fork_or_of_another_branch_is_no_baseline(self):
        self.forge.keep(NAME, zipped({"run.zip": b"of main, before"}))
        self.forge.keep(NAME, zipped({"run.zip": b"of main"}))
        self.forge.keep(NAME, zipped({"run.zip": b"of another branch"}), branch="other")
        # More than one page of them, of a fork that calls its branch main.
        for _ in range(101):
            self.forge.keep(NAME, zipped({"run.zip": b"of a fork"}), fork=True)
        self.assertEqual(self.api.baseline(NAME, "main", self.folder).read_bytes(), b"of main")

    def test_an_artefact_that_expired_or_holds_no_run_is_no_baseline(self):
        self.forge.keep(NAME, zipped({"run.zip": b"old"}))
        self.forge.artefacts[0]["expired"] = True
        self.assertIsNone(self.api.baseline(NAME, "main", self.folder))
        self.forge.keep(NAME, zipped({"other": b""}))
        with self.assertRaisesRegex(Failed, "holds no run.zip"):
            self.api.baseline(NAME, "main", self.folder)

    def test_the_token_stays_with_the_host_it_is_for(self):
        self.forge.keep(NAME, zipped({"run.zip": b"run"}))
        self.api.baseline(NAME, "main", self.folder)
        [(_, _, headers)] = self.forge.store.seen
        self.assertNotIn("Authorization", headers)

    def test_the_comment_of_somebody_else_is_left_alone(self):
        self.forge.comments.append({"id": 1, "user": {"login": SOMEBODY}, "body": f"{MARK}\nI copied this."})
        for number in range(2, 150):
            self.forge.comments.append({"id": number, "user": {"login": SOMEBODY}, "body": "talk"})
        self.assertEqual(self.api.comment("8", MARK, f"{MARK}\none"), "written")
        self.assertEqual(self.api.comment("8", MARK, f"{MARK}\ntwo"), "updated")
        self.assertEqual(self.forge.comments[0]["body"], f"{MARK}\nI copied this.")
        self.assertEqual(self.forge.comments[149:], [{"id": 150, "user": {"login": BOT}, "body": f"{MARK}\ntwo"}])

    def test_a_token_of_a_person_finds_its_own_comment(self):
        self.forge.login = "release-robot"
        for text in ("one", "two"):
            self.api.comment("8", MARK, f"{MARK}\n{text}")
        self.assertEqual([comment["body"] for comment in self.forge.comments], [f"{MARK}\ntwo"])

    def test_two_gates_have_a_comment_each(self):
        for name in ("trustmh", "other", "trustmh"):
            self.api.comment("8", telling.marker(name), telling.marker(name))
        self.assertEqual(len(self.forge.comments), 2)

    def test_a_server_that_stumbles_is_asked_again_and_one_that_is_down_is_told(self):
        self.forge.server.broken = 2
        self.assertIsNone(self.api.baseline(NAME, "main", self.folder))
        self.forge.server.broken = 9
        with self.assertRaisesRegex(web.Refused, "/actions/artifacts: 502 "):
            self.api.baseline(NAME, "main", self.folder)


class OfGitLab(Asked):
    def setUp(self):
        super().setUp()
        forge = GitLab()
        stated = {"CI_API_V4_URL": forge.url, "CI_PROJECT_ID": "7", "CI_JOB_NAME": "trustmh-gate", "CI_JOB_TOKEN": "of-the-job", "TRUSTMH_GITLAB_TOKEN": TOKEN}
        self.forge = self.on(forge, stated)
        self.api = gitlab.Api()

    def test_the_baseline_is_that_of_the_last_pipeline_that_succeeded(self):
        self.assertIsNone(self.api.baseline(NAME, "main", self.folder))
        self.forge.kept = b"run"
        self.assertEqual(self.api.baseline(NAME, "main", self.folder).read_bytes(), b"run")
        self.assertIsNone(self.api.baseline(NAME, "group/other", self.folder))
        [(_, _, headers)] = self.forge.store.seen
        self.assertFalse({"Private-Token", "PRIVATE-TOKEN", "JOB-TOKEN", "Job-Token"} & set(headers))

    def test_the_note_is_found_again_by_its_author(self):
        self.forge.comments.append({"id": 1, "author": {"id": 6}, "body": f"{MARK}\nI copied this."})
        for text in ("one", "two"):
            self.api.comment("3", MARK, f"{MARK}\n{text}")
        self.assertEqual([comment["body"] for comment in self.forge.comments], [f"{MARK}\nI copied this.", f"{MARK}\ntwo"])

    def test_without_a_token_of_its_own_there_is_no_note(self):
        self.api.token = ""
        with self.assertRaisesRegex(Failed, "TRUSTMH_GITLAB_TOKEN is not set"):
            self.api.comment("3", MARK, MARK)


class Comments(unittest.TestCase):
    def test_a_long_verdict_is_cut_at_a_line(self):
        text = telling.cut("\n".join(f"line {number}" for number in range(20_000)))
        self.assertLess(len(text), 65_000)
        self.assertRegex(text, r"\nline \d+\n\n… The rest is in gate\.md")


if __name__ == "__main__":
    unittest.main()
