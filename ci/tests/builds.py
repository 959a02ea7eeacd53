"""Builds, executed here: the steps of the composite action as a runner of GitHub takes them, the job of the template as one of GitLab does."""
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from api import TOKEN, zipped
from expressions import filled, holds

ROOT = Path(__file__).resolve().parent.parent.parent
ACTION = ROOT / ".github" / "actions" / "trustmh-gate" / "action.yml"
TEMPLATE = ROOT / "ci" / "gitlab" / "trustmh-gate.yml"
SECONDS = 120

# What the actions that are used accept; anything else would be ignored with a warning, and not do what it says.
ACCEPTED = {
    "actions/cache/restore": {"path", "key", "restore-keys", "fail-on-cache-miss", "lookup-only"},
    "actions/cache/save": {"path", "key"},
    "actions/upload-artifact": {"name", "path", "if-no-files-found", "retention-days", "compression-level", "overwrite", "include-hidden-files"},
}


class Ended:
    """What a build came to."""

    def __init__(self):
        self.failed = False
        self.code, self.log, self.summary = 0, "", ""
        self.outputs, self.artefacts, self.ran = {}, {}, []


def machine(workspace, more):
    """The environment of a step: what a machine has, and nothing of whoever runs these tests."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    # Steps get a Python without any packages, since a machine may have none, and are quicker for it.
    programs = workspace.parent / "python"
    if not programs.is_dir():
        programs.mkdir()
        (programs / "python3").write_text(f'#!/bin/sh\nexec "{os.path.realpath(sys.executable)}" -S -E -s "$@"\n', encoding="utf-8")
        (programs / "python3").chmod(0o755)
    kept["PATH"] = f"{programs}{os.pathsep}{kept['PATH']}"
    more = dict(more)
    if "PATH" in more:
        more["PATH"] = f"{programs}{os.pathsep}{more['PATH']}"
    return {**kept, "HOME": str(workspace), "XDG_DATA_HOME": str(workspace / "home"), "TRUSTMH_WEIGHTS_DIR": str(workspace / "none"), **more}


def files_below(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def delimited(text):
    """What a step wrote into GITHUB_OUTPUT."""
    values, lines = {}, iter(text.splitlines())
    for line in lines:
        name, _, end = line.partition("<<")
        taken = []
        for one in lines:
            if one == end:
                break
            taken.append(one)
        values[name] = "\n".join(taken)
    return values


class GitHubBuild:
    """A build of a workflow that uses the action, with its own folder."""

    def __init__(self, forge, workspace, branch="main", request=None, fork=False, event=None, attempt=1):
        self.forge, self.workspace = forge, workspace
        self.temporary = Path(tempfile.mkdtemp(dir=workspace.parent, prefix="temp-"))
        self.branch, self.request, self.fork = branch, request, fork
        self.event_name = event or ("pull_request" if request else "push")
        self.cache, self.attempt = {}, attempt

    def event(self):
        event = {"repository": {"default_branch": "main"}}
        if self.request:
            other = "SOMEBODY/PRODUCT" if self.fork else self.forge.repository
            event["pull_request"] = {
                "number": self.request, "head": {"sha": "c0ffee" * 7, "repo": {"full_name": other}}, "base": {"repo": {"full_name": self.forge.repository}},
            }
        return event

    def variables(self):
        path = self.temporary / "event.json"
        path.write_text(json.dumps(self.event()), encoding="utf-8")
        reference = f"refs/pull/{self.request}/merge" if self.request else f"refs/heads/{self.branch}"
        return {
            "GITHUB_ACTIONS": "true", "CI": "true", "GITHUB_EVENT_NAME": self.event_name, "GITHUB_EVENT_PATH": str(path), "GITHUB_REF": reference,
            "GITHUB_SERVER_URL": "https://github.com", "GITHUB_API_URL": self.forge.url, "GITHUB_REPOSITORY": self.forge.repository,
            "GITHUB_WORKSPACE": str(self.workspace), "GITHUB_RUN_ID": "4711", "GITHUB_SHA": "f00d" * 10, "RUNNER_TEMP": str(self.temporary),
            "GITHUB_ACTION_PATH": str(ACTION.parent),
        }

    def run(self, inputs, environment):
        """Executes the action's steps."""
        action, ended = yaml.safe_load(ACTION.read_text(encoding="utf-8")), Ended()
        unknown = set(inputs) - set(action["inputs"])
        if unknown:
            raise ValueError(f"the action has no inputs {unknown}")
        missing = [name for name, one in action["inputs"].items() if one.get("required") and not inputs.get(name)]
        if missing:
            raise ValueError(f"inputs are required: {missing}")
        github = {"token": TOKEN, "action_repository": "OWNER/TOOL"}
        given = {name: inputs.get(name, filled(one.get("default", ""), {"github": github})) for name, one in action["inputs"].items()}
        contexts = {"inputs": given, "steps": {}, "github": github}
        for step in action["runs"]["steps"]:
            record = {"outputs": {}, "outcome": "skipped"}
            if holds(step.get("if"), contexts, ended.failed):
                record["outcome"] = "success"
                ended.ran.append(step["name"])
                code = self.used(step, contexts, record, ended) if "uses" in step else self.script(step, contexts, record, ended, environment)
                if code:
                    record["outcome"] = "failure"
                    ended.failed, ended.code = True, code
            if "id" in step:
                contexts["steps"][step["id"]] = record
        ended.outputs = {name: filled(one["value"], contexts) for name, one in action["outputs"].items()}
        return ended

    def script(self, step, contexts, record, ended, environment):
        if "${{" in step["run"]:
            raise ValueError(f"an expression stands in the script of {step['name']!r}")
        files = {name: self.temporary / f"{name}-{len(ended.ran)}" for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH", "GITHUB_ENV")}
        for path in files.values():
            path.write_text("")
        own = {name: filled(value, contexts, ended.failed) for name, value in step.get("env", {}).items()}
        more = {**self.variables(), **environment, **own, **{name: str(path) for name, path in files.items()}}
        script = self.temporary / "script.sh"
        script.write_text(step["run"], encoding="utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)], cwd=self.workspace, env=machine(self.workspace, more),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS, check=False,
        )
        ended.log += done.stdout.decode("utf-8", errors="replace")
        ended.summary += files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
        record["outputs"] = delimited(files["GITHUB_OUTPUT"].read_text(encoding="utf-8"))
        return done.returncode

    def used(self, step, contexts, record, ended):
        """Stands in for the actions of others, and is strict about what they are given."""
        name, _, version = step["uses"].partition("@")
        if name not in ACCEPTED or not version:
            raise ValueError(f"{step['uses']}: not known here")
        told = {key: filled(value, contexts, ended.failed) for key, value in step["with"].items()}
        if set(told) - ACCEPTED[name]:
            raise ValueError(f"{name} has no inputs {set(told) - ACCEPTED[name]}")
        empty = [key for key, value in told.items() if not value]
        if empty:
            raise ValueError(f"{name}: {empty} are empty")
        if name == "actions/cache/restore":
            for path, content in self.cache.get(told["key"], {}).items():
                place = Path(told["path"]) / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
            record["outputs"]["cache-hit"] = "true" if told["key"] in self.cache else ""
        elif name == "actions/cache/save":
            self.cache[told["key"]] = files_below(Path(told["path"]))
        else:
            return self.uploaded(told, ended)
        return 0

    def uploaded(self, told, ended):
        path = Path(told["path"])
        files = files_below(path) if path.is_dir() else {path.name: path.read_bytes()} if path.is_file() else {}
        if not files:
            return 1 if told.get("if-no-files-found") == "error" else 0
        if not re.fullmatch(r"[1-9][0-9]*", told.get("retention-days", "1")):
            raise ValueError(f"retention-days: {told['retention-days']}")
        ended.artefacts[told["name"]] = files
        branch = "of-the-request" if self.request else self.branch
        self.forge.keep(told["name"], zipped(files), branch=branch, fork=self.fork)
        return 0


class GitLabBuild:
    """A pipeline of a project that includes the template."""

    def __init__(self, forge, workspace, branch="main", request=None, fork=False):
        self.forge, self.workspace, self.branch, self.request, self.fork = forge, workspace, branch, request, fork

    def variables(self):
        stated = {
            "CI": "true", "GITLAB_CI": "true", "CI_PROJECT_DIR": str(self.workspace), "CI_PROJECT_ID": "7", "CI_API_V4_URL": self.forge.url,
            "CI_JOB_NAME": "trustmh-gate", "CI_JOB_TOKEN": "token-of-the-job", "CI_JOB_URL": "https://gitlab.example/OWNER/PRODUCT/-/jobs/1",
            "CI_COMMIT_SHA": "f00d" * 10, "CI_DEFAULT_BRANCH": "main", "CI_PIPELINE_SOURCE": "push",
        }
        if self.request:
            other = {"CI_MERGE_REQUEST_IID": str(self.request), "CI_MERGE_REQUEST_PROJECT_ID": "7"}
            source = {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "8" if self.fork else "7", "CI_PIPELINE_SOURCE": "merge_request_event"}
            return {**stated, **other, **source}
        return {**stated, "CI_COMMIT_BRANCH": self.branch}

    @staticmethod
    def interpolated(value, inputs):
        if isinstance(value, dict):
            return {key: GitLabBuild.interpolated(one, inputs) for key, one in value.items()}
        if isinstance(value, list):
            return [GitLabBuild.interpolated(one, inputs) for one in value]
        if not isinstance(value, str):
            return value
        return re.sub(r"\$\[\[ inputs\.([a-z0-9-]+) \]\]", lambda found: str(inputs[found[1]]), value)

    def starts(self, job):
        """Whether the job's rules let it run in this pipeline."""
        have = self.variables()
        for rule in job["rules"]:
            name, other = re.fullmatch(r"\$(\w+) == (.+)", rule["if"]).groups()
            wanted = have.get(other[1:]) if other.startswith("$") else other.strip('"')
            if wanted is not None and have.get(name) == wanted:
                return True
        return False

    def run(self, inputs, environment):
        """Executes the job; None where it does not start."""
        head, body = yaml.safe_load_all(TEMPLATE.read_text(encoding="utf-8"))
        known = head["spec"]["inputs"]
        if set(inputs) - set(known):
            raise ValueError(f"the template has no inputs {set(inputs) - set(known)}")
        missing = [name for name, one in known.items() if "default" not in one and not inputs.get(name)]
        if missing:
            raise ValueError(f"inputs are required: {missing}")
        values = {name: inputs.get(name, one.get("default")) for name, one in known.items()}
        job = self.interpolated(body["trustmh-gate"], values)
        if not self.starts(job):
            return None
        variables = {}
        for name, one in job["variables"].items():
            if one.get("expand") is not False:
                raise ValueError(f"{name}: variables in it would be filled in")
            variables[name] = str(one["value"])
        ended = Ended()
        # A runner checks out anew and takes away what is not in the repository.
        script = "set -eo pipefail\n" + "\n".join(job["script"])
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-c", script], cwd=self.workspace, env=machine(self.workspace, {**self.variables(), **environment, **variables}),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS, check=False,
        )
        ended.log, ended.code = done.stdout.decode("utf-8", errors="replace"), done.returncode
        ended.failed = ended.code != 0
        for path in job["artifacts"]["paths"]:
            for name, content in files_below(self.workspace / path).items():
                ended.artefacts[path + name] = content
        junit = self.workspace / job["artifacts"]["reports"]["junit"]
        ended.outputs["junit"] = junit.read_text(encoding="utf-8") if junit.is_file() else None
        # What the API serves of a branch is of its last pipeline that succeeded.
        if not ended.failed and not self.request and "trustmh-gate/kept/run.zip" in ended.artefacts:
            self.forge.kept = ended.artefacts["trustmh-gate/kept/run.zip"]
        return ended
