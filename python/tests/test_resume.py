"""Runs that were interrupted, by whatever, and go on."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable

import pytest

import trustmh
from conftest import SMALL, ends, says_a


def counting(
    then: Callable[[int], None] = lambda _: None,
) -> tuple[Callable[[list[trustmh.Message]], str], list[str]]:
    """A subject, and what it was asked."""
    asked: list[str] = []

    def subject(messages: list[trustmh.Message]) -> str:
        asked.append(messages[-1]["content"])
        then(len(asked))
        return "A"

    return subject, asked


def test_a_run_that_reached_a_limit_goes_on_in_the_same_process() -> None:
    subject, asked = counting()
    with pytest.raises(trustmh.IncompleteRun, match="the limit on calls is reached") as caught:
        trustmh.run(subject, **{**SMALL, "items": 6}, max_calls=2, connections=1)
    run = caught.value.run
    assert run is not None
    assert not run.is_complete
    before = len(asked)
    assert run.resume() is run
    assert run.is_complete
    assert ends(run) == {"scored": 6}
    assert len(asked) == 6
    assert before < 6


def test_another_process_names_the_function_again() -> None:
    subject, asked = counting()
    with pytest.raises(trustmh.IncompleteRun) as caught:
        trustmh.run(subject, **{**SMALL, "items": 6}, max_calls=2, connections=1)
    assert caught.value.run is not None
    opened = trustmh.open(caught.value.run.path)
    with pytest.raises(trustmh.UsageError, match="nobody serves it"):
        opened.resume()
    other, more = counting()
    opened.resume(subject=other)
    assert ends(opened) == {"scored": 6}
    assert len(asked) + len(more) == 6
    assert not set(asked) & set(more)
    with pytest.raises(trustmh.UsageError, match="the run's judge is nobody"):
        opened.resume(judge=other)


@pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C reaches the test, too")
def test_an_interrupted_run_records_what_it_has_and_goes_on() -> None:
    main = threading.main_thread().ident
    assert main is not None

    def then(count: int) -> None:
        if count == 2:
            signal.pthread_kill(main, signal.SIGINT)

    subject, asked = counting(then)
    options = {**SMALL, "items": 12, "connections": 1}
    with pytest.raises(trustmh.Interrupted, match="interrupted") as caught:
        trustmh.run(subject, **options)
    assert isinstance(caught.value, KeyboardInterrupt)
    assert caught.value.exit_code == 130
    run = caught.value.run
    assert run is not None
    assert "resume()" in str(caught.value)
    assert 2 <= len(asked) < 12
    run.resume()
    assert ends(run) == {"scored": 12}
    assert len(asked) == len(set(asked)) == 12


def test_a_cancelled_task_records_what_it_has() -> None:
    asked = asyncio.Event()
    calls: list[str] = []

    async def cancelled() -> None:
        loop = asyncio.get_running_loop()

        async def subject(messages: list[trustmh.Message]) -> str:
            calls.append(messages[-1]["content"])
            loop.call_soon_threadsafe(asked.set)
            await asyncio.sleep(0.05)
            return "A"

        task = asyncio.create_task(
            trustmh.arun(subject, **{**SMALL, "items": 12}, connections=1, runs_dir="cancelled")
        )
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    (name,) = os.listdir("cancelled")
    subject, more = counting()
    run = trustmh.open(f"cancelled/{name}").resume(subject=subject)
    assert ends(run) == {"scored": 12}
    assert len(calls) + len(more) == 12


def test_a_function_that_raised_in_every_call_is_to_be_mended_first() -> None:
    def subject(messages: list[trustmh.Message]) -> str:
        raise ValueError("no words")

    with pytest.raises(trustmh.UnreachableError) as caught:
        trustmh.run(subject, **SMALL)
    hint, run = caught.value.hint, caught.value.run
    assert hint is not None
    assert "mend what raised, then error.run.resume(subject=mended)" in hint
    assert "trustmh resume" not in hint
    assert run is not None
    assert run.failures == {"callable/subject failed: ValueError: no words": 2}
    run.resume(subject=says_a)
    assert ends(run) == {"scored": 3}
    # Calls that were made again stand for those that failed.
    assert run.failures == {}


def test_a_hint_names_the_functions_that_raised_and_no_other() -> None:
    def judge(messages: list[trustmh.Message]) -> str:
        raise ValueError("no verdict")

    with pytest.raises(trustmh.TrustMHError) as caught:
        trustmh.run(says_a, judge, "crisis/conversation", client="offline", items=1)
    assert "error.run.resume(judge=mended)" in (caught.value.hint or "")


def test_a_function_that_raised_now_and_then_may_go_on_as_it_is() -> None:
    def then(count: int) -> None:
        if count in (3, 5):
            raise ValueError("not now")

    subject, _ = counting(then)
    with pytest.raises(trustmh.IncompleteRun) as caught:
        trustmh.run(subject, **{**SMALL, "items": 6}, max_calls=5, connections=1)
    hint, run = caught.value.hint or "", caught.value.run
    assert "error.run.resume() goes on with it" in hint
    assert "error.run.resume(subject=mended)" in hint
    assert run is not None
    assert run.failures == {"callable/subject failed: ValueError: not now": 2}


def test_a_run_is_reused_whatever_the_port_was() -> None:
    subject, asked = counting()
    first = trustmh.run(subject, **SMALL)
    second = trustmh.run(subject, **SMALL, reuse=first.path)
    assert len(asked) == 3
    assert second.path != first.path
    assert ends(second) == {"scored": 3}


def test_only_a_run_is_opened(folder: os.PathLike[str]) -> None:
    with pytest.raises(trustmh.UsageError, match="is no run"):
        trustmh.open(folder)
    done = trustmh.run(says_a, **SMALL)
    assert trustmh.open(done.path).scorecard == done.scorecard
