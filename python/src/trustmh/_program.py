"""Finds the program in the installed package, and calls it."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from .errors import ProgramMissing, UsageError, error_of

#: Names another program than the one that was installed with the package.
PROGRAM_VARIABLE = "TRUSTMH_PROGRAM"

_NAME = "trustmh" + (sysconfig.get_config_var("EXE") or "")


class Said(NamedTuple):
    """What the program wrote, and how it ended."""

    exit_code: int
    out: str
    err: str


def program() -> Path:
    """The path of the program `trustmh` that belongs to this package.

    Raises:
        ProgramMissing: It is not there.
    """
    named = os.environ.get(PROGRAM_VARIABLE)
    if named:
        if not Path(named).is_file():
            raise ProgramMissing(f"{PROGRAM_VARIABLE} names {named}, which is no file")
        return Path(named)
    for folder in _folders():
        if (found := folder / _NAME).is_file():
            return found
    raise ProgramMissing(
        f"the program {_NAME} is not in {sysconfig.get_path('scripts')}",
        hint=f"install the package again, or name the program by {PROGRAM_VARIABLE}",
    )


def _folders() -> Iterator[Path]:
    yield Path(sysconfig.get_path("scripts"))
    user = "nt_user" if os.name == "nt" else "posix_user"
    if sys.platform == "darwin" and sysconfig.get_config_var("PYTHONFRAMEWORK"):
        user = "osx_framework_user"
    if user in sysconfig.get_scheme_names():
        yield Path(sysconfig.get_path("scripts", scheme=user))
    # `pip install --target DIR` puts it beside the module.
    yield Path(__file__).resolve().parent.parent / ("Scripts" if os.name == "nt" else "bin")


def call(
    words: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    given: str | None = None,
    accepted: Sequence[int] = (0,),
) -> Said:
    """Calls the program and waits for it; nothing is printed.

    Args:
        words: The arguments, such as `["tasks", "list", "--json"]`.
        environment: Variables that are set for it besides those of this process.
        given: What it reads from its standard input.
        accepted: The exit codes that are no error to the caller.

    Raises:
        UsageError: An argument holds what cannot be handed on.
        TrustMHError: It ended with another exit code; the subclass says which.
    """
    done = subprocess.run(
        [str(program()), *sendable(words)],
        env={**os.environ, **(environment or {})},
        input=given,
        stdin=subprocess.DEVNULL if given is None else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    said = Said(done.returncode, done.stdout, done.stderr)
    if said.exit_code not in accepted:
        message, hint = told(said.err)
        raise error_of(said.exit_code, message, hint)
    return said


def sendable(words: Sequence[str]) -> list[str]:
    """The words, if the system can hand them to a program.

    Raises:
        UsageError: One holds a character of which no argument can be made.
    """
    for word in words:
        option, _, _ = word.partition("=")
        is_option = word.startswith("--")
        of = option.removeprefix("--").replace("-", "_") if is_option else repr(word)
        # A path may hold bytes that are no text.
        _checked(of, word, os.fsencode)
    return list(words)


def text(name: str, value: str) -> str:
    """The value of an option that is text, if it can be handed to a program.

    Raises:
        UsageError: It holds a character that is none.
    """
    _checked(name, value, str.encode)
    return value


def _checked(name: str, value: str, encoded: Callable[[str], bytes]) -> None:
    try:
        encoded(value)
        what = "a NUL character" if "\0" in value else None
    except UnicodeEncodeError as error:
        what = f"half a character ({value[error.start]!r})"
    if what is not None:
        raise UsageError(
            f"{name} holds {what}, which cannot be handed to the program",
            hint="take it out of the text",
        )


def told(err: str) -> tuple[str, str | None]:
    """The message and the hint of what the program wrote to its standard error."""
    message: list[str] = []
    hint: list[str] = []
    notes: list[str] = []
    into = notes
    for line in err.splitlines():
        if line.startswith("error: "):
            message.append(line.removeprefix("error: "))
            into = message
        elif line.startswith("hint: "):
            hint.append(line.removeprefix("hint: "))
            into = hint
        elif line.strip():
            into.append(line)
    # What a run that ended says of itself stands behind what it was begun with.
    said = message or notes[1:] or notes or ["the program said nothing"]
    return "\n".join(said), "\n".join(hint) or None


@functools.cache
def version() -> str:
    """The version of the program, such as `0.1.0`."""
    said = call(["--version"]).out
    found = re.search(r"\d+\.\d+\.\d+\S*", said)
    return found.group() if found else said.strip()
