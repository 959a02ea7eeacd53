"""What functions raise, and how it reaches whoever waits for them."""

from __future__ import annotations

import asyncio
from typing import Any

#: The most characters that are told of what an exception says.
MESSAGE_LIMIT = 2_000


def words(error: BaseException) -> str:
    """An exception by its type and what it says; where it was raised is nobody's business."""
    try:
        said = str(error)
    except Exception:
        said = ""
    name = type(error).__name__
    return f"{name}: {said}"[:MESSAGE_LIMIT] if said else name


def held(error: BaseException) -> BaseException:
    """The exception in a form that a future can hold and a coroutine can be told of.

    A future takes no `StopIteration`, and a coroutine that is told of a `GeneratorExit` is closed.
    """
    if not isinstance(error, StopIteration | GeneratorExit):
        return error
    told = RuntimeError(f"the function raised {words(error)}")
    told.__cause__ = error
    return told


def is_cancelled(task: asyncio.Task[Any]) -> bool:
    """Whether the task itself was given up, and not something that a function waited for."""
    cancelling = getattr(task, "cancelling", None)
    return cancelling is None or cancelling() > 0


def running_task() -> asyncio.Task[Any] | None:
    """The task that runs here; none where no loop runs."""
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None
