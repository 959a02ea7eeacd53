"""Runs at work: the program asks, the server answers for the functions."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from ._child import Child
from ._options import OptionValue, words
from ._program import Said, sendable, text
from ._server import Server
from .errors import UsageError
from .progress import Follower
from .replies import Model

#: What these functions have a say in themselves.
RESERVED = ("all", "json", "progress")

#: Beyond this no file name goes; nor does one hold the end of a line.
_FILE_NAME = 200


@dataclass(frozen=True)
class Done:
    """What came of it."""

    said: Said
    #: The run's folder, if it was begun.
    folder: Path | None
    #: What each function raised first, by its name; the first of them stands first.
    errors: Mapping[str, BaseException]


class Work:
    """A run that is to be begun or resumed. Whatever is mistyped is told before it begins."""

    def __init__(
        self,
        line: Sequence[str],
        functions: Mapping[str, Model],
        options: Mapping[str, OptionValue],
        follower: Follower,
        *,
        named: Sequence[str] = (),
    ) -> None:
        command = line[0]
        given = dict(options)
        system = given.get("system") if command == "run" else None
        self._system = None if system is None else _text_of(system)
        if self._system is not None:
            del given["system"]
        named = (*named, "progress", "on_progress")
        own = words(command, given, reserved=RESERVED, named=named)
        self._line = sendable([command, *own, *line[1:]])
        self._functions = functions
        self._most = _connections(options.get("connections"))
        self._follower = follower
        self._child: Child | None = None
        self._interrupted = False

    def execute(self) -> Done:
        """Does it, and waits until it has ended."""
        with ExitStack() as stack:
            follower = stack.enter_context(self._follower)
            line = [*self._line, "--json", "--progress=json"]
            if self._system is not None:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="trustmh-"))
                file = Path(folder) / "system.txt"
                file.write_bytes(self._system.encode("utf-8"))
                line.append(f"--system={file}")
            server = None
            if self._functions:
                server = stack.enter_context(Server(self._functions, self._most))
            self._child = Child(line, server.environment if server else {}, follower.take)
            if self._interrupted:
                self._child.interrupt()
            said = self._child.run()
            folder = None if follower.run is None else Path(follower.run)
            return Done(said, folder, server.first_errors if server else {})

    def interrupt(self) -> None:
        """Lets it finish the calls in flight and record them; the second time it stops at once."""
        self._interrupted = True
        if self._child is not None:
            self._child.interrupt()


def _text_of(system: OptionValue) -> str | None:
    """The text of a system prompt that was given as such; None for a file."""
    if isinstance(system, os.PathLike):
        file = Path(system)
        if not file.exists() or file.is_dir():
            there = "that is a folder" if file.is_dir() else "there is no such file"
            raise UsageError(
                f"system is {str(file)!r}, and {there}",
                hint="a path is taken from the current folder; a text is given as a str",
            )
        return None
    if not isinstance(system, str):
        raise TypeError(
            f"system is a value of type {type(system).__name__}; it must be a text or a path"
        )
    if not system.strip():
        raise UsageError("system is empty", hint="leave it out to ask without a system prompt")
    text("system", system)
    if "\n" in system or len(system) > _FILE_NAME:
        return system
    if Path(system).is_file():
        return None
    if len(system.split()) == 1 and Path(system).suffix:
        raise UsageError(
            f"system is {system!r}: it looks like a file, and there is none",
            hint="give a pathlib.Path to be sure, or a text of more than one word",
        )
    return system


def _connections(given: OptionValue) -> int | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise TypeError(f"connections is {given!r}; it must be a whole number of calls at once")
    return given
