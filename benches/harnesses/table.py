"""What came of each harness, as a table and as JSON."""

from __future__ import annotations

import dataclasses
import statistics
from dataclasses import dataclass

from .harness import CONNECTIONS, Way

MARK = " !"


@dataclass(frozen=True)
class Run:
    """One run of a harness."""

    seconds: float
    peak_mb: float
    answered: int
    correct: int
    #: Requests that reached the server; 0 for a callable.
    served: int


@dataclass(frozen=True)
class Row:
    """A harness in one way, over its repeats."""

    harness: str
    version: str
    way: Way
    questions: int
    #: What a subject that always chooses A gets right.
    expected: int
    #: Seconds of the same command with a single question.
    one_question: float
    runs: list[Run]

    def faults(self) -> list[str]:
        """What is not as it has to be, run by run."""
        faults = []
        for number, run in enumerate(self.runs, 1):
            served = self.questions if self.way is Way.SERVER else 0
            for what, found, right in (
                ("answered", run.answered, self.questions),
                ("correct", run.correct, self.expected),
                ("requests at the server", run.served, served),
            ):
                if found != right:
                    faults.append(f"{self.harness} ({self.way.value}), run {number}: {what} {found}, not {right}")
        return faults


def extremes(values: list[float]) -> dict[str, float]:
    """Least, median and most."""
    return {"min": min(values), "median": statistics.median(values), "max": max(values)}


def spread(values: list[float], digits: int) -> str:
    """Median, with least and most in brackets if there are several."""
    median = f"{statistics.median(values):,.{digits}f}"
    if len(values) == 1:
        return median
    return f"{median} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


def cells(row: Row) -> list[str]:
    """A row of the table."""
    rates = [row.questions / run.seconds for run in row.runs]

    def counted(values: set[int], right: int) -> str:
        return "/".join(f"{value:,}" for value in sorted(values)) + ("" if values == {right} else MARK)

    return [
        row.harness,
        row.version,
        row.way.value,
        f"{row.questions:,}",
        counted({run.answered for run in row.runs}, row.questions),
        counted({run.correct for run in row.runs}, row.expected),
        spread([run.seconds for run in row.runs], 2),
        f"{row.one_question:.2f}",
        spread(rates, 0),
        f"{max(run.peak_mb for run in row.runs):,.0f}",
    ]


HEAD = ["harness", "version", "subject", "questions", "answered", "correct", "seconds", "with 1", "a second", "MB"]
#: Columns of words; the others are numbers, set to the right.
WORDS = 3


def table(rows: list[Row]) -> str:
    """A Markdown table whose columns are aligned."""
    lines = [HEAD, *map(cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines)]

    def line(words: list[str]) -> str:
        set_out = [
            word.ljust(width) if place < WORDS else word.rjust(width)
            for place, (word, width) in enumerate(zip(words, widths))
        ]
        return "| " + " | ".join(set_out) + " |"

    rule = ["-" * width if place < WORDS else "-" * (width - 1) + ":" for place, width in enumerate(widths)]
    return "\n".join([line(HEAD), "| " + " | ".join(rule) + " |", *map(line, lines[1:])])


def document(
    rows: list[Row], left_out: dict[str, str], failed: dict[str, str], machine: dict[str, object]
) -> dict[str, object]:
    """The same with every run, to be kept."""
    return {
        "machine": machine,
        "connections": CONNECTIONS,
        "rows": [
            {
                **dataclasses.asdict(row),
                "way": row.way.value,
                "seconds": extremes([run.seconds for run in row.runs]),
                "per_second": extremes([row.questions / run.seconds for run in row.runs]),
                "faults": row.faults(),
            }
            for row in rows
        ],
        "left_out": left_out,
        "failed": failed,
    }
