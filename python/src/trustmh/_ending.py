"""How runs end: as a run, or as the error that the program ended with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from ._program import Said, told
from ._record import models
from ._work import Done, Work
from .errors import Interrupted, TrustMHError, UnreachableError, error_of
from .progress import Follower

if TYPE_CHECKING:
    from ._run import Run

#: How the program's hint begins where it has no more to say than how to resume.
_TO_RESUME = "continue with: trustmh resume"


def executed(work: Work, follower: Follower) -> Done:
    try:
        return work.execute()
    except KeyboardInterrupt:
        folder = None if follower.run is None else Path(follower.run)
        return Done(Said(130, "", ""), folder, {})


def concluded(done: Done, follower: Follower, run: Run | None) -> Run:
    """The run, or the error that it ended with."""
    if run is not None:
        run.warnings = list(follower.warnings)
    if done.said.exit_code != 0 or run is None:
        raise _error_of(done, run) from next(iter(done.errors.values()), None)
    run._card = json.loads(done.said.out)[0]  # pyright: ignore[reportPrivateUsage]
    return run


def _error_of(done: Done, run: Run | None) -> TrustMHError:
    said = done.said
    # A signal that came before the program heeds any.
    code = 130 if said.exit_code in (-2, -15) else said.exit_code
    if code == Interrupted.documented_code:
        hint = "nothing was recorded yet"
        if run is not None:
            hint = (
                f"go on with error.run.resume(), or trustmh.open({str(run.path)!r}).resume(...); "
                "nothing that is recorded is asked again"
            )
        return Interrupted("the run was interrupted", hint=hint, run=run)
    message, hint = told(said.err)
    if run is not None and (hint is None or run.is_served):
        own = f"error.run is what there is of it: {run.path}; {_further(code, done, run)}"
        # The program does not know who serves its functions, and may know what is in the way.
        if hint is not None and not hint.startswith(_TO_RESUME):
            own = f"{own}; the program's own hint: {hint}"
        hint = own
    return error_of(code, message, hint, run)


def _further(code: int, done: Done, run: Run) -> str:
    """How to go on with it."""
    raised = {f"callable/{name}" for name in done.errors}
    failed = [part for part, name in models(run.manifest).items() if name in raised]
    if not failed:
        return "error.run.resume() goes on with it"
    alone = len(failed) == 1
    mended = ", ".join(f"{part}=mended" if alone else f"{part}=mended_{part}" for part in failed)
    # A function that raised in every call would do so again.
    if code == UnreachableError.documented_code:
        return f"mend what raised, then error.run.resume({mended}) goes on with it"
    return (
        "error.run.resume() goes on with it, and asks the same functions again; "
        f"where one must be mended first: error.run.resume({mended})"
    )
