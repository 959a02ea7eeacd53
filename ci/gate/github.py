"""GitHub: its builds, the artefact that is the baseline, and the comment of a pull request."""
from __future__ import annotations

import json
import os
import re
import urllib.parse
from pathlib import Path

import web
from forge import Build, Failed
from settings import SHAPES, Wrong

BASELINE_FILE = "run.zip"
LARGEST_BASELINE = 2 * 1024**3
PAGES = 20


def build() -> Build:
    """What the runner's variables and the event say of this build."""
    event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    named = os.environ.get("GITHUB_EVENT_NAME", "")
    request = event.get("pull_request") or {}
    head = (request.get("head") or {}).get("repo") or {}
    base = (request.get("base") or {}).get("repo") or {}
    # The copy of somebody who deleted it since has no repository at all.
    fork = bool(request) and head.get("full_name") != base.get("full_name")
    reference = os.environ.get("GITHUB_REF", "")
    server, repository = os.environ["GITHUB_SERVER_URL"], os.environ["GITHUB_REPOSITORY"]
    name = os.environ.get("TRUSTMH_GATE_NAME", "")
    if not re.fullmatch(SHAPES["name"][0], name):
        raise Wrong(f"name: {name[:60]!r} is not {SHAPES['name'][1]}")
    return Build(
        workspace=Path(os.environ["GITHUB_WORKSPACE"]),
        # Several gates of one job do not meet.
        folder=Path(os.environ["RUNNER_TEMP"]) / "trustmh-gate" / name,
        branch=reference.removeprefix("refs/heads/") if reference.startswith("refs/heads/") and not request else None,
        default_branch=(event.get("repository") or {}).get("default_branch"),
        request=str(int(request["number"])) if request else None,
        fork=fork,
        page=f"{server}/{repository}/actions/runs/{os.environ['GITHUB_RUN_ID']}",
        commit=(request.get("head") or {}).get("sha") or os.environ["GITHUB_SHA"],
        # These run with the secrets of the repository, whoever wrote what they check out.
        secrets_would_leak=fork and named in ("pull_request_target", "workflow_run"),
    )


class Api:
    """GitHub's API, for one repository."""

    def __init__(self) -> None:
        self.at = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}"
        self.user = f"{os.environ['GITHUB_API_URL']}/user"
        token = os.environ.get("TRUSTMH_GATE_TOKEN", "")
        if not token:
            raise Failed("token: there is none, so that neither baseline nor comment can be reached")
        self.headers = {
            "Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28",
        }

    def pages(self, url: str, of: str | None = None):
        """The entries of a list, page by page."""
        joint = "&" if "?" in url else "?"
        for page in range(1, PAGES + 1):
            answer = web.asked("GET", f"{url}{joint}per_page=100&page={page}", self.headers)
            entries = answer[of] if of else answer
            yield from entries
            if len(entries) < 100:
                return

    def baseline(self, name: str, branch: str, folder: Path) -> Path | None:
        """The newest run that passed on a branch, from its artefact."""
        listed = f"{self.at}/actions/artifacts?name={urllib.parse.quote(name, safe='')}"
        for artefact in self.pages(listed, "artifacts"):
            origin = artefact.get("workflow_run") or {}
            # Builds of forks upload here, too, and may call their branch what they like.
            own = origin.get("head_repository_id") == origin.get("repository_id") and origin.get("repository_id") is not None
            if artefact.get("name") != name or artefact.get("expired") or not own or origin.get("head_branch") != branch:
                continue
            packed = web.downloaded(f"{self.at}/actions/artifacts/{int(artefact['id'])}/zip", self.headers, folder / "artefact.zip", LARGEST_BASELINE)
            return unpacked(packed, folder / "baseline.zip")
        return None

    def author(self) -> str:
        """Who comments are written as."""
        try:
            return web.asked("GET", self.user, self.headers)["login"]
        except web.Refused as refusal:
            # The token of a workflow may not ask who it is.
            if refusal.status in (401, 403):
                return "github-actions[bot]"
            raise

    def comment(self, request: str, marker: str, body: str) -> str:
        """Writes the one comment of a pull request, or writes it anew; says which."""
        author = self.author()
        for comment in self.pages(f"{self.at}/issues/{request}/comments"):
            # The token could change what others wrote, who may have copied the marker.
            if (comment.get("user") or {}).get("login") == author and (comment.get("body") or "").startswith(marker):
                web.asked("PATCH", f"{self.at}/issues/comments/{int(comment['id'])}", self.headers, {"body": body})
                return "updated"
        web.asked("POST", f"{self.at}/issues/{request}/comments", self.headers, {"body": body})
        return "written"


def unpacked(packed: Path, to: Path) -> Path:
    """The run that an artefact holds."""
    import zipfile

    try:
        with zipfile.ZipFile(packed) as archive:
            entry = archive.getinfo(BASELINE_FILE)
            if entry.file_size > LARGEST_BASELINE:
                raise Failed(f"the baseline is larger than {LARGEST_BASELINE} bytes")
            to.write_bytes(archive.read(entry))
    except (KeyError, zipfile.BadZipFile) as error:
        raise Failed(f"the artefact of the baseline holds no {BASELINE_FILE}: {error}") from None
    packed.unlink()
    return to


def repository_of_action() -> str:
    """Where the action comes from; empty for one that is checked out."""
    stated = os.environ.get("TRUSTMH_GATE_ACTION_REPOSITORY", "")
    return stated if re.fullmatch(r"[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}", stated) else ""

