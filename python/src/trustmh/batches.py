"""Functions that answer many conversations at once."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import weakref
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from ._faults import held, is_cancelled
from ._functions import is_async, takes
from ._threads import Threads
from .replies import Call, Message, Reply, reply_of


@dataclass
class _Asked:
    messages: list[Message]
    call: Call
    came: asyncio.Future[Reply]


@dataclass
class _Gathering:
    """What waits for an answer on one loop."""

    waiting: list[_Asked] = field(default_factory=list[_Asked])
    full: asyncio.Event = field(default_factory=asyncio.Event)
    worker: asyncio.Task[None] | None = None


class Batched:
    """What `batched` makes of a function."""

    def __init__(self, function: Callable[..., Any], max_size: int, max_wait: float) -> None:
        if max_size < 1:
            raise ValueError(f"max_size is {max_size}; it must be 1 or more")
        if max_wait < 0:
            raise ValueError(f"max_wait is {max_wait}; it must be 0 seconds or more")
        self.wrapped = function
        self._max_size = max_size
        self._max_wait = max_wait
        self._is_async = is_async(function)
        self._takes_calls = takes(function, "calls")
        self._threads = Threads(1)
        # Runs at the same time have loops of their own, and still share the one function.
        self._alone = threading.Lock()
        self._gatherings: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Gathering]
        self._gatherings = weakref.WeakKeyDictionary()

    @property
    def at_once(self) -> int:
        """Calls that are wanted at once: a batch in work, and one that fills up."""
        return 2 * self._max_size

    async def __call__(self, messages: list[Message], call: Call) -> Reply:
        """Waits until the conversation's batch is answered."""
        loop = asyncio.get_running_loop()
        gathering = self._gatherings.setdefault(loop, _Gathering())
        asked = _Asked(messages, call, loop.create_future())
        gathering.waiting.append(asked)
        if len(gathering.waiting) >= self._max_size:
            gathering.full.set()
        if gathering.worker is None or gathering.worker.done():
            gathering.worker = asyncio.ensure_future(self._work(gathering))
        return await asked.came

    async def _work(self, gathering: _Gathering) -> None:
        batch: list[_Asked] = []
        try:
            while gathering.waiting:
                if len(gathering.waiting) < self._max_size:
                    gathering.full.clear()
                    with contextlib.suppress(asyncio.TimeoutError):
                        await asyncio.wait_for(gathering.full.wait(), self._max_wait)
                # Whoever gave up needs no answer.
                waiting = [asked for asked in gathering.waiting if not asked.came.done()]
                batch, gathering.waiting = waiting[: self._max_size], waiting[self._max_size :]
                if batch:
                    await self._answer(batch)
        except BaseException as error:
            # Nobody else would answer those who wait.
            left, gathering.waiting = [*batch, *gathering.waiting], []
            for asked in left:
                _fail(asked.came, error)
            if isinstance(error, asyncio.CancelledError):
                raise

    async def _answer(self, batch: list[_Asked]) -> None:
        conversations = [asked.messages for asked in batch]
        more = {"calls": [asked.call for asked in batch]} if self._takes_calls else {}

        def ask() -> object:
            with self._alone:
                return self.wrapped(conversations, **more)

        try:
            if self._is_async:
                came = await cast("Awaitable[object]", self.wrapped(conversations, **more))
            else:
                came = await self._threads.run(ask)
            answers = _answers(came, len(batch))
        except BaseException as error:
            worker = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and worker and is_cancelled(worker):
                raise
            for asked in batch:
                _fail(asked.came, error)
            return
        for asked, answer in zip(batch, answers, strict=True):
            if asked.came.done():
                continue
            try:
                if isinstance(answer, BaseException):
                    raise answer
                asked.came.set_result(reply_of(answer))
            except BaseException as error:
                _fail(asked.came, error)


def _fail(came: asyncio.Future[Reply], error: BaseException) -> None:
    if came.done():
        return
    if isinstance(error, asyncio.CancelledError):
        came.cancel()
    else:
        came.set_exception(held(error))


def _answers(came: object, due: int) -> Sequence[object]:
    if isinstance(came, str) or not isinstance(came, Sequence):
        raise TypeError(
            f"the function returned a value of type {type(came).__name__}; "
            "it must return a list with an answer for each conversation"
        )
    answers = cast("Sequence[object]", came)
    if len(answers) != due:
        raise ValueError(f"the function returned {len(answers)} answers to {due} conversations")
    return answers


def batched(function: Callable[..., Any], max_size: int = 16, max_wait: float = 0.02) -> Batched:
    """Makes a subject, judge or client of a function that answers many conversations at once.

    Args:
        function: It takes a list of conversations, each a list of messages, and returns a list of
            as many answers in the same order: text, text and usage, or `Reply`. An exception in
            the place of an answer fails that conversation alone. If it has a parameter of the name
            `calls`, it gets a `Call` for each, too. It may be async; otherwise it runs in a thread
            of its own and never twice at the same time.
        max_size: The most conversations at once.
        max_wait: Seconds that the first of them waits for others.

    Returns:
        A function for `trustmh.run(subject=...)`.
    """
    return Batched(function, max_size, max_wait)
