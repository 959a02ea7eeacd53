"""What goes wrong, by the program's exit codes (docs/exit-codes.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from ._run import Run


class TrustMHError(Exception):
    """The program could not do what it was asked to do.

    Attributes:
        exit_code: How the program ended; None if it did not start or did not end by itself.
        message: What is wrong, as the program says it.
        hint: What to do about it, if the program says so.
        run: The run, where one was begun: what it holds is recorded, and `run.resume()` goes on.
    """

    exit_code: int | None
    message: str
    hint: str | None
    run: Run | None

    documented_code: ClassVar[int | None] = None

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        exit_code: int | None = None,
        run: Run | None = None,
    ) -> None:
        said = message if hint is None else f"{message}\nhint: {hint}"
        super().__init__(said)
        self.message = message
        self.hint = hint
        self.exit_code = self.documented_code if exit_code is None else exit_code
        self.run = run


class CheckFailed(TrustMHError):
    """A check that was asked for does not hold (exit code 1)."""

    documented_code = 1


class UsageError(TrustMHError):
    """Wrong usage, configuration or input (exit code 2)."""

    documented_code = 2


class UnreachableError(TrustMHError):
    """Subject, judge or client cannot be reached, refuses, or fails in every call (exit code 3).

    Where a function failed, what it raised first is the cause of this error.
    """

    documented_code = 3


class IncompleteRun(TrustMHError):
    """Trials are pending, failed, or without a score (exit code 4). `run` is what there is."""

    documented_code = 4


class RecordError(TrustMHError):
    """A record is not as it was written (exit code 5)."""

    documented_code = 5


class Interrupted(TrustMHError, KeyboardInterrupt):
    """The run was interrupted (exit code 130). `run` is what there is of it, if it was begun."""

    documented_code = 130


class ProgramMissing(TrustMHError):
    """The program `trustmh` is not where the package was installed."""


_BY_CODE: dict[int, type[TrustMHError]] = {
    kind.documented_code: kind
    for kind in (CheckFailed, UsageError, UnreachableError, IncompleteRun, RecordError, Interrupted)
    if kind.documented_code is not None
}


def error_of(
    exit_code: int, message: str, hint: str | None = None, run: Run | None = None
) -> TrustMHError:
    """The exception of an exit code."""
    kind = _BY_CODE.get(exit_code, TrustMHError)
    return kind(message, hint=hint, exit_code=exit_code, run=run)
