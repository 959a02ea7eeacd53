"""What a gate is told: variables TRUSTMH_GATE_*, each checked before anything is done with it."""
from __future__ import annotations

import os
import re
import shlex
import urllib.parse
from pathlib import Path


class Wrong(Exception):
    """A setting that cannot be used; says which, and what it should be."""


# Every setting with its default. Their names are those of the action's and the template's inputs.
DEFAULTS = {
    "name": "trustmh",
    "subject": "",
    "base-url": "",
    "system": "",
    "judge": "",
    "judge-base-url": "",
    "tasks": "all",
    "items": "",
    "max-calls": "20000",
    "max-tokens": "",
    "max-time": "",
    "max-cost": "",
    "arguments": "",
    "keys": "",
    "data": "starter",
    "data-sets": "all",
    "accept-licences": "false",
    "policy": "release",
    "first-policy": "",
    "baseline": "last",
    "baseline-branch": "",
    "version": "",
    "install": "archive",
    "program": "",
    "repository": "",
    "releases-url": "",
    "sha256": "",
    "attestation": "skip",
    "forks": "fail",
    "comment": "true",
    "bundle": "true",
}

# What settings look like that are no free text; an empty one means that nothing was said.
SHAPES = {
    "name": (r"[a-z0-9][a-z0-9-]{0,39}", "up to 40 lower-case letters, digits and hyphens"),
    "tasks": (r"[a-z0-9/,_-]+", "tasks, pillars or suites, separated by commas"),
    "items": (r"[1-9][0-9]{0,8}", "a whole number above 0"),
    "max-calls": (r"[1-9][0-9]{0,11}", "a whole number above 0"),
    "max-tokens": (r"[1-9][0-9]{0,14}", "a whole number above 0"),
    "max-time": (r"[1-9][0-9]{0,7}", "seconds, a whole number above 0"),
    "max-cost": (r"[0-9]{1,9}(\.[0-9]{1,4})?", "dollars, such as 2.50"),
    "keys": (r"[A-Za-z_][A-Za-z0-9_]*([, ]+[A-Za-z_][A-Za-z0-9_]*)*", "names of environment variables, separated by commas"),
    "data-sets": (r"[a-z0-9][a-z0-9-]*([, ]+[a-z0-9][a-z0-9-]*)*", "names of sets, separated by commas, or `all`"),
    "baseline-branch": (r"[A-Za-z0-9._][A-Za-z0-9._/+-]{0,199}", "the name of a branch"),
    "version": (r"[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?", "a version such as 0.1.0"),
    "repository": (r"[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}", "OWNER/REPO"),
    "sha256": (r"[0-9a-f]{64}", "64 hexadecimal digits"),
}
CHOICES = {
    "accept-licences": ("true", "false"), "comment": ("true", "false"), "bundle": ("true", "false"),
    "install": ("archive", "pip", "program"), "attestation": ("verify", "skip"), "forks": ("fail", "skip"),
}
# Set by this program itself, and so not among further arguments.
OWN_OPTIONS = {
    "--subject", "--base-url", "--system", "--judge", "--judge-base-url", "--tasks", "--items", "--data", "--runs-dir",
    "--max-calls", "--max-tokens", "--max-time", "--max-cost",
}
BUILT_IN_POLICIES = ("release", "research", "drift")


class Settings:
    """The settings, by name; `workspace` is the folder that paths are in."""

    def __init__(self, workspace: Path, given: dict[str, str]):
        self.workspace = workspace
        self.given = given

    def __getitem__(self, name: str) -> str:
        return self.given[name]

    def on(self, name: str) -> bool:
        return self.given[name] == "true"

    def words(self, name: str) -> list[str]:
        return [word for word in re.split(r"[, ]+", self.given[name]) if word]

    def path(self, name: str) -> Path:
        """The file or folder that a setting names, which is there and in the workspace."""
        return inside(self.workspace, name, self.given[name])


def inside(workspace: Path, name: str, value: str) -> Path:
    path = (workspace / value).resolve()
    if not path.is_relative_to(workspace.resolve()):
        raise Wrong(f"{name}: {value} is not inside {workspace}")
    if not path.exists():
        raise Wrong(f"{name}: {value} is not there")
    return path


def variable(name: str) -> str:
    return "TRUSTMH_GATE_" + name.upper().replace("-", "_")


def read(workspace: Path, environment: dict[str, str] | None = None) -> Settings:
    """All settings, or what is wrong with the first that cannot be used."""
    environment = dict(os.environ) if environment is None else environment
    given = {name: environment.get(variable(name), "").strip() or default for name, default in DEFAULTS.items()}
    for name, value in given.items():
        shown = value if len(value) <= 60 else value[:60] + "…"
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in value):
            raise Wrong(f"{name}: a line break or another control character is in it")
        if name in SHAPES and value and not re.fullmatch(SHAPES[name][0], value):
            raise Wrong(f"{name}: {shown!r} is not {SHAPES[name][1]}")
        if name in CHOICES and value not in CHOICES[name]:
            raise Wrong(f"{name}: {shown!r} is none of {', '.join(CHOICES[name])}")
    settings = Settings(workspace, given)
    check_models(settings)
    check_files(settings)
    check_arguments(settings)
    return settings


def check_models(settings: Settings) -> None:
    if not settings["subject"]:
        raise Wrong("subject: name the model to test, such as openai/gpt-5.1")
    for name in ("subject", "judge"):
        if settings[name].startswith("-"):
            raise Wrong(f"{name}: {settings[name]!r} looks like an option")
    for name in ("base-url", "judge-base-url", "releases-url"):
        parts = urllib.parse.urlsplit(settings[name])
        if settings[name] and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise Wrong(f"{name}: not an http or https address")
        if parts.username or parts.password:
            raise Wrong(f"{name}: keys do not belong into an address; name a variable, as docs/security.md says")


def check_files(settings: Settings) -> None:
    if settings["system"]:
        settings.path("system")
    for name in ("policy", "first-policy"):
        if settings[name] and settings[name] not in BUILT_IN_POLICIES:
            settings.path(name)
    if settings["data"] not in ("starter", "fetch") and not Path(settings["data"]).is_absolute():
        settings.path("data")
    if settings["baseline"] not in ("last", "none"):
        settings.path("baseline")
    if settings["install"] == "program" and not settings["program"]:
        raise Wrong("program: `install: program` needs the path of one")
    if settings["program"] and settings["install"] != "program":
        raise Wrong("program: a path is used only with `install: program`")


def check_arguments(settings: Settings) -> None:
    try:
        words = shlex.split(settings["arguments"])
    except ValueError as error:
        raise Wrong(f"arguments: {error}") from None
    for word in words:
        if word.split("=")[0] in OWN_OPTIONS:
            raise Wrong(f"arguments: {word.split('=')[0]} has a setting of its own, or is set by the gate itself")
