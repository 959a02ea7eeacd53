"""TrustMH's tasks in Inspect AI: `inspect eval trustmh/ethics/reasoning`.

Inspect asks the model, the program `trustmh` says what is asked and what it is worth. Importing
this module registers a task of Inspect for each task of the benchmark, besides `trustmh/task` for
tasks of one's own; docs/inspect.md has the commands. It needs the package `inspect-ai`
(`trustmh[inspect]`).
"""

from __future__ import annotations

from ._parameters import Parameters
from ._scorer import estimates, measures
from ._solver import walk
from ._tasks import own_task, registered, task_of

__all__ = [
    "Parameters",
    "estimates",
    "measures",
    "own_task",
    "registered",
    "task_of",
    "walk",
]
