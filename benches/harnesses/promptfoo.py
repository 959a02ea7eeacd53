"""promptfoo."""

from __future__ import annotations

import json
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from .harness import CONNECTIONS, INSIDE, Command, Counts, Harness, Job, Left, Way

#: What promptfoo needs at least. A Node of this line is installed beside it where the machine's own is older.
NODE = (22, 22)
LETTER = r"""output.match(/"choice":\s*"([A-Z])"/)?.[1] ?? """ + '""'


class Promptfoo(Harness):
    """`promptfoo eval` on tests of our questions: a transform reads the letter, `equals` scores it."""

    name = "promptfoo"

    @property
    def folder(self) -> Path:
        return self.places.peers / "promptfoo"

    def version(self) -> str:
        package = self.folder / "node_modules" / "promptfoo" / "package.json"
        if not package.is_file():
            raise Left("not installed")
        self.node()
        return json.loads(package.read_text())["version"]

    def install(self) -> None:
        if shutil.which("npm") is None:
            raise Left("npm is not installed")
        self.folder.mkdir(parents=True, exist_ok=True)
        packages = ["promptfoo@latest"]
        if (found := shutil.which("node")) is None or node_version(Path(found)) < NODE:
            packages.append(f"{node_package()}@{NODE[0]}")
        quiet = ["--no-audit", "--no-fund", "--loglevel", "error", "--ignore-scripts"]
        subprocess.run(["npm", "install", "--prefix", self.folder, *quiet, *packages], cwd=self.folder, check=True)

    def node(self) -> Path:
        """The Node that promptfoo runs with."""
        beside = self.folder / "node_modules" / node_package() / "bin" / "node"
        if beside.is_file():
            return beside
        if (found := shutil.which("node")) is None:
            raise Left("node is not installed")
        return Path(found)

    def command(self, job: Job) -> Command:
        config = job.folder / "promptfooconfig.json"
        config.write_text(json.dumps(configuration(job)))
        words = [
            self.node(),
            self.folder / "node_modules" / "promptfoo" / "dist" / "src" / "entrypoint.js",
            "eval",
            *("--config", config, "--output", job.folder / "results.json"),
            *("--max-concurrency", str(CONNECTIONS)),
            *("--no-cache", "--no-write", "--no-share", "--no-table", "--no-progress-bar"),
        ]
        settings = {
            "OPENAI_API_KEY": "none",
            "PROMPTFOO_CONFIG_DIR": str(job.folder / "promptfoo"),
            "PROMPTFOO_CACHE_ENABLED": "false",
            "PROMPTFOO_DISABLE_TELEMETRY": "1",
            "PROMPTFOO_DISABLE_UPDATE": "1",
            "PROMPTFOO_DISABLE_REMOTE_GENERATION": "1",
            "PROMPTFOO_DISABLE_SHARING": "1",
            # Wrong answers are what is expected here.
            "PROMPTFOO_FAILED_TEST_EXIT_CODE": "0",
        }
        return Command(words, settings)

    def counts(self, job: Job) -> Counts:
        results = json.loads((job.folder / "results.json").read_text())["results"]["results"]
        answered = sum(bool((result.get("response") or {}).get("output")) for result in results)
        return Counts(answered, sum(result["success"] for result in results))


def configuration(job: Job) -> dict:
    """The questions as tests."""
    match job.way:
        case Way.SERVER:
            options = {"apiBaseUrl": job.url, "apiKey": "none", "temperature": 0, "max_tokens": 512}
            provider: dict = {"id": "openai:chat:always-a", "config": options}
        case Way.CALLABLE:
            provider = {"id": f"file://{INSIDE / 'promptfoo_callable.cjs'}"}
    questions = [json.loads(line) for line in job.questions.open()]
    return {
        "prompts": ["{{question}}"],
        "providers": [provider],
        "defaultTest": {"options": {"transform": LETTER}},
        "tests": [
            {"vars": {"question": q["prompt"]}, "assert": [{"type": "equals", "value": q["key"]}]}
            for q in questions
        ],
    }


def node_version(node: Path) -> tuple[int, int]:
    """The version of a Node, such as 22 and 22."""
    said = subprocess.run([node, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    found = re.match(r"v(\d+)\.(\d+)", said)
    return (int(found.group(1)), int(found.group(2))) if found else (0, 0)


def node_package() -> str:
    """The package that holds Node itself for this machine."""
    system = {"win32": "win"}.get(sys.platform, sys.platform)
    processor = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(platform.machine().lower())
    return f"node-{system}-{processor or platform.machine().lower()}"
