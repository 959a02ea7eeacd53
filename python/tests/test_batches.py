"""Functions that answer many conversations at once."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

import trustmh
from conftest import ends

TASK: dict[str, Any] = {"tasks": "ethics/reasoning", "judge": "offline"}


def test_conversations_are_gathered_and_answers_come_back_in_order() -> None:
    sizes: list[int] = []
    at_work = threading.Lock()

    def function(conversations: list[list[trustmh.Message]]) -> list[str]:
        assert at_work.acquire(blocking=False), "it is called twice at the same time"
        sizes.append(len(conversations))
        time.sleep(0.02)
        at_work.release()
        return [f"A {conversation[-1]['content'][-20:]}" for conversation in conversations]

    run = trustmh.run(trustmh.batched(function, max_size=4, max_wait=0.05), **TASK)
    assert run.scorecard["subject"] == "callable/function"
    calls = [event for event in run.journal if found(event, "request")]
    assert len(calls) == sum(sizes) >= run.tasks["ethics/reasoning"].n == 32
    assert max(sizes) <= 4
    assert len(sizes) < len(calls)
    for event in calls:
        request, response = found(event, "request"), found(event, "response")
        assert response["text"] == f"A {request['messages'][-1]['content'][-20:]}"


def found(event: Any, name: str) -> Any:
    """What stands under this name in an event of the journal, wherever that is."""
    if not isinstance(event, dict):
        return None
    if name in event:
        return event[name]
    return next((one for one in (found(value, name) for value in event.values()) if one), None)


def test_an_async_function_may_take_calls_and_fail_one_of_them() -> None:
    async def function(
        conversations: list[list[trustmh.Message]], calls: list[trustmh.Call]
    ) -> list[Any]:
        assert len(calls) == len(conversations)
        return [
            ValueError("not this one")
            if index == 0 and len(calls) > 1
            else ("A", {"prompt_tokens": 1, "reply_tokens": 1})
            for index, _ in enumerate(conversations)
        ]

    try:
        run = trustmh.run(trustmh.batched(function, max_size=8, max_wait=0.2), **TASK)
    except trustmh.IncompleteRun as error:
        run = trustmh.open(error.run.path if error.run else "")
    assert ends(run).keys() == {"scored", "failed"}


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([], "returned 0 answers to"),
        (None, "returned a value of type NoneType"),
        ("A", "returned a value of type str"),
        ([None], "returned None"),
    ],
)
def test_a_list_that_is_none_fails_the_batch(answers: Any, said: str) -> None:
    batched = trustmh.batched(lambda conversations: answers, max_size=1)
    with pytest.raises(trustmh.UnreachableError) as caught:
        trustmh.run(batched, **TASK, items=3)
    assert said in caught.value.message


def test_sizes_are_checked() -> None:
    with pytest.raises(ValueError, match="max_size"):
        trustmh.batched(lambda conversations: [], max_size=0)
    with pytest.raises(ValueError, match="max_wait"):
        trustmh.batched(lambda conversations: [], max_wait=-1)
