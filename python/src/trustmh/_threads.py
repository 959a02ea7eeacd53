"""Threads for functions that are not async."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from typing import TypeVar

from ._faults import held

Value = TypeVar("Value")


class Threads:
    """A few threads that call functions, one call after the other each.

    Unlike those of `concurrent.futures` they hold nobody up who leaves: the interpreter does not
    wait for a function that hangs.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._begun = 0
        self._under_way = 0
        self._lock = threading.Lock()
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()

    async def run(self, function: Callable[[], Value]) -> Value:
        """Calls `function` in a thread and gives what it returns or raises."""
        loop = asyncio.get_running_loop()
        came: asyncio.Future[Value] = loop.create_future()

        def settle(error: BaseException | None, value: Value | None) -> None:
            if came.done():
                return
            if error is None:
                came.set_result(value)  # pyright: ignore[reportArgumentType]
            else:
                came.set_exception(held(error))

        def work() -> None:
            error, value = None, None
            if not came.cancelled():
                try:
                    value = function()
                except BaseException as raised:
                    error = raised
            # Where the loop was closed nobody waits any more.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, error, value)

        with self._lock:
            self._under_way += 1
            if self._begun < min(self._under_way, self._most):
                self._begun += 1
                name = f"trustmh-{self._begun}"
                threading.Thread(target=self._live, name=name, daemon=True).start()
        self._work.put(work)
        return await came

    def close(self) -> None:
        """Lets the threads end when they are done with what they do."""
        with self._lock:
            for _ in range(self._begun):
                self._work.put(None)
            self._begun = 0

    def _live(self) -> None:
        while (work := self._work.get()) is not None:
            work()
            del work
            with self._lock:
                self._under_way -= 1
