"""How far a language model can be trusted with someone's mental health, from Python.

    import trustmh

    run = trustmh.run(subject=my_function, tasks="crisis")
    print(run.pillars["crisis"].value)

Everything is done by the program `trustmh` that comes with the package; docs/python.md shows all of
it by examples. Nothing here prints.
"""

from __future__ import annotations

from ._begin import arun, run
from ._program import program, version
from ._run import Run, tasks
from ._run import open_run as open
from .agents import sessions
from .batches import batched
from .comparisons import Comparison
from .errors import (
    CheckFailed,
    IncompleteRun,
    Interrupted,
    ProgramMissing,
    RecordError,
    TrustMHError,
    UnreachableError,
    UsageError,
)
from .gates import Check, Gate
from .progress import Progress
from .replies import Call, Message, RateLimited, Refused, Reply, Usage
from .scores import Metric, Pillar, Task

__all__ = [
    "Call",
    "Check",
    "CheckFailed",
    "Comparison",
    "Gate",
    "IncompleteRun",
    "Interrupted",
    "Message",
    "Metric",
    "Pillar",
    "ProgramMissing",
    "Progress",
    "RateLimited",
    "RecordError",
    "Refused",
    "Reply",
    "Run",
    "Task",
    "TrustMHError",
    "UnreachableError",
    "Usage",
    "UsageError",
    "arun",
    "batched",
    "open",
    "program",
    "run",
    "sessions",
    "tasks",
    "version",
]
