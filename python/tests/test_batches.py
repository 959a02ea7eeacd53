"""Functions that answer many conversations at once."""

from __future__ import annotations

import asyncio
import sys
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


@pytest.mark.parametrize("kind", [StopIteration, GeneratorExit])
def test_whatever_stands_in_the_list_fails_its_conversation_alone(
    kind: type[BaseException],
) -> None:
    def function(conversations: list[list[trustmh.Message]]) -> list[Any]:
        return ["A", kind("not this one")][: len(conversations)]

    batched = trustmh.batched(function, max_size=2, max_wait=0.5)
    call = trustmh.Call(temperature=0, max_tokens=9, session="s")

    async def both() -> list[Any]:
        asked = [asyncio.ensure_future(batched([], call)) for _ in range(2)]
        await asyncio.wait(asked, timeout=10)
        assert all(one.done() for one in asked)
        return [one.exception() or one.result().text for one in asked]

    came, error = asyncio.run(both())
    assert came == "A"
    assert type(error) is RuntimeError
    assert str(error) == f"the function raised {kind.__name__}: not this one"


@pytest.mark.parametrize("kind", [StopIteration, SystemExit, KeyboardInterrupt])
def test_what_would_end_a_loop_fails_one_call_of_a_run(kind: type[BaseException]) -> None:
    failed: list[str] = []

    async def function(conversations: list[list[trustmh.Message]]) -> list[Any]:
        answers: list[Any] = ["A" for _ in conversations]
        if not failed:
            failed.append("once")
            answers[0] = kind("not this one")
        return answers

    run = trustmh.run(trustmh.batched(function, max_size=2), **TASK, items=8, timeout=20)
    [(reason, count)] = run.failures.items()
    assert f"{kind.__name__}: not this one" in reason
    assert count == 1
    assert ends(run) == {"scored": 7, "failed": 1}


def test_a_worker_that_ends_leaves_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError("the worker")

    batched = trustmh.batched(lambda conversations: [], max_size=1)
    monkeypatch.setattr(batched, "_answer", broken)
    call = trustmh.Call(temperature=0, max_tokens=9, session="s")

    async def several() -> list[Any]:
        asked = (batched([], call) for _ in range(3))
        return await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 10)

    assert [type(one) for one in asyncio.run(several())] == [ZeroDivisionError] * 3


@pytest.mark.skipif(sys.version_info < (3, 11), reason="no task tells who cancelled it")
def test_an_async_function_that_is_cancelled_fails_its_batch_alone() -> None:
    asked = 0

    async def function(conversations: list[list[trustmh.Message]]) -> list[str]:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise asyncio.CancelledError
        return ["A" for _ in conversations]

    run = trustmh.run(trustmh.batched(function, max_size=1), **TASK, items=8)
    assert ends(run) == {"scored": 7, "failed": 1}


def test_sizes_are_checked() -> None:
    with pytest.raises(ValueError, match="max_size"):
        trustmh.batched(lambda conversations: [], max_size=0)
    with pytest.raises(ValueError, match="max_wait"):
        trustmh.batched(lambda conversations: [], max_wait=-1)
