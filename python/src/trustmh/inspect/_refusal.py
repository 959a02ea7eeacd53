"""How Inspect is told that something was asked for that cannot be."""

from __future__ import annotations

from inspect_ai._util.error import PrerequisiteError

from ..errors import TrustMHError


def refused(message: str, hint: str | None = None) -> PrerequisiteError:
    """The exception that Inspect shows without a trace of calls."""
    # Brackets would be read as marks of its display.
    said = message if hint is None else f"{message}. Hint: {hint}"
    return PrerequisiteError(said.replace("[", "("))


def refusal_of(error: TrustMHError) -> PrerequisiteError:
    """The same of what the program refuses."""
    return refused(error.message, error.hint)
