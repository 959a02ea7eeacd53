"""DeepEval."""

from __future__ import annotations

import json

from . import pip
from .harness import CONNECTIONS, INSIDE, Command, Counts, Harness, Job


class DeepEval(Harness):
    """`evaluate` on test cases of our questions, scored by an exact match."""

    name = "DeepEval"

    def version(self) -> str:
        return pip.version(self.places.python_of("deepeval"), "deepeval")

    def install(self) -> None:
        pip.install(self.places.peers / "deepeval", "deepeval")

    def command(self, job: Job) -> Command:
        words = [
            self.places.python_of("deepeval"),
            INSIDE / "deepeval_letters.py",
            job.way.value,
            job.questions,
            job.url,
            str(CONNECTIONS),
            job.folder / "results",
        ]
        settings = {
            "DEEPEVAL_TELEMETRY_OPT_OUT": "YES",
            "DEEPEVAL_UPDATE_WARNING_OPT_IN": "NO",
            "DEEPEVAL_DISABLE_DOTENV": "1",
            "DEEPEVAL_NO_INSPECT_PROMPT": "1",
            "DEEPEVAL_HOME": str(job.folder),
        }
        return Command(words, settings)

    def counts(self, job: Job) -> Counts:
        (path,) = (job.folder / "results").glob("test_run_*.json")
        cases = json.loads(path.read_text())["testCases"]
        answered = sum(bool(case.get("actualOutput")) for case in cases)
        return Counts(answered, sum(case["success"] for case in cases))
