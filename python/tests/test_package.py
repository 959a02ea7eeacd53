"""The package: one version, one licence, one program."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import trustmh

ROOT = Path(__file__).resolve().parents[2]


def test_there_is_one_version() -> None:
    manifest = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    stated = re.search(r'^version = "(.+)"$', manifest, re.MULTILINE)
    assert stated is not None
    assert trustmh.version() == importlib.metadata.version("trustmh") == stated.group(1)


def test_the_licence_is_that_of_the_project() -> None:
    licence = (ROOT / "LICENSE").read_bytes()
    assert (ROOT / "python" / "LICENSE").read_bytes() == licence
    files = importlib.metadata.files("trustmh") or []
    installed = [file for file in files if file.name == "LICENSE"]
    assert [Path(str(file.locate())).read_bytes() for file in installed] == [licence]
    assert any(file.name == "py.typed" for file in files)


def test_the_command_is_installed_and_is_the_module() -> None:
    scripts = Path(sysconfig.get_path("scripts"))
    assert trustmh.program().parent == scripts
    for line in ([str(trustmh.program())], [sys.executable, "-m", "trustmh"]):
        said = subprocess.run([*line, "--version"], capture_output=True, check=True, text=True)
        assert trustmh.version() in said.stdout
        wrong = subprocess.run([*line, "rnu"], capture_output=True, check=False)
        assert wrong.returncode == 2


def test_every_public_name_is_there_and_documented() -> None:
    for name in trustmh.__all__:
        assert getattr(trustmh, name).__doc__, name
