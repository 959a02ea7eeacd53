"""A run's scorecard with types; docs/scorecard.md says what each field means."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, TypeAlias, TypeVar

#: JSON as the program writes it.
Json: TypeAlias = dict[str, Any]

Value = TypeVar("Value")

Direction: TypeAlias = Literal["higher", "lower", "near-zero", "none"]


@dataclass(frozen=True)
class Metric:
    """A number with its 95 % interval.

    Attributes:
        name: Its name in the task, such as `accuracy`.
        title: What it is, for people.
        value: The estimate.
        low: Lower end of the interval; None where the data support none.
        high: Upper end of the interval; None where the data support none.
        n: Trials that it rests on.
        direction: Which way is better.
        primary: Whether the task is ranked by it.
        method: How the interval was made.
        raw: All that the scorecard has of it.
    """

    name: str
    title: str
    value: float
    low: float | None
    high: float | None
    n: int
    direction: Direction
    primary: bool
    method: str | None
    raw: Json


@dataclass(frozen=True)
class Task:
    """A task's part of a scorecard.

    Attributes:
        name: Its id, such as `crisis/severity`.
        title: What it is, for people.
        n: Its trials.
        pending: Trials that have not ended.
        outcomes: How the others ended: `scored`, `refused`, `unparsed`, `unanswered`, `failed`,
            `broken_client`; and `cut`, how many of the unanswered ended at their token limit.
        metrics: Its numbers by name.
        not_scored: Why others have no number, by name.
        caveats: What must be read before any of them.
        raw: All that the scorecard has of it.
    """

    name: str
    title: str
    n: int
    pending: int
    outcomes: Mapping[str, int]
    metrics: Mapping[str, Metric]
    not_scored: Mapping[str, str]
    caveats: tuple[str, ...]
    raw: Json

    @property
    def primary(self) -> Metric | None:
        """The metric that the task is ranked by; None where it was not scored."""
        return next((metric for metric in self.metrics.values() if metric.primary), None)


@dataclass(frozen=True)
class Pillar:
    """A pillar's score, from 0 to 100, with its 95 % interval.

    Attributes:
        name: Its short name, such as `crisis`.
        value: The score; None where tasks are missing or not scored.
        low: Lower end of the interval, if there is one.
        high: Upper end of the interval, if there is one.
        missing: The tasks without which there is no score.
        title: What it is, for people; the name where the scorecard says no more.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    missing: tuple[str, ...]
    title: str


class NoSuchName(KeyError):
    """What was asked for is not there; the message lists what is."""

    def __str__(self) -> str:
        # A KeyError shows its message in quotes.
        return str(self.args[0])


class Named(dict[str, Value]):
    """A dict that says what there is where a name is not in it."""

    def __init__(self, what: str, found: Mapping[str, Value]) -> None:
        super().__init__(found)
        self._what = what

    def __missing__(self, name: str) -> NoReturn:
        near = difflib.get_close_matches(str(name), self, n=1, cutoff=0.6)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        there = ", ".join(self) or "none"
        raise NoSuchName(f"there is no {self._what} {name!r}{hint}; there are: {there}")


def tasks_of(card: Json) -> dict[str, Task]:
    """The tasks of a scorecard, in its order."""
    return Named("task", {name: _task(name, task) for name, task in card["tasks"].items()})


def pillars_of(card: Json) -> dict[str, Pillar]:
    """The pillars of a scorecard, those without a score last."""
    scored: Json = card.get("pillars") or {}
    unscored: dict[str, list[str]] = card.get("pillars_without_score") or {}
    pillars = {
        name: Pillar(
            name=name,
            value=score["value"],
            low=score.get("low"),
            high=score.get("high"),
            missing=(),
            title=score.get("title") or name,
        )
        for name, score in scored.items()
    }
    for name, missing in unscored.items():
        pillars[name] = Pillar(name, None, None, None, tuple(missing), name)
    return Named("pillar", pillars)


def _task(name: str, task: Json) -> Task:
    metrics: Json = task["metrics"]
    return Task(
        name=name,
        title=task.get("title") or name,
        n=task["n"],
        pending=task["pending"],
        outcomes=task["outcomes"],
        metrics=Named("metric", {one: _metric(one, found) for one, found in metrics.items()}),
        not_scored=task.get("not_scored") or {},
        caveats=tuple(task.get("caveats") or ()),
        raw=task,
    )


def _metric(name: str, metric: Json) -> Metric:
    return Metric(
        name=name,
        title=metric.get("title") or name,
        value=metric["value"],
        low=metric.get("low"),
        high=metric.get("high"),
        n=metric["n"],
        direction=metric["direction"],
        primary=metric["primary"],
        method=metric.get("method"),
        raw=metric,
    )
