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
from pathlib import Path
from unittest import mock

from api import TOKEN, GitHub, zipped
from builds import ROOT

sys.path.insert(0, str(ROOT / "ci" / "gate"))

import bundle  # noqa: E402
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


class Bundles(unittest.TestCase):
    def unpacked(self, files, code=0):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            (folder / "run.zip").write_bytes(zipped(files))
            build = Build(workspace=folder, folder=folder / "gate", page="https://page", commit="c0ffee", state={"program": "trustmh"})
            with mock.patch.object(Forge, "ran", return_value=code):
                to = bundle.unpacked(folder / "run.zip", build, Forge())
            return sorted(path.relative_to(to).as_posix() for path in to.rglob("*") if path.is_file())

    def test_a_bundle_becomes_a_folder(self):
        self.assertEqual(self.unpacked({"run.json": "{}", "materials/a.md": "x"}), ["materials/a.md", "run.json"])

    def test_nothing_is_written_elsewhere(self):
        for name in ("../run.json", "/tmp/run.json", "a/../../b", "a\\..\\b", "C:run.json"):
            with self.subTest(name=name), self.assertRaisesRegex(Failed, "has a file called"):
                self.unpacked({name: "x"})

    def test_one_that_was_changed_is_no_baseline(self):
        with self.assertRaisesRegex(Failed, "not as it was written"):
            self.unpacked({"run.json": "{}"}, code=5)


if __name__ == "__main__":
    unittest.main()
