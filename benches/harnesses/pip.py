"""Packages of Python, each harness in a virtual environment of its own, since what they need conflicts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .harness import Left

_VERSION = "import importlib.metadata as m, sys; print(m.version(sys.argv[1]))"


def version(python: Path, package: str) -> str:
    """The version of a package that `python` imports.

    Raises:
        Left: There is no such interpreter, or no such package.
    """
    if not python.is_file():
        raise Left("not installed")
    done = subprocess.run([python, "-c", _VERSION, package], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Left(f"{package} is not installed in {python.parent.parent}")
    return done.stdout.strip()


def install(folder: Path, *packages: str) -> None:
    """Makes a virtual environment and installs packages into it, or brings them up to date."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    quiet = ["--quiet", "--disable-pip-version-check"]
    subprocess.run([python, "-m", "pip", "install", *quiet, "--upgrade", *packages], check=True)
