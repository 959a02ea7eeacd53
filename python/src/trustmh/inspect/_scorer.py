"""The scorer and its metrics: what the program measured on a trial, and what all trials come to."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import anyio.to_thread
from inspect_ai.scorer import Metric, SampleScore, Score, Scorer, Target, Value, metric, scorer
from inspect_ai.solver import TaskState

from . import _messages as messages
from ._parameters import Parameters
from ._session import session
from ._solver import OWN

#: The scorer by the name that logs have.
MEASURES = "measures"

#: Inspect's words for what became of a reply.
_REASONS = {
    "refused": "refusal",
    "unparsed": "invalid_response_format",
    "unanswered": "no_response",
    "failed": "failed",
    "broken-client": "broken_client",
}
_OUTCOMES = ("scored", "refused", "unparsed", "unanswered", "failed", "broken_client")


@metric(name="estimates", scores="unreduced")
def estimates() -> Metric:
    """The task's main metric with its 95 % interval, and what became of the trials.

    The program estimates it from the scores of all samples and epochs, by their clusters, as it
    does for a run of its own.
    """

    def estimated(scores: list[SampleScore]) -> Value:
        own = [own for score in scores if (own := _own(score)) is not None]
        if not own:
            return {}
        known = Parameters.of_json(own[0]["parameters"])
        result = session(known).estimate([one["score"] for one in own])
        return dict(_named(result))

    return estimated


@scorer(metrics=[estimates()], name=MEASURES)
def measures(parameters: dict[str, Any] | None = None) -> Scorer:
    """What the program measures on a trial, beside what became of it.

    Args:
        parameters: `Parameters.as_json()` of the task; None for those that each sample has, so that
            `inspect score --scorer trustmh/measures` needs none.
    """

    async def score(state: TaskState, target: Target) -> Score:
        own = state.metadata[OWN]
        known = Parameters.of_json(parameters or own["parameters"])
        ended = await anyio.to_thread.run_sync(_ended, known, own)
        own["exchanges"] = ended["exchanges"]
        found = ended["score"]
        return Score(
            value={"outcome": ended["outcome"], **found["measures"]},
            answer=ended["answer"],
            explanation="; ".join(ended["notes"]) or None,
            reason=_reason(ended["outcome"], found),
            metadata={OWN: {"score": found, "parameters": known.as_json()}},
        )

    return score


def _ended(known: Parameters, own: dict[str, Any]) -> dict[str, Any]:
    """What the trial is worth. A call that was never made, as the sample was stopped, is broken."""
    step = session(known).next(own["trial"], own["exchanges"])
    while (call := step.get("call")) is not None:
        heard = messages.broken("the sample ended before this call")
        step = session(known).next(own["trial"], call["exchanges"], heard)
    return step["ended"]


def _reason(outcome: str, found: dict[str, Any]) -> str | None:
    if outcome != "scored":
        return _REASONS.get(outcome, outcome)
    return "grader_failed" if _is_gap(found.get("verdict_missing")) else None


def _is_gap(missing: str | None) -> bool:
    return missing not in (None, "not-asked", "not-for-offline-rules")


def _own(score: SampleScore) -> dict[str, Any] | None:
    return (score.score.metadata or {}).get(OWN)


def _named(result: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """The values of a result by name: main metrics with their intervals first, then the others."""
    by_rank = sorted(result["metrics"].items(), key=lambda one: not one[1]["primary"])
    for name, found in by_rank:
        yield name, found["value"]
        if found["primary"]:
            for end in ("low", "high"):
                if (value := found[end]) is not None and math.isfinite(value):
                    yield f"{name}_{end}", value
            yield f"{name}_n", float(found["n"])
    for outcome in _OUTCOMES:
        count = result["outcomes"].get(outcome, 0)
        if count or outcome == "scored":
            yield outcome, float(count)
    yield "pending", float(result["pending"])
