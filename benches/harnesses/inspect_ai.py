"""Inspect AI."""

from __future__ import annotations

import json
import os
import subprocess

from . import pip
from .harness import CONNECTIONS, INSIDE, Command, Counts, Harness, Job, Way, bare_environment


class InspectAI(Harness):
    """`inspect eval` on a task of our questions, scored by a pattern."""

    name = "Inspect AI"

    def version(self) -> str:
        return pip.version(self.places.python_of("inspect"), "inspect-ai")

    def install(self) -> None:
        pip.install(self.places.peers / "inspect", "inspect-ai", "openai")

    def command(self, job: Job) -> Command:
        model = "openai/always-a" if job.way is Way.SERVER else "callable/always-a"
        # Task files are looked for below the folder that is worked in.
        words = [
            self.places.python_of("inspect").with_name("inspect"),
            "eval",
            os.path.relpath(INSIDE / "inspect_letters.py", job.folder),
            *("-T", f"path={job.questions}", "-T", f"model={model}"),
            *("--max-connections", str(CONNECTIONS), "--max-samples", str(CONNECTIONS)),
            *("--temperature", "0", "--max-tokens", "512"),
            *("--log-dir", job.folder / "logs", "--display", "none"),
        ]
        return Command(words, {"OPENAI_API_KEY": "none", "OPENAI_BASE_URL": job.url})

    def counts(self, job: Job) -> Counts:
        words = [self.places.python_of("inspect"), INSIDE / "inspect_counts.py", job.folder / "logs"]
        done = subprocess.run(
            words, env=bare_environment(job.folder), check=True, stdout=subprocess.PIPE, text=True
        )
        return Counts(**json.loads(done.stdout.splitlines()[-1]))
