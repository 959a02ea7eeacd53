"""A task of Inspect for each task of the benchmark, made from what the program lists."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from typing import Any

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.log import HeadlineMetric

from .._program import call
from ..errors import TrustMHError
from . import _messages as messages
from ._parameters import Parameters, resolved
from ._refusal import refusal_of, refused
from ._scorer import MEASURES, measures
from ._session import Session, session
from ._solver import OWN, walk

_logger = logging.getLogger(__name__)

_STARTER = "starter"


def task_of(parameters: Parameters) -> Task:
    """The task of Inspect with these parameters.

    Raises:
        PrerequisiteError: The program refuses them.
    """
    try:
        asked = session(parameters)
        plan = asked.plan()
        trials = list(asked.trials())
        samples = [_sample(asked, plan, one) for one in trials]
    except TrustMHError as error:
        raise refusal_of(error) from None
    source = plan["source"]
    name = source["dataset"]
    if source["origin"] == _STARTER:
        name = f"{name} (starter items: no evidence about a model)"
        _logger.warning(
            "%s asks starter items of TrustMH, which are for trying it and no evidence about a"
            " model; -T data=DIR asks the published ones",
            plan["task"],
        )
    written = parameters.as_json()
    return Task(
        dataset=MemoryDataset(samples, name=name),
        solver=walk(parameters=written),
        scorer=measures(parameters=written),
        version=plan["version"],
        metadata=_metadata(plan, parameters, [one["trial"]["id"] for one in trials]),
        description=plan["title"],
        # Its first metric, which is the one that the task is ranked by. Inspect also looks while
        # nothing is scored yet, when no metric has its name, and would warn of one named here.
        headline_metric=HeadlineMetric(scorer=MEASURES),
    )


def _metadata(plan: dict[str, Any], parameters: Parameters, names: list[str]) -> dict[str, Any]:
    """What a log says of the task: first what a reader must know, then what brings the run back."""
    source = plan["source"]
    return {
        "caveats": plan["caveats"],
        "items": source["origin"],
        "judge": plan["judged_by"],
        "protocol": plan["protocol"],
        "capped": plan.get("capped"),
        OWN: {
            "program": plan["program"],
            "task": plan["task"],
            "version": plan["version"],
            "digest": plan["digest"],
            "prompts": plan["prompts"],
            "rubrics": plan["rubrics"],
            "protocol": plan["protocol"],
            "judge": plan["judge"],
            "client": plan["client"],
            "seed": plan["seed"],
            "source": source,
            "plan": _planned(plan, parameters, names),
        },
    }


def _planned(plan: dict[str, Any], parameters: Parameters, names: list[str]) -> dict[str, Any]:
    """What is to be asked in each epoch, so that a run made of the log knows what is missing.

    `--limit` and `--sample-id` of Inspect leave out trials of the plan and do not change it.
    """
    caps = {
        "items": parameters.items,
        "trials": parameters.trials,
        "reply_budget": parameters.reply_tokens,
        "context": parameters.context,
    }
    return {
        "trials": plan["trials"],
        "names": hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest(),
        "caps": {name: value for name, value in caps.items() if value is not None},
    }


def _sample(asked: Session, plan: dict[str, Any], one: dict[str, Any]) -> Sample:
    trial = one["trial"]
    begin: list[dict[str, str]] = trial["messages"]
    if not begin:
        # In a conversation the client speaks first, where it needs no call.
        step = asked.next(trial, [])
        begin = step["call"]["messages"] if step.get("call", {}).get("role") == "subject" else []
    judge: str | dict[str, str] = plan["judge"]
    return Sample(
        id=trial["id"].removeprefix(f"{plan['task']}:"),
        input=messages.chat(begin) or "(the client speaks first)",
        target=one.get("key") or "",
        metadata={
            OWN: {
                "trial": trial,
                "exchanges": [],
                "parameters": asked.parameters.as_json(),
                "protocol": plan["protocol"],
                "judge": next(iter(judge.values())) if isinstance(judge, dict) else None,
            }
        },
    )


def _made(task_id: str, given: dict[str, Any]) -> Task:
    allowed = given.pop("allow_self_judge", False) is True
    return task_of(resolved(task_id, given, allow_self_judge=allowed))


def _register(task_id: str) -> Callable[..., Task]:
    @task(name=task_id)
    def of_benchmark(
        data: str | None = None,
        items: int | None = None,
        trials: int | None = None,
        protocol: str = "corrected",
        judge: str | None = None,
        client: str = "offline",
        seed: int | None = None,
        **more: Any,
    ) -> Task:
        given = {
            "data": data,
            "items": items,
            "trials": trials,
            "protocol": protocol,
            "judge": judge,
            "client": client,
            "seed": seed,
        }
        return _made(task_id, {**given, **more})

    return of_benchmark


@task(name="task")
def own_task(task: str | None = None, **more: Any) -> Task:
    """Any task by its name, such as one's own: `-T task=own/sleep -T tasks_dir=my-tasks`."""
    if not task:
        raise refused("trustmh/task asks no task", "name one by -T task=PILLAR/TASK")
    return _made(task, more)


def _register_all() -> dict[str, Callable[..., Task]]:
    listed = json.loads(call(["tasks", "list", "--json"]).out)
    return {one["id"]: _register(one["id"]) for one in listed}


#: The tasks of the benchmark by their names, as functions that make them.
registered: dict[str, Callable[..., Task]] = _register_all()
