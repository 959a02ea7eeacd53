"""GitLab: its jobs, the artefact that is the baseline, and the note of a merge request."""
from __future__ import annotations

import os
import urllib.parse
from pathlib import Path

import web
from forge import Build, Failed

LARGEST_BASELINE = 2 * 1024**3
PAGES = 20


def build() -> Build:
    """What the job's variables say of this build."""
    workspace = Path(os.environ["CI_PROJECT_DIR"])
    request = os.environ.get("CI_MERGE_REQUEST_IID") or None
    source = os.environ.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID")
    return Build(
        workspace=workspace,
        folder=workspace / "trustmh-gate",
        branch=os.environ.get("CI_COMMIT_BRANCH") or None,
        default_branch=os.environ.get("CI_DEFAULT_BRANCH") or None,
        request=request,
        fork=request is not None and source != os.environ.get("CI_MERGE_REQUEST_PROJECT_ID"),
        page=os.environ["CI_JOB_URL"],
        commit=os.environ["CI_COMMIT_SHA"],
    )


class Api:
    """GitLab's API, for one project."""

    def __init__(self) -> None:
        self.at = f"{os.environ['CI_API_V4_URL']}/projects/{int(os.environ['CI_PROJECT_ID'])}"
        self.user = f"{os.environ['CI_API_V4_URL']}/user"
        self.token = os.environ.get("TRUSTMH_GITLAB_TOKEN", "")

    def headers(self) -> dict[str, str]:
        # The token of a job reads artefacts where GitLab's tier has that, and writes no notes.
        return {"PRIVATE-TOKEN": self.token} if self.token else {"JOB-TOKEN": os.environ["CI_JOB_TOKEN"]}

    def baseline(self, _name: str, branch: str, folder: Path) -> Path | None:
        """The run of the last pipeline of a branch that succeeded, from this job's artefact."""
        path, job = urllib.parse.quote(branch, safe=""), urllib.parse.quote(os.environ["CI_JOB_NAME"], safe="")
        url = f"{self.at}/jobs/artifacts/{path}/raw/trustmh-gate/kept/run.zip?job={job}"
        try:
            return web.downloaded(url, self.headers(), folder / "baseline.zip", LARGEST_BASELINE)
        except web.Refused as refusal:
            (folder / "baseline.zip").unlink(missing_ok=True)
            if refusal.status == 404:
                return None
            if refusal.status in (401, 403):
                raise Failed(f"{refusal}: the token may not read artefacts; set TRUSTMH_GITLAB_TOKEN, as docs/gate.md says") from None
            raise

    def comment(self, request: str, marker: str, body: str) -> str:
        """Writes the one note of a merge request, or writes it anew; says which."""
        if not self.token:
            raise Failed("TRUSTMH_GITLAB_TOKEN is not set: a job's own token writes no notes")
        headers, notes = self.headers(), f"{self.at}/merge_requests/{int(request)}/notes"
        author = web.asked("GET", self.user, headers)["id"]
        for page in range(1, PAGES + 1):
            found = web.asked("GET", f"{notes}?sort=asc&order_by=created_at&per_page=100&page={page}", headers)
            for note in found:
                if (note.get("author") or {}).get("id") == author and (note.get("body") or "").startswith(marker):
                    web.asked("PUT", f"{notes}/{int(note['id'])}", headers, {"body": body})
                    return "updated"
            if len(found) < 100:
                break
        web.asked("POST", notes, headers, {"body": body})
        return "written"
