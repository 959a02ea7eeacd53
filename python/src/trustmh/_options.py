"""Options of the program, by its own list."""

from __future__ import annotations

import difflib
import functools
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, Union, cast

from ._program import call, text
from .errors import UsageError

_Scalar: TypeAlias = Union[str, int, float, "os.PathLike[str]"]

#: What an option may be given as.
OptionValue: TypeAlias = _Scalar | bool | Sequence[_Scalar] | Mapping[str, Any] | None


@dataclass(frozen=True)
class Option:
    """An option of a command."""

    name: str
    takes: str
    value: str
    choices: tuple[str, ...]


@functools.cache
def _reference() -> dict[tuple[str, ...], dict[str, Option]]:
    said = json.loads(call(["reference", "--json"]).out)
    return {
        tuple(command["command"]): {
            option["name"]: Option(
                option["name"], option["takes"], option["value"], tuple(option["choices"])
            )
            for option in command["options"]
        }
        for command in said["commands"]
    }


def known(command: str) -> frozenset[str]:
    """The names of a command's options, with underscores."""
    return frozenset(name.replace("-", "_") for name in _reference()[tuple(command.split())])


def words(
    command: str,
    options: Mapping[str, OptionValue],
    *,
    reserved: Iterable[str] = (),
    named: Iterable[str] = (),
) -> list[str]:
    """The options as words of a command line.

    Args:
        command: The command, such as `run`.
        options: Their values by their names with underscores, such as `max_cost=1`. True sets an
            option that takes no value; None and False leave an option out. A mapping sets fields,
            such as `subject_option={"top_p": 0.9}`; a list gives an option several times.
        reserved: Names that are no options here, for the function has a say in them itself.
        named: Parameters that the function has by name: no options here either, and what a mistyped
            option may have been meant as.

    Raises:
        TypeError: The command has no such option, or its value is of no kind that it takes.
        UsageError: A field is a number that JSON does not have, or a text holds what is none.
    """
    there = _reference()[tuple(command.split())]
    there = {name.replace("-", "_"): option for name, option in there.items()}
    named = tuple(named)
    for name in {"help", "version", *reserved, *named}:
        there.pop(name, None)
    line: list[str] = []
    for name, value in options.items():
        option = there.get(name)
        if option is None:
            raise TypeError(_unknown(command, name, (*named, *there)))
        line.extend(_given(option, name, value))
    return line


def _unknown(command: str, name: str, there: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, there, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]!r}?" if near else f"`trustmh {command} --help` lists them"
    return f"trustmh {command} has no option {name!r}; {hint}"


def _given(option: Option, name: str, value: OptionValue) -> list[str]:
    if value is None or value is False:
        return []
    if option.takes == "nothing":
        if value is True:
            return [f"--{option.name}"]
        raise TypeError(f"{name} is {value!r}; it takes no value: give True or False")
    if value is True:
        raise TypeError(f"{name} is True; it takes a value ({option.value})")
    if isinstance(value, Mapping):
        if "=" not in option.value:
            raise TypeError(f"{name} is a mapping; it takes a value ({option.value})")
        return [f"--{option.name}={key}={_field(name, key, one)}" for key, one in value.items()]
    if isinstance(value, Sequence) and not isinstance(value, str):
        if option.takes != "values":
            raise TypeError(f"{name} is a list; it takes one value ({option.value})")
        return [f"--{option.name}={_text(name, one)}" for one in value]
    return [f"--{option.name}={_text(name, value)}"]


def _field(name: str, key: str, value: object) -> str:
    """A field of a request: JSON, so that text stays text where it looks like a number."""
    try:
        said = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except TypeError as error:
        raise TypeError(f"{name}: the field {key!r} cannot be written as JSON: {error}") from error
    except ValueError as error:
        raise UsageError(
            f"{name}: the field {key!r} is {value!r}, which JSON cannot say",
            hint="give a finite number, or None",
        ) from error
    return text(name, said)


def _text(name: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float | os.PathLike):
        raise TypeError(
            f"{name} is a value of type {type(value).__name__}; it takes text or numbers"
        )
    if isinstance(value, os.PathLike):
        return os.fspath(cast("os.PathLike[str]", value))
    return text(name, str(value))
