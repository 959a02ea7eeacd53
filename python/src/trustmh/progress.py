"""How far a run is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, TypeAlias, cast

#: Whether a bar is shown: in notebooks alone (`auto`), always, or never.
Shown: TypeAlias = Literal["auto"] | bool


@dataclass(frozen=True)
class Progress:
    """How far a run is, once a second.

    Attributes:
        trials: Trials that have ended.
        of: Trials that are planned.
        seconds: Since the run was begun or resumed.
        seconds_to_go: An estimate; None before the first trial has ended.
        calls: Calls of this session.
        failures: Calls of this session that failed for good.
        tokens: Tokens of this session.
        dollars: What this session cost, as far as prices are known.
        raw: All that the program says (docs/exit-codes.md).
    """

    trials: int
    of: int
    seconds: float
    seconds_to_go: float | None
    calls: int
    failures: int
    tokens: int
    dollars: float
    raw: dict[str, Any]


@dataclass
class Follower:
    """Takes what the program writes while it is at work, and shows it where that is asked for."""

    shown: Shown = "auto"
    told: Callable[[Progress], None] | None = None
    run: str | None = None
    warnings: list[str] = field(default_factory=list[str])
    _bar: Any = None

    def __enter__(self) -> Follower:
        bar = _bar_class(self.shown)
        if bar is not None:
            self._bar = bar(unit="trial", desc="trustmh", dynamic_ncols=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()

    def take(self, told: dict[str, Any]) -> None:
        """An object that the program wrote."""
        if isinstance(told.get("warning"), str):
            self.warnings.append(told["warning"])
        elif isinstance(told.get("run"), str):
            self.run = told["run"]
        elif "by_pillar" in told:
            self._show(
                Progress(
                    trials=told["trials"],
                    of=told["of"],
                    seconds=told["seconds"],
                    seconds_to_go=told["seconds_to_go"],
                    calls=told["calls"],
                    failures=told["failures"],
                    tokens=told["tokens"],
                    dollars=told["dollars"],
                    raw=told,
                )
            )

    def _show(self, progress: Progress) -> None:
        if self._bar is not None:
            self._bar.total = progress.of
            self._bar.n = progress.trials
            self._bar.set_postfix(calls=progress.calls, failed=progress.failures, refresh=False)
            self._bar.refresh()
        if self.told is not None:
            self.told(progress)


def _bar_class(shown: Shown) -> Callable[..., Any] | None:
    if shown not in ("auto", True, False):
        raise TypeError(f"progress is {shown!r}; it must be 'auto', True or False")
    if shown is False or (shown == "auto" and not _in_notebook()):
        return None
    try:
        from tqdm.auto import tqdm  # pyright: ignore[reportMissingModuleSource,reportMissingTypeStubs,reportUnknownVariableType]
    except ImportError as error:
        if shown is True:
            raise ImportError("a bar needs tqdm: pip install 'trustmh[notebook]'") from error
        return None
    return cast("Callable[..., Any]", tqdm)


def _in_notebook() -> bool:
    """Whether this process is the kernel of a notebook."""
    shell = sys.modules.get("IPython")
    if shell is None:
        return False
    instance = cast(Any, shell).get_ipython()
    return instance is not None and "IPKernelApp" in instance.config
