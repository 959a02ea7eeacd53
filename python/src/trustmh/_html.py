"""Pieces of HTML for notebooks. Whatever stands in them is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

#: So many caveats are shown; the report has them all.
CAVEATS = 4


def page(title: str, parts: Iterable[str]) -> str:
    """Parts under a title."""
    return f"<div><p><strong>{escape(title)}</strong></p>{''.join(parts)}</div>"


def first(sentences: Sequence[str]) -> str:
    """What must be read before the numbers."""
    shown = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences[:CAVEATS])
    more = len(sentences) - CAVEATS
    if more > 0:
        shown += f"<li>and {more} more</li>"
    return f"<ul>{shown}</ul>" if shown else ""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of texts."""
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def note(text: str) -> str:
    """A line below."""
    return f"<p><small>{escape(text)}</small></p>"


#: What is better, as reports say it.
_DIRECTIONS = {
    "higher": "higher is better",
    "lower": "lower is better",
    "near-zero": "closer to 0 is better",
    "none": "neither way is better",
}

#: What a difference amounts to, as reports say it.
_VERDICTS = {
    "better": "second is better",
    "worse": "second is worse",
    "not-separated": "not told apart",
    "untested": "not tested",
}


def direction(name: str) -> str:
    """Which way is better, for people."""
    return _DIRECTIONS.get(name, name)


def verdict(name: str | None) -> str:
    """A verdict on the second of two runs, for people."""
    return "" if name is None else _VERDICTS.get(name, name)


def chance(p: float | None) -> str:
    """A p value for people: below .001 only that."""
    return "–" if p is None else "< .001" if p < 0.001 else f"{p:.3f}"


def count(n: int | None) -> str:
    """A count for people."""
    return "–" if n is None else str(n)


def number(value: float | None) -> str:
    """A number for people."""
    return "–" if value is None else f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def interval(low: float | None, high: float | None) -> str:
    """A 95 % interval for people."""
    if low is None or high is None:
        return "no interval"
    return f"{number(low)} to {number(high)}"
