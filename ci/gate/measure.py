"""What the program does for a gate: data, run, verdict."""
from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

from forge import Build, Failed, Forge
from settings import BUILT_IN_POLICIES, Settings

# How a gate ends, by its exit code.
RESULTS = {0: "passed", 1: "failed", 4: "incomplete"}


def data_folder(build: Build) -> Path:
    """Where fetched sets are; the folder that is cached between builds."""
    return build.folder / "data"


def fetch(settings: Settings, build: Build, forge: Forge) -> None:
    """Downloads the published sets that are not there yet; their sums are compared by the program."""
    if settings["data"] != "fetch":
        return
    folder = data_folder(build)
    folder.mkdir(parents=True, exist_ok=True)
    command = [build.program(), "data", "fetch", *settings.words("data-sets"), "--data", str(folder)]
    if settings.on("accept-licences"):
        command.append("--accept-licence")
    code = forge.ran(command)
    if code:
        raise Failed(f"the data could not be fetched (exit code {code}); licences are accepted only with `accept-licences: true`", 3 if code == 3 else 2)
    # A cache could have been changed since.
    code = forge.ran([build.program(), "data", "verify", "--data", str(folder)])
    if code:
        raise Failed(f"the data in {folder} is not what was published (exit code {code})")


def run(settings: Settings, build: Build, forge: Forge) -> None:
    """Asks the subject. How that ended is judged later, so that there is something to show first."""
    runs = build.folder / "runs"
    # A machine that is kept may hold those of an earlier build.
    shutil.rmtree(runs, ignore_errors=True)
    command = [build.program(), "run", "--subject", settings["subject"], "--tasks", settings["tasks"], "--runs-dir", str(runs)]
    for name in ("base-url", "judge", "judge-base-url", "items", "max-calls", "max-tokens", "max-time", "max-cost"):
        if settings[name]:
            command += [f"--{name}", settings[name]]
    if settings["system"]:
        command += ["--system", str(settings.path("system"))]
    if settings["data"] == "fetch":
        command += ["--data", str(data_folder(build))]
    elif settings["data"] != "starter":
        command += ["--data", str((build.workspace / settings["data"]).resolve())]
    command += shlex.split(settings["arguments"])
    code = forge.ran(command)
    found = sorted(runs.iterdir()) if runs.is_dir() else []
    build.state.update(run_exit=code, run=str(found[0]) if len(found) == 1 else None)


def policy_of(settings: Settings, build: Build) -> str:
    """The policy that decides: that of the first build where there is nothing to compare with."""
    first = settings["first-policy"] and not build.state.get("baseline")
    named = settings["first-policy"] if first else settings["policy"]
    return named if named in BUILT_IN_POLICIES else str((build.workspace / named).resolve())


def below(path: str, build: Build) -> str:
    """A path within the gate's folder, without that."""
    return os.path.relpath(path, build.folder) if Path(path).is_relative_to(build.folder) else path


def gate(settings: Settings, build: Build, forge: Forge) -> None:
    """Holds the run against the policy, and makes report and bundle of it."""
    made = build.artefacts
    run_exit, folder = build.state["run_exit"], build.state.get("run")
    if folder is None:
        build.state.update(exit=run_exit or 2, result="broken")
        return
    program = build.program()
    command = [program, "gate", below(folder, build), "--policy", policy_of(settings, build)]
    command += ["--junit", str(made / "gate.xml"), "--markdown", str(made / "gate.md")]
    if build.state.get("baseline"):
        command += ["--baseline", below(build.state["baseline"], build)]
    # What it writes names the runs as they are named here: by no path of the machine.
    code = forge.ran(command, build.folder)
    # A subject that was not reached, or a stop, is told by the run's own code and not by what its pieces come to.
    ended = code or run_exit if run_exit in (0, 4) else run_exit
    build.state.update(exit=ended, result=RESULTS.get(ended, "broken"))
    report = Path(folder) / "report.html"
    if report.is_file():
        shutil.copyfile(report, made / "report.html")
    # Who wants no bundle and looks for no baseline wants no replies among the artefacts at all.
    keeps = build.state["keeps"] and build.state["result"] == "passed" and (settings.on("bundle") or settings["baseline"] == "last")
    wanted = [made] * settings.on("bundle") + [build.kept] * keeps
    for where in wanted:
        where.mkdir(parents=True, exist_ok=True)
        bundled = forge.ran([program, "export", "--format", "bundle", folder, "--output", str(where / "run.zip")])
        if bundled:
            # A comment still comes, and is not to say that all is well.
            build.state.update(exit=2, result="broken")
            raise Failed(f"the run could not be bundled (exit code {bundled})")
