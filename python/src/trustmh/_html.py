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


def number(value: float | None) -> str:
    """A number for people."""
    return "–" if value is None else f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def interval(low: float | None, high: float | None) -> str:
    """A 95 % interval for people."""
    if low is None or high is None:
        return "no interval"
    return f"{number(low)} to {number(high)}"
