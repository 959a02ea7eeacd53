"""How runs end: as a run, or as the error that the program ended with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from ._program import Said, told
from ._work import Done, Work
from .errors import Interrupted, TrustMHError, error_of
from .progress import Follower

if TYPE_CHECKING:
    from ._run import Run


def executed(work: Work, follower: Follower) -> Done:
    try:
        return work.execute()
    except KeyboardInterrupt:
        folder = None if follower.run is None else Path(follower.run)
        return Done(Said(130, "", ""), folder, None)


def concluded(done: Done, follower: Follower, run: Run | None) -> Run:
    """The run, or the error that it ended with."""
    if run is not None:
        run.warnings = list(follower.warnings)
    if done.said.exit_code != 0 or run is None:
        raise _error_of(done, run) from done.error
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
    # The program does not know who serves its functions.
    if run is not None and (hint is None or run.is_served):
        hint = f"error.run is what there is of it: {run.path}; error.run.resume() goes on with it"
    return error_of(code, message, hint, run)
