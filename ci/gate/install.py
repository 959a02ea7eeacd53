"""The program: from the archive of a release, from PyPI, or as it is there already."""
from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import web
from forge import Build, Failed, Forge, without_tokens
from settings import Settings

LARGEST_ARCHIVE = 256 * 1024 * 1024
LARGEST_PROGRAM = 512 * 1024 * 1024
TARGETS = {
    ("Linux", "x86_64"): "x86_64-unknown-linux-gnu",
    ("Linux", "aarch64"): "aarch64-unknown-linux-gnu",
    ("Darwin", "x86_64"): "x86_64-apple-darwin",
    ("Darwin", "arm64"): "aarch64-apple-darwin",
    ("Windows", "AMD64"): "x86_64-pc-windows-msvc",
}


def target() -> str:
    """The target of this machine, as releases name it."""
    machine = (platform.system(), platform.machine())
    if machine not in TARGETS:
        raise Failed(f"there is no archive for {' on '.join(reversed(machine))}: build from source, and give `install: program`")
    return TARGETS[machine]


def version_of_action() -> str:
    """The version of the checkout that this file is part of; empty where it stands alone."""
    manifest = Path(__file__).resolve().parent.parent.parent / "Cargo.toml"
    if not manifest.is_file():
        return ""
    # Not by tomllib, which older Pythons lack.
    stated = re.search(r'^\[workspace\.package\]$[^\[]*?^version = "([^"]+)"$', manifest.read_text(encoding="utf-8"), re.MULTILINE)
    return stated[1] if stated else ""


def wanted(settings: Settings) -> str:
    version = settings["version"] or version_of_action()
    if not version:
        raise Failed("version: say which version to install, such as 0.1.0")
    return version


def from_archive(settings: Settings, repository: str, folder: Path) -> Path:
    """Downloads an archive, compares its sum, and takes the program out of it."""
    version, triple = wanted(settings), target()
    repository = settings["repository"] or repository
    if not repository and not settings["releases-url"]:
        raise Failed("repository: say whose releases to install from, as OWNER/REPO")
    releases = settings["releases-url"] or f"https://github.com/{repository}/releases/download"
    windows = "windows" in triple
    name = f"trustmh-{version}-{triple}"
    archive = f"{name}{'.zip' if windows else '.tar.gz'}"
    url = f"{releases.rstrip('/')}/v{version}/{archive}"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        packed = web.downloaded(url, {}, folder / archive, LARGEST_ARCHIVE)
        stated = settings["sha256"] or sum_of_release(f"{url}.sha256", archive, folder)
    except web.Refused as refusal:
        hint = f"; is there a release v{version}? Else give `version`, or `install: program`" if refusal.status == 404 else ""
        raise Failed(f"{refusal}{hint}", 3) from None
    found = hashlib.sha256(packed.read_bytes()).hexdigest()
    if found != stated:
        packed.unlink()
        raise Failed(f"{archive} has the SHA-256 sum {found} and should have {stated}: nothing of it was run")
    if settings["attestation"] == "verify":
        attested(packed, repository)
    program = taken(packed, name, "trustmh.exe" if windows else "trustmh", folder)
    packed.unlink()
    return program


def sum_of_release(url: str, archive: str, folder: Path) -> str:
    text = web.downloaded(url, {}, folder / "sum", 4096).read_text(encoding="utf-8", errors="replace")
    stated = re.fullmatch(r"([0-9a-f]{64})  (\S+)\n?", text)
    if not stated or stated[2] != archive:
        raise Failed(f"{url} is no sum of {archive}")
    return stated[1]


def attested(packed: Path, repository: str) -> None:
    """Asks GitHub whether the archive was built by the release workflow of the repository."""
    if not shutil.which("gh"):
        raise Failed("attestation: `gh` is not here to verify with; install it, or say `attestation: skip`")
    environment = dict(os.environ, GH_TOKEN=os.environ.get("TRUSTMH_GATE_TOKEN", ""))
    command = ["gh", "attestation", "verify", str(packed), "--repo", repository, "--signer-workflow", f"{repository}/.github/workflows/release.yml"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"attestation: {packed.name} is not attested by {repository}: {done.stderr.strip()}")


def taken(packed: Path, name: str, program: str, folder: Path) -> Path:
    """The program alone; no path that an archive names is written to."""
    import tarfile
    import zipfile

    inside = f"{name}/{program}"
    try:
        if packed.suffix == ".zip":
            with zipfile.ZipFile(packed) as archive, archive.open(inside) as source:
                content = source.read(LARGEST_PROGRAM + 1)
        else:
            with tarfile.open(packed, "r:gz") as archive:
                source = archive.extractfile(inside)
                content = source.read(LARGEST_PROGRAM + 1) if source else b""
    except (KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise Failed(f"{packed.name} holds no {inside}: {error}") from None
    if not content or len(content) > LARGEST_PROGRAM:
        raise Failed(f"{packed.name}: {inside} has {len(content)} bytes")
    to = folder / program
    to.write_bytes(content)
    to.chmod(0o755)
    return to


def from_pip(settings: Settings, folder: Path) -> Path:
    """Installs the wheel into an environment of its own."""
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=False).returncode:
        raise Failed("install: Python could not make an environment for pip (Debian has it in python3-venv)")
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    # Built from source it would take half an hour, and ask for Rust.
    options = ["--quiet", "--disable-pip-version-check", "--only-binary=trustmh"]
    command = [str(programs / "python"), "-m", "pip", "install", *options, f"trustmh=={wanted(settings)}"]
    if subprocess.run(command, env=without_tokens(), check=False).returncode:
        raise Failed(f"pip could not install trustmh {wanted(settings)}", 3)
    return programs / ("trustmh.exe" if os.name == "nt" else "trustmh")


def install(settings: Settings, build: Build, forge: Forge, repository: str) -> None:
    """Has the program ready and says which it is."""
    folder = build.folder / "bin"
    if settings["install"] == "program":
        # A path of the runner may be outside of what is checked out.
        program = (build.workspace / settings["program"]).resolve()
    elif settings["install"] == "pip":
        program = from_pip(settings, build.folder / "python")
    else:
        program = from_archive(settings, repository, folder)
    if not program.is_file():
        raise Failed(f"program: {program} is not there")
    try:
        said = subprocess.run([str(program), "--version"], env=without_tokens(), capture_output=True, text=True, check=False)
    except OSError as error:
        raise Failed(f"program: {program} cannot be started: {error}") from None
    if said.returncode:
        raise Failed(f"program: {program} --version ended with {said.returncode}: {said.stderr.strip()}")
    version = said.stdout.split()[-1] if said.stdout.split() else "unknown"
    build.state.update(program=str(program), version=version)
    forge.on_path(program.parent)
    forge.note(f"{said.stdout.strip()} at {program}")
    sets = "-".join(sorted(settings.words("data-sets")))
    # What was fetched by another version may have other sums.
    forge.outputs({"program": str(program), "version": version, "data-key": f"trustmh-data-{version}-{hashlib.sha256(sets.encode()).hexdigest()[:16]}"})
