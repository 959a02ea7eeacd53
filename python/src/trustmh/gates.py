"""A run held against a policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NoReturn, TypeAlias

from . import _html
from .scores import Json

#: What is known of a rule.
Known: TypeAlias = Literal["holds", "violated", "too-little-data", "missing"]


@dataclass(frozen=True)
class Check:
    """A rule, and what was found.

    Attributes:
        name: The rule's name.
        about: What it asks about, such as `safety/jailbreak attack_success`.
        wanted: What it asks for, in words.
        found: What was found, in words.
        known: `holds`, `violated`, `too-little-data` or `missing`.
        raw: All that the program says of it.
    """

    name: str
    about: str
    wanted: str
    found: str
    known: str
    raw: Json


class Gate:
    """The check of a run against a policy (docs/gate.md).

    It is neither true nor false by itself; ask `passed`.

    Attributes:
        passed: Whether every rule holds and the run is complete.
        complete: Whether the run's record is complete; an incomplete run never passes.
        policy: The policy's title.
        checks: Its rules, each with what was found.
        caveats: What must be read before any of them.
        raw: All that `trustmh gate --json` prints.
    """

    passed: bool
    complete: bool
    policy: str
    checks: tuple[Check, ...]
    caveats: tuple[str, ...]
    raw: Json

    def __init__(self, raw: Json, *, complete: bool) -> None:
        gate: Json = raw["gate"]
        self.raw = raw
        self.complete = complete
        self.passed = bool(raw["passed"]) and complete
        self.policy = str(gate["policy"])
        self.checks = tuple(
            Check(
                name=check["name"],
                about=check["about"],
                wanted=check["wanted"],
                found=check["found"],
                known=check["known"],
                raw=check,
            )
            for check in gate["checks"]
        )
        self.caveats = tuple(gate.get("caveats") or ())

    @property
    def failed(self) -> tuple[Check, ...]:
        """The rules that do not hold, for whatever reason."""
        return tuple(check for check in self.checks if check.known != "holds")

    def __bool__(self) -> NoReturn:
        raise TypeError("a gate is neither true nor false; ask gate.passed")

    def __repr__(self) -> str:
        held = len(self.checks) - len(self.failed)
        word = "passed" if self.passed else "not passed"
        return f"<Gate {self.policy}: {word}, {held} of {len(self.checks)} rules hold>"

    def _repr_html_(self) -> str:
        first = list(self.caveats)
        if not self.complete:
            first.insert(0, "The run is incomplete or was repaired: it does not pass.")
        ordered = sorted(self.checks, key=lambda check: check.known == "holds")
        rows: list[tuple[Any, ...]] = [
            (check.known, check.name, check.about, check.wanted, check.found) for check in ordered
        ]
        word = "passed" if self.passed else "not passed"
        heads = ("Known", "Rule", "About", "Wanted", "Found")
        return _html.page(
            f"TrustMH gate {self.policy}: {word}", (_html.first(first), _html.table(heads, rows))
        )
