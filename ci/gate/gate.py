#!/usr/bin/env python3
"""The steps of a gate on a build server: `gate.py check`, `install`, `data`, `baseline`, `run`, `gate`, `comment`, `decide`, or `all` of them.

GitHub's action calls them one by one, with its own steps for caches and artefacts between; the job of GitLab's template calls `all`. What they
are told stands in variables TRUSTMH_GATE_* (settings.py), what one leaves for the next in a file of the gate's folder. docs/gate.md is the page for
users.
"""
from __future__ import annotations

import os
import shutil
import sys

import github
import gitlab
import install as installing
import measure
import settings as told_settings
import telling
import web
from forge import Build, Failed, Forge, GitHubSteps
from settings import Settings, Wrong

ON_GITHUB = os.environ.get("GITHUB_ACTIONS") == "true"


def check(settings: Settings, build: Build, forge: Forge) -> None:
    """Whether there is anything to do at all, and all that is needed for it."""
    build.state.clear()
    # A machine that is kept may hold those of an earlier build.
    for folder in (build.artefacts, build.kept):
        shutil.rmtree(folder, ignore_errors=True)
    build.artefacts.mkdir(parents=True)
    build.state["settings"] = settings.given
    if build.secrets_would_leak:
        raise Failed("this event gives the repository's secrets to what a fork wrote; let the workflow run on pull_request")
    missing = [name for name in settings.words("keys") if not os.environ.get(name)]
    go = True
    if missing:
        names = ", ".join(missing)
        if not build.fork:
            raise Failed(f"{names}: not set, or empty. Keep the key as a secret of the repository and pass it by the environment, as docs/gate.md shows")
        if settings["forks"] == "fail":
            raise Failed(f"{names}: not set, since builds of a fork get no secrets. Push the commits to a branch of the repository to measure them")
        go = False
        build.state.update(result="skipped", exit=0)
        forge.note(f"Skipped, and nothing was measured: builds of a fork get no secrets ({names})")
    branch = settings["baseline-branch"] or build.default_branch or "main"
    # Only what is on that branch may be what others are held against.
    build.state.update(go=go, baseline_branch=branch, keeps=build.request is None and build.branch == branch)
    forge.outputs({
        "go": str(go).lower(), "fetches": str(go and settings["data"] == "fetch").lower(), "result": build.state.get("result", ""),
        "folder": str(build.folder), "baseline-name": f"trustmh-gate-{settings['name']}-baseline",
    })


def install(settings: Settings, build: Build, forge: Forge) -> None:
    """Has the program ready."""
    installing.install(settings, build, forge, github.repository_of_action() if ON_GITHUB else "")


def baseline(settings: Settings, build: Build, forge: Forge) -> None:
    """Finds the run that this one must not be worse than."""
    found, branch = None, build.state["baseline_branch"]
    if settings["baseline"] == "last":
        api = github.Api() if ON_GITHUB else gitlab.Api()
        try:
            found = api.baseline(f"trustmh-gate-{settings['name']}-baseline", branch, build.folder)
        except web.Refused as refusal:
            # Without it a build that is worse might pass.
            raise Failed(f"the baseline could not be looked for: {refusal}", 3) from None
        said = f"Compared with the last build of `{branch}` that passed." if found else f"There is no baseline: no build of `{branch}` has passed and kept its run."
    elif settings["baseline"] == "none":
        said = "Compared with nothing: `baseline` is `none`."
    else:
        found = settings.path("baseline")
        said = f"Compared with `{settings['baseline'].replace('`', '')}`."
    if not found and settings["first-policy"]:
        said += f" Decided by the policy for a first build, `{settings['first-policy'].replace('`', '')}`."
    elif not found:
        said += " Rules that need a baseline cannot be checked, so a policy with such rules fails. Set `first-policy` to use another policy for the first build."
    forge.note(said)
    # The gate would only say that it is missing, which a policy may bear with.
    if found and forge.ran([build.program(), "verify", str(found)]):
        raise Failed(f"the baseline in {found.name} is not as it was written, and nothing was compared with it")
    build.state.update(baseline=str(found) if found else None, baseline_told=said)


def gate(settings: Settings, build: Build, forge: Forge) -> None:
    """Decides, and says so on the page of the build."""
    measure.gate(settings, build, forge)
    forge.summary(text_of(settings, build))
    kept = (build.kept / "run.zip").is_file()
    forge.outputs({"result": build.state["result"], "exit-code": str(build.state["exit"]), "keep-baseline": str(kept).lower()})


def text_of(settings: Settings, build: Build) -> str:
    markdown = build.artefacts / "gate.md"
    return telling.told(settings, build, markdown.read_text(encoding="utf-8") if markdown.is_file() else None)


def comment(settings: Settings, build: Build, forge: Forge) -> None:
    """Writes the comment of a request to merge. That nobody may comment does not change what was measured."""
    if not settings.on("comment") or build.request is None:
        return
    # A step that failed left no verdict, and the one of an earlier commit is not to stand.
    build.state.setdefault("result", "broken")
    marker = telling.marker(settings["name"])
    try:
        api = github.Api() if ON_GITHUB else gitlab.Api()
        done = api.comment(build.request, marker, f"{marker}\n{text_of(settings, build)}")
        forge.note(f"The comment was {done}")
    except (web.Refused, Failed) as error:
        forge.note(f"There is no comment: {error}")


def decide(_settings: Settings, build: Build, forge: Forge) -> None:
    """Ends with the gate's exit code."""
    code = build.state.get("exit", 2)
    if code:
        raise Failed(f"{telling.HEADINGS.get(build.state.get('result', 'broken'), 'The run failed')}: {telling.EXIT_CODES.get(code, 'see docs/exit-codes.md')}", code)


STEPS = {
    "check": check, "install": install, "data": measure.fetch, "baseline": baseline, "run": measure.run, "gate": gate, "comment": comment,
    "decide": decide,
}


def everything(settings: Settings, build: Build, forge: Forge) -> None:
    """All steps in their order; a comment comes also where one failed."""
    commented = False
    try:
        for name, step in STEPS.items():
            step(settings, build, forge)
            build.save()
            if not build.state["go"]:
                return
            commented = commented or name == "comment"
    except (Failed, web.Refused):
        if build.state.get("go") and not commented:
            comment(settings, build, forge)
        raise


def main() -> int:
    forge = GitHubSteps() if ON_GITHUB else Forge()
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if name != "all" and name not in STEPS:
        forge.error(f"usage: gate.py {'|'.join([*STEPS, 'all'])}")
        return 2
    try:
        build = github.build() if ON_GITHUB else gitlab.build()
        build.load()
        first = name in ("check", "all")
        # Later steps are told what the first has checked.
        read = told_settings.read(build.workspace) if first else Settings(build.workspace, build.state["settings"])
        try:
            (everything if name == "all" else STEPS[name])(read, build, forge)
        finally:
            build.save()
    except (Wrong, ValueError) as wrong:
        forge.error(str(wrong))
        return 2
    except KeyError as missing:
        forge.error(f"{missing}: not set; the steps run in builds of GitHub and GitLab, after `check`")
        return 2
    except web.Refused as refusal:
        forge.error(str(refusal))
        return 3
    except Failed as failed:
        forge.error(str(failed))
        return failed.code
    return 0


if __name__ == "__main__":
    sys.exit(main())
