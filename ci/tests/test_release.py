"""What a release is made of: the archive, its names, notes and versions, and that the files which speak of each other agree."""
import gzip
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import unittest
import zipfile
from pathlib import Path

import yaml

from builds import ACTION, ROOT, TEMPLATE
from scene import PROGRAM

sys.path.insert(0, str(ROOT / "ci" / "gate"))

import settings  # noqa: E402

LINUX, WINDOWS = "x86_64-unknown-linux-gnu", "x86_64-pc-windows-msvc"
CARGO = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))
VERSION = CARGO["workspace"]["package"]["version"]


def script(name, *arguments, expected=0, **environment):
    done = subprocess.run([sys.executable, ROOT / "scripts" / name, *arguments], env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    assert done.returncode == expected, f"{name}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@unittest.skipUnless(PROGRAM.is_file(), f"no program at {PROGRAM}")
class Archives(unittest.TestCase):
    """Made once, since man pages and notices take a moment. What is packed as the program is small; the real one writes the pages."""

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="trustmh-archive-"))
        (cls.folder / "program").write_bytes(b"the program\n")
        cls.targets = {target: cls.packed(target, "one") for target in (LINUX, WINDOWS)}

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    @classmethod
    def packed(cls, target, where):
        script("archive", target, "--program", cls.folder / "program", "--pages-by", PROGRAM, "--output", cls.folder / where, SOURCE_DATE_EPOCH="1700000000")
        return next(path for path in (cls.folder / where).iterdir() if target in path.name and path.suffix != ".sha256")

    def test_it_holds_all_that_a_user_needs(self):
        with tarfile.open(self.targets[LINUX]) as archive:
            entries = {entry.name.removeprefix(f"trustmh-{VERSION}-{LINUX}/"): entry for entry in archive.getmembers()}
            texts = {name: archive.extractfile(entry).read().decode() for name, entry in entries.items()}
        self.assertEqual(list(entries), sorted(entries))
        self.assertEqual({entry.mtime for entry in entries.values()}, {1_700_000_000})
        self.assertEqual([name for name, entry in entries.items() if entry.mode & 0o111], ["trustmh"])
        for name in ("LICENSE", "README.md", "CHANGELOG.md", "CITATION.cff", "LICENSE-STARTER-ITEMS", "THIRD-PARTY-NOTICES.txt"):
            self.assertGreater(len(texts[name]), 200, name)
        for name, words in {
            "trustmh.bash": "complete -F _trustmh", "_trustmh": "#compdef trustmh", "trustmh.fish": "complete -c trustmh", "_trustmh.ps1": "Register-ArgumentCompleter",
            "trustmh.elv": "edit:completion",
        }.items():
            self.assertIn(words, texts[f"completions/{name}"], name)
        pages = {Path(name).stem for name in entries if name.startswith("man/man1/")}
        helped = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True).stdout
        commands = set(re.findall(r"^  ([a-z-]+)  +[A-Z]", helped, re.MULTILINE)) - {"help"}
        self.assertGreater(len(commands), 20)
        self.assertLessEqual({"trustmh"} | {f"trustmh-{command}" for command in commands}, pages)
        self.assertRegex(texts["THIRD-PARTY-NOTICES.txt"], r"built with \d{3} packages")
        self.assertNotIn(str(Path.home()), texts["THIRD-PARTY-NOTICES.txt"])

    def test_the_shells_and_man_can_read_them(self):
        with tarfile.open(self.targets[LINUX]) as archive:
            archive.extractall(self.folder / "unpacked", filter="data")
        inside = self.folder / "unpacked" / f"trustmh-{VERSION}-{LINUX}"
        for shell, name in {"bash": "trustmh.bash", "zsh": "_trustmh", "fish": "trustmh.fish"}.items():
            if shutil.which(shell):
                subprocess.run([shell, "-n", inside / "completions" / name], check=True, capture_output=True)
        if not shutil.which("groff"):
            self.skipTest("no groff")
        page = subprocess.run(["groff", "-man", "-Tutf8", "-ww", inside / "man" / "man1" / "trustmh-gate.1"], check=True, capture_output=True)
        self.assertIn("--baseline", page.stdout.decode())
        self.assertEqual(page.stderr.decode(), "")

    def test_the_same_program_gives_the_same_bytes(self):
        for target, first in self.targets.items():
            again = self.packed(target, "two")
            self.assertEqual(again.read_bytes(), first.read_bytes(), target)
            stated = first.with_name(first.name + ".sha256").read_bytes().decode()
            self.assertEqual(stated, f"{hashlib.sha256(first.read_bytes()).hexdigest()}  {first.name}\n")
        # No name and no time of the machine in the head of gzip.
        self.assertEqual(self.targets[LINUX].read_bytes()[3:8], bytes(5))
        self.assertTrue(gzip.decompress(self.targets[LINUX].read_bytes()))

    def test_the_one_for_windows_is_a_zip_with_the_same(self):
        with zipfile.ZipFile(self.targets[WINDOWS]) as archive:
            names = [name.removeprefix(f"trustmh-{VERSION}-{WINDOWS}/") for name in archive.namelist()]
        self.assertIn("trustmh.exe", names)
        self.assertIn("completions/_trustmh.ps1", names)

    def test_cargo_binstall_finds_it(self):
        crate = tomllib.loads((ROOT / "crates" / "trustmh" / "Cargo.toml").read_text(encoding="utf-8"))
        told = crate["package"]["metadata"]["binstall"]
        for target, suffix, extension in ((LINUX, ".tar.gz", ""), (WINDOWS, ".zip", ".exe")):
            values = {"repo": "R", "version": VERSION, "name": "trustmh", "target": target, "archive-suffix": suffix, "bin": "trustmh", "binary-ext": extension}

            def filled(text):
                return re.sub(r"\{ ([a-z-]+) \}", lambda found: values[found[1]], text)

            self.assertEqual(filled(told["pkg-url"]), f"R/releases/download/v{VERSION}/{self.targets[target].name}")
            form = {**told, **told["overrides"].get(target, {})}["pkg-fmt"]
            self.assertEqual(form, {".tar.gz": "tgz", ".zip": "zip"}[suffix])
            names = zipfile.ZipFile(self.targets[target]).namelist() if suffix == ".zip" else tarfile.open(self.targets[target]).getnames()
            self.assertIn(filled(told["bin-dir"]), names)

    def test_another_version_is_not_packed(self):
        other = self.folder / "other"
        other.write_text("#!/bin/sh\necho trustmh 9.9.9\n")
        other.chmod(0o755)
        said = script("archive", LINUX, "--program", other, "--output", self.folder / "three", expected=1)
        self.assertIn("says it is trustmh 9.9.9", said)
        self.assertIn("is no target", script("archive", "../x", "--program", other, expected=1))

    def test_the_program_does_its_main_job(self):
        self.assertIn("asks, gates, exports and verifies", script("smoke", PROGRAM))


class Releases(unittest.TestCase):
    def test_versions_agree(self):
        script("release", "check")
        self.assertEqual(script("release", "version").strip(), VERSION)
        self.assertIn(f"the tag is v99.0.0, the version {VERSION}", script("release", "check", "--tag", "v99.0.0", expected=1))
        self.assertIn("### Added", script("release", "notes"))

    def test_a_bill_of_materials_is_checked_and_names_no_path(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            names = ["tokio", "rustls", "serde", "trustmh-core", *(f"crate-{number}" for number in range(100))]
            bill = {
                "bomFormat": "CycloneDX", "metadata": {"component": {"name": "trustmh", "version": VERSION, "bom-ref": "path+file:///home/somebody/trustmh/crates/trustmh#0.1.0"}},
                "components": [{"name": name, "purl": f"pkg:cargo/{name}@1?download_url=file:///home/somebody/x"} for name in names],
            }
            (folder / "in.json").write_text(json.dumps(bill))
            script("sbom", folder / "in.json", folder / "out.json")
            self.assertNotIn("somebody", (folder / "out.json").read_text())
            bill["components"] = bill["components"][1:]
            (folder / "in.json").write_text(json.dumps(bill))
            self.assertIn("without tokio", script("sbom", folder / "in.json", folder / "out.json", expected=1))


def embedded_beside_crates():
    """What the program embeds from outside of crates/, by the path from the top."""
    found = set()
    for source in ROOT.glob("crates/*/src/**/*.rs"):
        text = source.read_text(encoding="utf-8")
        crate = ROOT.joinpath(*source.relative_to(ROOT).parts[:2])
        named = [source.parent / path for path in re.findall(r'include_(?:str|bytes)!\(\s*"([^"]+)"', text)]
        named += [crate / path for path in re.findall(r'include_dir!\(\s*"\$CARGO_MANIFEST_DIR/([^"]+)"', text)]
        paths = [path.resolve().relative_to(ROOT).as_posix() for path in named]
        found |= {path for path in paths if not path.startswith("crates/")}
    return found


class Agreement(unittest.TestCase):
    """Files that say the same thing, each for another reader."""

    def test_the_inputs_of_action_and_template_are_the_settings(self):
        action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
        checked = action["runs"]["steps"][0]["env"]
        self.assertEqual(set(checked), {settings.variable(name) for name in settings.DEFAULTS})
        for name, default in settings.DEFAULTS.items():
            self.assertEqual(checked[settings.variable(name)], f"${{{{ inputs.{name} }}}}")
            # Only GitHub's runners have what verifies attestations.
            if name != "attestation":
                self.assertEqual(action["inputs"][name].get("default", ""), default, name)
        self.assertEqual(set(action["inputs"]) - set(settings.DEFAULTS), {"retention-days", "token"})
        head, body = yaml.safe_load_all(TEMPLATE.read_text(encoding="utf-8"))
        self.assertEqual(set(body["trustmh-gate"]["variables"]), set(checked))
        self.assertEqual(set(head["spec"]["inputs"]) - {"stage", "image"}, set(settings.DEFAULTS) - {"name", "attestation"})

    def test_the_template_holds_the_steps_as_they_are(self):
        script("gitlab-template", "--check")

    def test_the_compiler_is_the_same_everywhere(self):
        rust = CARGO["workspace"]["package"]["rust-version"]
        for name in ("test", "release"):
            workflow = yaml.safe_load((ROOT / ".github" / "workflows" / f"{name}.yml").read_text(encoding="utf-8"))
            self.assertEqual(workflow["env"]["RUST"], rust)
        self.assertEqual(set(re.findall(r'rust-toolchain: "(.+)"', (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))), {rust})
        self.assertIn(f"library/rust:{rust}-", (ROOT / "Dockerfile").read_text(encoding="utf-8"))

    def test_what_the_page_on_gates_shows_can_be_used(self):
        page = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8")
        shown = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
        workflow, pipeline = shown
        # YAML takes the word for true.
        self.assertEqual(set(workflow[True]), {"pull_request", "push"})
        used = workflow["jobs"]["gate"]["steps"][-1]
        action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
        self.assertEqual(used["uses"], f"OWNER/REPO/.github/actions/trustmh-gate@v{VERSION}")
        self.assertLessEqual(set(used["with"]), set(action["inputs"]))
        self.assertEqual(list(used["env"]), [used["with"]["keys"]])
        head, _ = yaml.safe_load_all(TEMPLATE.read_text(encoding="utf-8"))
        self.assertLessEqual(set(pipeline["include"][0]["inputs"]), set(head["spec"]["inputs"]))

    def test_the_image_is_built_of_what_reaches_it(self):
        dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
        ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        allowed = [line[1:] for line in ignored if line.startswith("!")]
        for source in re.findall(r"^COPY (?!--from)(\S+) ", dockerfile, re.MULTILINE):
            known = source == "." or any(source.split("/${")[0].startswith(one) for one in allowed)
            self.assertTrue(known, f"{source} is not sent to the builder")
        for embedded in embedded_beside_crates():
            self.assertTrue(any(embedded.startswith(one) for one in allowed), f"{embedded} is not sent to the builder")
        self.assertRegex(dockerfile, r"(?m)^USER 65532:65532$")

    def test_systems_of_a_release_are_those_that_install_knows(self):
        import install

        workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))
        for job in ("archives", "wheels"):
            targets = {one["target"] for one in workflow["jobs"][job]["strategy"]["matrix"]["include"]}
            self.assertEqual(targets, set(install.TARGETS.values()))
        page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
        for target in install.TARGETS.values():
            self.assertIn(target, page)

    def test_this_machine_is_one_of_them(self):
        import install

        if (platform.system(), platform.machine()) == ("Linux", "x86_64"):
            self.assertEqual(install.target(), LINUX)


if __name__ == "__main__":
    unittest.main()
