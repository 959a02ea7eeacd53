"""A run's folder, read without the program: what was planned, and what its calls came to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast

from .errors import RecordError, UsageError
from .scores import Json

#: What stands for the reason of a failed call whose words were forgotten, as in the report.
FORGOTTEN = "what went wrong was forgotten with the replies"


def manifest(path: Path) -> Json:
    """What was planned.

    Raises:
        UsageError: The file cannot be read, or is no JSON object.
    """
    hint = "it is written once, when a run begins: take it from a copy of the run"
    try:
        planned: object = json.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint=hint) from error
    except ValueError as error:
        raise UsageError(f"{path} is not JSON: {error}", hint=hint) from error
    if not isinstance(planned, dict):
        raise UsageError(f"{path} holds {type(planned).__name__} and no JSON object", hint=hint)
    return cast("Json", planned)


def journal(path: Path) -> Iterator[Json]:
    """The lines of a journal.

    Raises:
        UsageError: The file cannot be read.
        RecordError: A line of it is no event.
    """
    try:
        lines = path.open("rb")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    with lines:
        for number, line in enumerate(lines, 1):
            # The last line of a run that was killed may be torn.
            if not line.endswith(b"\n"):
                return
            try:
                event: object = json.loads(line)
            except ValueError as error:
                raise _damaged(path, number) from error
            if not isinstance(event, dict):
                raise _damaged(path, number)
            yield cast("Json", event)


def _damaged(path: Path, number: int) -> RecordError:
    return RecordError(
        f"{path}: line {number} is no event",
        hint=f"`trustmh repair {path.parent}` makes a run of the lines that are whole",
    )


def failures(lines: Iterable[Json]) -> dict[str, int]:
    """How many calls failed for good, by reason, the most common first.

    A call that was made again stands for the one that failed.
    """
    failed: dict[tuple[str, str], str] = {}
    for line in lines:
        event = _part(line, "event")
        left = _part(_part(event, "forgotten"), "left")
        call = _part(event, "call") or _part(event, "reuse") or _part(left, "call")
        if not call:
            continue
        which = (str(call["trial"]), json.dumps(call["purpose"], sort_keys=True))
        end = _part(call, "end")
        if "broken" in end:
            failed[which] = str(_part(end, "broken").get("message", FORGOTTEN))
        else:
            failed.pop(which, None)
    return dict(Counter(failed.values()).most_common())


def models(planned: Json) -> dict[str, str]:
    """The names of models by their part in a run."""
    judge: object = _part(planned, "judge").get("name")
    found: dict[str, object] = {
        "subject": _part(planned, "subject").get("id"),
        "client": _part(planned, "client").get("id"),
        # A judge that is no model is named by a word.
        "judge": cast("Json", judge).get("model") if isinstance(judge, dict) else None,
    }
    return {part: name for part, name in found.items() if isinstance(name, str)}


def _part(whole: Json, name: str) -> Json:
    """The object under this name; an empty one where there is none."""
    part: object = whole.get(name)
    return cast("Json", part) if isinstance(part, dict) else {}
