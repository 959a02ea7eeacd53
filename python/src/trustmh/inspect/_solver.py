"""The solver: makes the calls of a trial that the program names, until it names none."""

from __future__ import annotations

from typing import Any

from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver

from . import _messages as messages
from ._parameters import CLIENT, GRADER, Parameters
from ._session import session

#: Where a sample's metadata hold the trial, as `trustmh import inspect` reads it.
OWN = "trustmh"


@solver
def walk(parameters: dict[str, Any]) -> Solver:
    """Walks a trial: the model is asked by `generate`, the judge and the client by their roles.

    Args:
        parameters: `Parameters.as_json()` of the task.
    """
    known = Parameters.of_json(parameters)

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        own = state.metadata[OWN]
        if state.epoch > 1:
            own["trial"] = session(known).in_round(own["trial"], state.epoch - 1)
        _take_over(own["trial"]["sampling"], _asked_of_inspect())
        own["exchanges"] = []
        heard: dict[str, Any] | None = None
        while True:
            step = await session(known).next_async(own["trial"], own["exchanges"], heard)
            if (ended := step.get("ended")) is not None:
                own["exchanges"] = ended["exchanges"]
                return state
            call = step["call"]
            own["exchanges"] = call["exchanges"]
            try:
                state, heard = await _answer(call, state, generate)
            except Exception as error:
                # Inspect decides whether the sample is tried again or the evaluation ends; the
                # record says that the call broke.
                end = messages.broken(error)
                own["exchanges"].append({"purpose": call["purpose"], "end": end})
                raise

    return solve


async def _answer(
    call: dict[str, Any], state: TaskState, generate: Generate
) -> tuple[TaskState, dict[str, Any]]:
    said = messages.chat(call["messages"])
    config = messages.config(call["sampling"])
    if call["role"] == "subject":
        state.messages = said
        state = await generate(
            state,
            tool_calls="none",
            **config.model_dump(exclude_none=True),
        )
        return state, messages.heard(state.output)
    role = GRADER if call["role"] == "judge" else CLIENT
    model = get_model(role=role, required=True)
    return state, messages.heard(await model.generate(said, config=config))


def _asked_of_inspect() -> GenerateConfig:
    """What `inspect eval` was asked of all replies, such as `--temperature`."""
    try:
        from inspect_ai.model._generate_config import active_generate_config
    except ImportError:
        return GenerateConfig()
    return active_generate_config()


def _take_over(sampling: dict[str, Any], asked: GenerateConfig) -> None:
    """Lets options of `inspect eval` stand above those of the task, and has the record say so."""
    if asked.temperature is not None:
        sampling["temperature"] = asked.temperature
    if asked.max_tokens is not None:
        sampling["max_tokens"] = asked.max_tokens
        sampling.pop("thinking_tokens", None)
    if asked.seed is not None:
        sampling["seed"] = asked.seed
