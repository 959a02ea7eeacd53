"""Functions of the user's, as the server asks them."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, cast, runtime_checkable

from ._faults import held, running_task
from ._threads import Threads
from .replies import Call, Message, Model, Reply, reply_of

#: Calls at once of a function that is not async, and of one that is, where the user does not say.
IN_THREADS = 8
ASYNC = 64


@runtime_checkable
class Remembers(Protocol):
    """A function that keeps something for each conversation."""

    def ended(self, session: str) -> None:
        """The conversation has ended: what is kept of it may go."""


@runtime_checkable
class Takes(Protocol):
    """A function that says how many calls it takes at once."""

    @property
    def at_once(self) -> int: ...


class Function:
    """A function that answers calls, whether it is async or not."""

    def __init__(self, function: Model, most: int | None) -> None:
        self._function = function
        self._is_async = is_async(function)
        self._takes_call = takes(function, "call")
        if most is None:
            usual = ASYNC if self._is_async else IN_THREADS
            most = function.at_once if isinstance(function, Takes) else usual
        self.at_once = most
        self._threads = Threads(most)

    async def answer(self, messages: list[Message], call: Call) -> Reply:
        """Asks the function.

        Raises:
            BaseException: What the function raised; RuntimeError in the place of what would close
                whoever waits for it.
        """
        asking = running_task()
        try:
            return reply_of(await self._asked(messages, call))
        except GeneratorExit as error:
            # Where another task runs, or none, it is no answer: this one is thrown away.
            if asking is None or running_task() is not asking:
                raise
            raise held(error) from error

    async def _asked(self, messages: list[Message], call: Call) -> object:
        more = {"call": call} if self._takes_call else {}
        if self._is_async:
            answer = self._function(messages, **more)
        else:
            answer = await self._threads.run(lambda: self._function(messages, **more))
        if inspect.isawaitable(answer):
            answer = await cast("Awaitable[object]", answer)
        return answer

    def ended(self, session: str) -> None:
        """A conversation has ended."""
        if isinstance(self._function, Remembers):
            self._function.ended(session)

    def close(self) -> None:
        """No more is asked."""
        self._threads.close()


def is_async(function: Callable[..., Any]) -> bool:
    """Whether calling it gives something to be awaited."""
    while isinstance(function, functools.partial):
        function = cast("functools.partial[Any]", function).func
    called = getattr(type(function), "__call__", None)
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(called)


def takes(function: Callable[..., Any], name: str) -> bool:
    """Whether it has a parameter of this name."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
    found = parameters.get(name)
    return found is not None and found.kind is not inspect.Parameter.POSITIONAL_ONLY


def name_of(function: Callable[..., Any]) -> str:
    """The name that a function goes by in the record: its own, of letters, digits and `_.-`."""
    while isinstance(function, functools.partial):
        function = cast("functools.partial[Any]", function).func
    within = getattr(function, "wrapped", None)
    if callable(within):
        return name_of(within)
    name = getattr(function, "__name__", None)
    owner = getattr(function, "__self__", None)
    if not isinstance(name, str):
        name = type(function).__name__
    elif owner is not None and not inspect.ismodule(owner):
        kind = cast("type[Any]", owner if inspect.isclass(owner) else type(owner))
        name = f"{kind.__name__}.{name}"
    name = re.sub(r"[^\w.-]+", "", name, flags=re.ASCII).strip(".-")
    return name or "function"


def _is_one(one: Model, other: Model) -> bool:
    """Whether two are the same function; each look at a method makes another object of it."""
    if inspect.ismethod(one) and inspect.ismethod(other):
        return one.__self__ is other.__self__ and one.__func__ is other.__func__
    return one is other


def named(models: Mapping[str, str | Model | None]) -> tuple[dict[str, str], dict[str, Model]]:
    """The names of models by their part in a run, and the functions among them by name.

    Different functions never share a name: the later one is called by its part, too.
    """
    names: dict[str, str] = {}
    functions: dict[str, Model] = {}
    for part, model in models.items():
        if model is None:
            continue
        if isinstance(model, str):
            names[part] = model
            continue
        if not callable(model):
            raise TypeError(
                f"{part} is a value of type {type(model).__name__}; "
                "it must be a model's name or a function"
            )
        name = name_of(model)
        if not _is_one(functions.get(name, model), model):
            name = f"{name}-{part}"
        functions[name] = model
        names[part] = f"callable/{name}"
    return names, functions
