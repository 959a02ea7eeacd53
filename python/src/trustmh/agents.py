"""Agents that remember what was said to them."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

from ._functions import IN_THREADS, takes
from ._threads import Threads
from .replies import Call, Message, Reply, reply_of

#: Agents that are kept at once; of one that is forgotten the history builds another.
KEPT = 4096


@dataclass
class _Agent:
    answers: Callable[..., Any]
    #: The messages that it has lived through.
    lived: list[Message]


class Sessions:
    """What `sessions` makes of a factory."""

    def __init__(self, factory: Callable[[list[Message]], Callable[..., Any]]) -> None:
        try:
            inspect.signature(factory).bind([])
        except TypeError as error:
            raise TypeError(
                "the factory of an agent takes one argument, the messages of its conversation "
                "so far: they are there where a conversation begins with instructions, or goes on "
                "after a resume"
            ) from error
        except ValueError:
            # Written in C: it will tell.
            pass
        self.wrapped = factory
        self._threads = Threads(IN_THREADS)
        self._agents: OrderedDict[str, _Agent] = OrderedDict()

    @property
    def at_once(self) -> int:
        """Calls at once; those of one conversation come one after the other."""
        return IN_THREADS

    async def __call__(self, messages: list[Message], call: Call) -> Reply:
        """Tells the conversation's agent the last message."""
        *before, last = messages
        # Taken out: an agent that fails half way is not asked again.
        agent = self._agents.pop(call.session, None)
        if agent is None or agent.lived != before:
            made = await self._threads.run(lambda: self.wrapped(list(before)))
            made = await made if inspect.isawaitable(made) else made
            if not callable(made):
                raise TypeError(
                    f"the factory returned a value of type {type(made).__name__}; "
                    "it must return a function from a message to a reply"
                )
            agent = _Agent(made, [])
        answers, text = agent.answers, last["content"]
        more = {"call": call} if takes(answers, "call") else {}
        answer: object = await self._threads.run(lambda: answers(text, **more))
        reply = reply_of(
            await cast("Awaitable[object]", answer) if inspect.isawaitable(answer) else answer
        )
        agent.lived = [*messages, {"role": "assistant", "content": reply.text}]
        self._agents[call.session] = agent
        while len(self._agents) > KEPT:
            self._agents.popitem(last=False)
        return reply

    def ended(self, session: str) -> None:
        """The conversation has ended: its agent may go."""
        self._agents.pop(session, None)


def sessions(factory: Callable[[list[Message]], Callable[..., Any]]) -> Sessions:
    """Makes a subject of an agent that remembers: each conversation gets an agent of its own.

    The agent is told each message of the other side once, and keeps what it needs itself. It is
    kept as long as its conversation goes on exactly as it has lived it. A conversation that is at a
    later turn (after a resume, or where another trial has asked the same before) gets a fresh agent
    that knows its history.

    Args:
        factory: It takes the messages so far, a list of `{"role", "content"}` that holds at most a
            system message where a conversation begins, and returns the agent: a function from the
            text of a message to a reply (text, text and usage, or `Reply`). Both may be async.

    Returns:
        A function for `trustmh.run(subject=...)`.

    Raises:
        TypeError: The factory takes no history.
    """
    return Sessions(factory)
