"""Runs beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

from . import _html
from .frames import Library, library, of_rows
from .scores import Json

if TYPE_CHECKING:
    import pandas
    import polars


class Comparison:
    """Differences of runs on the trials that they share, second minus first.

    Attributes:
        raw: All that `trustmh compare --all --json` prints: `pairs`, `runs`, `standings`, `pillars`
            and `overall`.
    """

    raw: Json

    def __init__(self, raw: Json) -> None:
        self.raw = raw

    @property
    def pairs(self) -> list[Json]:
        """Each two runs: `first`, `second`, what they differ in, and their `tasks`."""
        return self.raw["pairs"]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A row for each metric of each task of each pair; `to_frame` makes a table of them."""
        return [
            {
                "first_run": pair["first"]["run"],
                "second_run": pair["second"]["run"],
                "task": task,
                "metric": name,
                "title": metric.get("title") or name,
                "primary": bool(metric["primary"]),
                "direction": metric["direction"],
                "first": metric["first"],
                "second": metric["second"],
                "difference": metric.get("difference"),
                "low": metric.get("low"),
                "high": metric.get("high"),
                "n": metric.get("n"),
                "p": metric.get("p"),
                "p_corrected": metric.get("p_corrected"),
                "verdict": metric.get("verdict"),
            }
            for pair in self.pairs
            for task, compared in pair["tasks"].items()
            for name, metric in compared["metrics"].items()
        ]

    @property
    def caveats(self) -> list[str]:
        """What the runs differ in, and what could not be compared."""
        said: list[str] = []
        for pair in self.pairs:
            # Of one pair everybody knows which.
            of = f"{_pair(pair)}: " if len(self.pairs) > 1 else ""
            differs = pair.get("differs", [])
            said += [f"{of}The runs differ in: {_words(what)}" for what in differs]
            for task, compared in pair["tasks"].items():
                if not compared["metrics"]:
                    said.append(f"{of}{task}: nothing could be compared")
        return said

    @overload
    def to_frame(self, as_: Literal["pandas"]) -> pandas.DataFrame: ...
    @overload
    def to_frame(self, as_: Literal["polars"]) -> polars.DataFrame: ...
    @overload
    def to_frame(self, as_: None = None) -> Any: ...
    def to_frame(self, as_: Library | None = None) -> Any:
        """The differences as a table, a row for each metric of each task of each pair.

        Columns: `first_run`, `second_run`, `task`, `metric`, `title`, `primary`, `direction`,
        `first`, `second`, `difference`, `low`, `high`, `n`, `p`, `p_corrected`, `verdict`.

        Args:
            as_: `pandas` or `polars`; whichever is installed if it is not said, pandas first.

        Raises:
            ImportError: It is not installed.
        """
        return of_rows(self.rows, library(as_))

    def __repr__(self) -> str:
        runs = ", ".join(run["run"] for run in self.raw["runs"])
        return f"<Comparison of {runs}>"

    def _repr_html_(self) -> str:
        numbers = ("First", "Second", "Second minus first", "95 % interval", "n")
        heads = ("Task", "Metric", *numbers, "Direction", "Corrected p", "Verdict")
        several = len(self.pairs) > 1
        if several:
            heads = ("Runs", *heads)
        rows = [
            (
                *([f"{row['first_run']} and {row['second_run']}"] if several else []),
                row["task"],
                row["title"],
                _html.number(row["first"]),
                _html.number(row["second"]),
                _html.number(row["difference"]),
                _html.interval(row["low"], row["high"]),
                _html.count(row["n"]),
                _html.direction(row["direction"]),
                _html.chance(row["p_corrected"]),
                _html.verdict(row["verdict"]),
            )
            for row in self.rows
            if row["primary"]
        ]
        runs = [f"{run['run']} ({run['subject']})" for run in self.raw["runs"]]
        return _html.page(
            "TrustMH: " + " and ".join(runs),
            (_html.first(self.caveats), _html.table(heads, rows)),
        )


def _pair(pair: Json) -> str:
    return f"{pair['first']['run']} and {pair['second']['run']}"


def _words(what: object) -> str:
    if isinstance(what, dict):
        return ", ".join(f"{name} {value}" for name, value in what.items())  # pyright: ignore[reportUnknownVariableType]
    return str(what)
