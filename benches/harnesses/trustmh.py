"""This project: the program, and its package for Python."""

from __future__ import annotations

import csv
import io
import subprocess
import tomllib
from pathlib import Path

from . import pip
from .harness import CONNECTIONS, INSIDE, Command, Counts, Harness, Job, Left, Way, bare_environment

#: What both are asked to do: letters in the order of the file, asked once, nobody to judge.
TASK = "reliability/knowledge"


class Program(Harness):
    """`trustmh run` against the server."""

    name = "trustmh"
    ways = (Way.SERVER,)

    def version(self) -> str:
        if not self.places.program.is_file():
            raise Left(f"{self.places.program} is not built: cargo build --release")
        said = subprocess.run([self.places.program, "--version"], stdout=subprocess.PIPE, text=True, check=True)
        return said.stdout.split()[1]

    def install(self) -> None:
        """Cargo builds it."""

    def command(self, job: Job) -> Command:
        words = [self.places.program, "run", "--subject", "openai/always-a", "--base-url", job.url]
        words += ["--tasks", TASK, "--tasks-dir", job.tasks, "--protocol", "reference", "--judge", "none"]
        words += ["--connections", str(CONNECTIONS), "--runs-dir", job.folder / "runs"]
        return Command(words, {"OPENAI_API_KEY": "none"})

    def counts(self, job: Job) -> Counts:
        return exported(self.places.program, job)


class PythonPackage(Harness):
    """`trustmh.run` of the package for Python, with an async callable as subject."""

    name = "trustmh (Python)"
    ways = (Way.CALLABLE,)

    @property
    def python(self) -> Path:
        return self.places.python or self.places.python_of("trustmh")

    @property
    def source(self) -> Path:
        return self.places.root / "python" / "src"

    def environment(self) -> dict[str, str]:
        """The package as it stands in this repository, with the program that is measured."""
        program = {"TRUSTMH_PROGRAM": str(self.places.program)}
        return program if self.places.python else {**program, "PYTHONPATH": str(self.source)}

    def version(self) -> str:
        if not self.python.is_file():
            raise Left("not installed")
        words = [self.python, "-c", "import trustmh; print(trustmh.version()); trustmh.run"]
        environment = {**bare_environment(Path.home()), **self.environment()}
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Left(done.stderr.strip().splitlines()[-1])
        return done.stdout.strip()

    def install(self) -> None:
        project = self.places.root / "python" / "pyproject.toml"
        if not project.is_file():
            raise Left(f"{project} is not there")
        # What the package needs; it runs from its source, with the program that Cargo built.
        needed = tomllib.loads(project.read_text())["project"].get("dependencies", [])
        pip.install(self.places.peers / "trustmh", *needed)
        # As pip does with whatever it installs.
        subprocess.run([self.python, "-m", "compileall", "-q", self.source], check=True)

    def command(self, job: Job) -> Command:
        words = [self.python, INSIDE / "trustmh_letters.py", TASK, job.tasks, str(CONNECTIONS)]
        return Command([*words, job.folder / "runs"], self.environment())

    def counts(self, job: Job) -> Counts:
        return exported(self.places.program, job)


def exported(program: Path, job: Job) -> Counts:
    """Counts in the table of trials of the job's run."""
    (run,) = (path for path in (job.folder / "runs").iterdir() if path.is_dir())
    table = subprocess.run(
        [program, "export", run, "--format", "csv"],
        env=bare_environment(job.folder),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    rows = list(csv.DictReader(io.StringIO(table.stdout)))
    answered = sum(row["outcome"] == "scored" and bool(row["answer"]) for row in rows)
    return Counts(answered, sum(float(row["measure_correct"] or 0) == 1.0 for row in rows))
