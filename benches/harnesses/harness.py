"""The words that all harnesses are described with."""

from __future__ import annotations

import enum
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

#: What runs in a harness's own interpreter.
INSIDE = Path(__file__).resolve().parent / "inside"

#: The most calls under way at once, in every harness.
CONNECTIONS = 200


class Way(enum.Enum):
    """How a harness reaches the subject."""

    SERVER = "server"
    CALLABLE = "callable"


@dataclass(frozen=True)
class Places:
    """Where things are."""

    root: Path
    #: The program that is measured and that serves the replies.
    program: Path
    #: A Python that imports `trustmh`, if another than that of `--install`.
    python: Path | None
    #: What `--install` fills.
    peers: Path

    def python_of(self, harness: str) -> Path:
        """The interpreter in the virtual environment of a harness."""
        return self.peers / harness / "bin" / "python"


@dataclass(frozen=True)
class Job:
    """One measurement: these questions, asked in this way, with an empty folder to work in."""

    way: Way
    #: One JSON object a line: id, prompt, key.
    questions: Path
    #: The same questions as a folder for `--tasks-dir`.
    tasks: Path
    #: The base URL of the server, ending in /v1.
    url: str
    folder: Path


@dataclass(frozen=True)
class Command:
    """What is run and timed."""

    words: list[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Counts:
    """What a harness itself says of its run."""

    answered: int
    correct: int


class Left(Exception):
    """Why a harness is left out."""


class Harness(ABC):
    """A harness: how it is found, installed, called, and where it writes what came of it."""

    name: ClassVar[str]
    ways: ClassVar[tuple[Way, ...]] = (Way.SERVER, Way.CALLABLE)

    def __init__(self, places: Places) -> None:
        self.places = places

    @abstractmethod
    def version(self) -> str:
        """Its version.

        Raises:
            Left: It is not there.
        """

    @abstractmethod
    def install(self) -> None:
        """Installs it below `places.peers`; does nothing for what this repository builds."""

    @abstractmethod
    def command(self, job: Job) -> Command:
        """The command of a job; it may write files into the job's folder."""

    @abstractmethod
    def counts(self, job: Job) -> Counts:
        """Counts in what the command wrote; not timed."""


def bare_environment(home: Path) -> dict[str, str]:
    """Variables for every command: no settings and no credentials of whoever runs this, no way out but loopback."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().endswith(("_KEY", "_TOKEN", "_SECRET", "_PASSWORD", "_PROXY"))
        and not name.startswith(("XDG_", "PYTHON", "TRUSTMH_", "INSPECT_", "DEEPEVAL_", "PROMPTFOO_", "HF_"))
    }
    # Nothing listens on the discard port: a call to any other host fails at once and is seen.
    dead = "http://127.0.0.1:9"
    outside = {name: dead for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")}
    inside = {name: "127.0.0.1,localhost" for name in ("no_proxy", "NO_PROXY")}
    return {**kept, **outside, **inside, "HOME": str(home), "TMPDIR": str(home), "DO_NOT_TRACK": "1", "PYTHONDONTWRITEBYTECODE": "1"}
