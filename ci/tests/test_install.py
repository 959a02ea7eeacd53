"""The program is installed from an archive only if its sum holds, and its attestation where that is asked for."""
import hashlib
import io
import os
import platform
import re
import sys
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

from api import TOKEN, GitHub
from builds import ROOT

sys.path.insert(0, str(ROOT / "ci" / "gate"))

import install  # noqa: E402
import settings  # noqa: E402
from forge import Build, Failed, Forge  # noqa: E402

PROGRAM = b"#!/bin/sh\necho trustmh 9.9.9\n"
TARGETS = {"x86_64": "x86_64-unknown-linux-gnu", "aarch64": "aarch64-unknown-linux-gnu"}


@unittest.skipUnless(platform.system() == "Linux" and platform.machine() in TARGETS, "archives are tested on Linux")
class FromArchives(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.forge = GitHub()
        self.addCleanup(self.forge.close)
        self.name = f"trustmh-9.9.9-{TARGETS[platform.machine()]}"

    def release(self, program=PROGRAM, stated=None):
        """Publishes an archive for this machine, and returns its sum."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            entry = tarfile.TarInfo(f"{self.name}/trustmh")
            entry.size = len(program)
            archive.addfile(entry, io.BytesIO(program))
        digest = hashlib.sha256(packed.getvalue()).hexdigest()
        self.forge.files[f"v9.9.9/{self.name}.tar.gz"] = packed.getvalue()
        self.forge.files[f"v9.9.9/{self.name}.tar.gz.sha256"] = f"{stated or digest}  {self.name}.tar.gz\n".encode()
        return digest

    def installed(self, **given):
        told = {"subject": "scripted/random", "version": "9.9.9", "releases-url": f"{self.forge.url}/releases", **given}
        read = settings.read(self.folder, {settings.variable(name): value for name, value in told.items()})
        return install.from_archive(read, "OWNER/TOOL", self.folder / "bin")

    def test_the_program_is_taken_out_once_the_sum_holds(self):
        digest = self.release()
        for given in ({}, {"sha256": digest}):
            program = self.installed(**given)
            self.assertEqual(program.read_bytes(), PROGRAM)
            self.assertTrue(os.access(program, os.X_OK))

    def test_another_sum_stops_it(self):
        self.release(stated="0" * 64)
        for given in ({}, {"sha256": "1" * 64}):
            with self.assertRaisesRegex(Failed, "nothing of it was run"):
                self.installed(**given)
        self.assertFalse((self.folder / "bin" / "trustmh").exists())

    def test_a_sum_of_another_file_is_none(self):
        self.release()
        self.forge.files[f"v9.9.9/{self.name}.tar.gz.sha256"] = b"0" * 64 + b"  other.tar.gz\n"
        with self.assertRaisesRegex(Failed, "is no sum of"):
            self.installed()

    def test_an_archive_must_be_attested_by_the_release_workflow(self):
        self.release()
        asked = self.folder / "asked"
        gh = self.folder / "gh"
        gh.write_text(f'#!/bin/sh\necho "$@" > "{asked}"\necho "$GH_TOKEN" >> "{asked}"\necho no such attestation >&2\nexit "$CODE_OF_GH"\n')
        gh.chmod(0o755)
        environment = {"PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}", "TRUSTMH_GATE_TOKEN": TOKEN}
        with mock.patch.dict("os.environ", {**environment, "CODE_OF_GH": "1"}), self.assertRaisesRegex(Failed, "not attested by OWNER/TOOL: no such attestation"):
            self.installed(attestation="verify")
        self.assertRegex(
            asked.read_text(),
            r"^attestation verify \S+\.tar\.gz --repo OWNER/TOOL --signer-workflow OWNER/TOOL/\.github/workflows/release\.yml\ntoken-of-the-build\n$",
        )
        with mock.patch.dict("os.environ", {**environment, "CODE_OF_GH": "0"}):
            self.assertEqual(self.installed(attestation="verify").read_bytes(), PROGRAM)

    def test_a_version_that_is_not_there_says_what_to_do(self):
        with self.assertRaisesRegex(Failed, r"404 .*; is there a release v9\.9\.8\?") as failed:
            self.installed(version="9.9.8")
        self.assertEqual(failed.exception.code, 3)

    def test_the_version_is_that_of_the_action_unless_one_is_named(self):
        own = re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(encoding="utf-8"), re.MULTILINE)[1]
        self.assertEqual(install.version_of_action(), own)


class FromPip(unittest.TestCase):
    """The wheel, from a folder of ours in the place of an index."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def installed(self, version):
        read = settings.read(self.folder, {"TRUSTMH_GATE_SUBJECT": "scripted/random", "TRUSTMH_GATE_INSTALL": "pip", "TRUSTMH_GATE_VERSION": version})
        index = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.folder), "TRUSTMH_GATE_TOKEN": TOKEN}
        build = Build(workspace=self.folder, folder=self.folder / "gate", page="https://page", commit="c0ffee")
        build.folder.mkdir(exist_ok=True)
        with mock.patch.dict("os.environ", index):
            install.install(read, build, Forge(), "")
        return build

    def test_the_program_comes_with_the_wheel(self):
        wheel("9.9.9", self.folder)
        build = self.installed("9.9.9")
        self.assertEqual(build.state["version"], "9.9.9")
        self.assertEqual(Path(build.state["program"]), self.folder / "gate" / "python" / "bin" / "trustmh")

    def test_where_there_is_no_wheel_nothing_is_built(self):
        with tarfile.open(self.folder / "trustmh-9.9.9.tar.gz", "w:gz") as archive:
            script = b"import os, pathlib; pathlib.Path(os.environ['PIP_FIND_LINKS'], 'was-run').touch()"
            entry = tarfile.TarInfo("trustmh-9.9.9/setup.py")
            entry.size = len(script)
            archive.addfile(entry, io.BytesIO(script))
        with self.assertRaisesRegex(Failed, "pip could not install trustmh 9.9.9") as failed:
            self.installed("9.9.9")
        self.assertEqual(failed.exception.code, 3)
        self.assertFalse((self.folder / "was-run").exists())


def wheel(version, folder):
    """A wheel that brings a program which says its version, and that it was given no token of the gate."""
    about = f"trustmh-{version}.dist-info"
    files = {
        f"trustmh-{version}.data/scripts/trustmh": f'#!/bin/sh\necho "trustmh {version}"\n[ -z "${{TRUSTMH_GATE_TOKEN:-}}" ]\n',
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: trustmh\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in files) + f"{about}/RECORD,,\n"
    with zipfile.ZipFile(folder / f"trustmh-{version}-py3-none-any.whl", "w") as archive:
        for name, content in {**files, f"{about}/RECORD": record}.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o100755 << 16
            archive.writestr(entry, content)


if __name__ == "__main__":
    unittest.main()
