"""Where a gate runs: the build of GitHub or of GitLab, what it knows of itself, and how it is told things."""
from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


# Variables with tokens of the gate itself.
TOKENS = ("TRUSTMH_GATE_TOKEN", "TRUSTMH_GITLAB_TOKEN")


def without_tokens() -> dict[str, str]:
    """The environment of programs: a subject may be anybody's, which has no business with comments and artefacts."""
    return {name: value for name, value in os.environ.items() if name not in TOKENS}


class Failed(Exception):
    """Why a step cannot go on, and the exit code of the job."""

    def __init__(self, why: str, code: int = 2):
        super().__init__(why)
        self.code = code


class Build:
    """What a build knows of itself. No dataclass, whose module takes longer to load than a step to run."""

    def __init__(
        self, *, workspace: Path, folder: Path, branch: str | None = None, default_branch: str | None = None, request: str | None = None,
        fork: bool = False, page: str, commit: str, secrets_would_leak: bool = False, state: dict | None = None,
    ):
        self.workspace = workspace
        # Where the gate keeps what it makes.
        self.folder = folder
        # The branch that is built, where it is no request to merge.
        self.branch = branch
        self.default_branch = default_branch
        # The number of the request to merge, if this is one.
        self.request = request
        # Whether what is built comes from somebody else's copy of the repository.
        self.fork = fork
        # A page that shows this build, and the commit.
        self.page = page
        self.commit = commit
        self.secrets_would_leak = secrets_would_leak
        # What one step leaves for the next.
        self.state: dict = state or {}

    def load(self) -> None:
        path = self.folder / "state.json"
        if path.is_file():
            self.state = json.loads(path.read_text(encoding="utf-8"))

    def save(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "state.json").write_text(json.dumps(self.state, indent=1), encoding="utf-8")

    def program(self) -> str:
        return self.state["program"]

    @property
    def artefacts(self) -> Path:
        """What people are to see of this build."""
        return self.folder / "artefacts"

    @property
    def kept(self) -> Path:
        """What later builds are held against."""
        return self.folder / "kept"


class Forge:
    """How a forge's builds are told things. Plain text, as GitLab has it; GitHub reads more out of a step's output."""

    def error(self, text: str) -> None:
        print(f"error: {text}", file=sys.stderr, flush=True)

    def note(self, text: str) -> None:
        print(text, flush=True)

    def outputs(self, values: dict[str, str]) -> None:
        """What later steps are to know."""

    def summary(self, markdown: str) -> None:
        """What the page of the build is to show."""

    def on_path(self, folder: Path) -> None:
        """A folder whose programs later steps can call."""

    def ran(self, command: list[str], folder: Path | None = None) -> int:
        """Runs a program with its output in the log, and returns its exit code."""
        sys.stdout.flush()
        return subprocess.run(command, cwd=folder, env=without_tokens(), stdin=subprocess.DEVNULL, check=False).returncode


class GitHubSteps(Forge):
    """Workflow commands and files, as GitHub's runners read them."""

    @staticmethod
    def escaped(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    def error(self, text: str) -> None:
        print(f"::error title=TrustMH gate::{self.escaped(text)}", flush=True)

    def note(self, text: str) -> None:
        print(f"::notice title=TrustMH gate::{self.escaped(text)}", flush=True)

    def outputs(self, values: dict[str, str]) -> None:
        with open(os.environ["GITHUB_OUTPUT"], "a", encoding="utf-8") as file:
            for name, value in values.items():
                # A delimiter that no value can hold keeps one from setting another.
                end = os.urandom(16).hex()
                file.write(f"{name}<<{end}\n{value}\n{end}\n")

    def summary(self, markdown: str) -> None:
        with open(os.environ["GITHUB_STEP_SUMMARY"], "a", encoding="utf-8") as file:
            file.write(markdown + "\n")

    def on_path(self, folder: Path) -> None:
        with open(os.environ["GITHUB_PATH"], "a", encoding="utf-8") as file:
            file.write(f"{folder}\n")

    def ran(self, command: list[str], folder: Path | None = None) -> int:
        # A runner takes lines that begin with :: for commands; names and texts of others are not to give any.
        token = os.urandom(16).hex()
        print(f"::stop-commands::{token}", flush=True)
        try:
            return super().ran(command, folder)
        finally:
            print(f"::{token}::", flush=True)
