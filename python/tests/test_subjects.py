"""Functions as subjects: in every form, and whatever becomes of their calls."""

from __future__ import annotations

import asyncio
import functools
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trustmh
from conftest import SMALL, ends, says_a
from trustmh._functions import named
from trustmh.replies import reply_of


async def says_a_later(messages: list[trustmh.Message]) -> str:
    await asyncio.sleep(0.001)
    return says_a(messages)


class Bot:
    def __call__(self, messages: list[trustmh.Message]) -> str:
        return says_a(messages)

    async def reply(self, messages: list[trustmh.Message], manner: str = "") -> str:
        return says_a(messages) + manner


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        (says_a, "callable/says_a"),
        (says_a_later, "callable/says_a_later"),
        (Bot(), "callable/Bot"),
        (Bot().reply, "callable/Bot.reply"),
        (functools.partial(Bot().reply, manner="."), "callable/Bot.reply"),
        (lambda messages: "A", "callable/lambda"),
        ("scripted/always-a", "scripted/always-a"),
    ],
)
def test_every_form_of_subject_is_asked(subject: Any, name: str) -> None:
    run = trustmh.run(subject, **SMALL)
    assert run.scorecard["subject"] == name
    assert ends(run) == {"scored": 3}
    assert run.is_complete


def test_text_and_usage_and_thought_are_recorded() -> None:
    def counted(messages: list[trustmh.Message]) -> trustmh.Reply:
        return trustmh.Reply("A", thought="Hm.", usage=trustmh.Usage(7, 5))

    def by_mapping(messages: list[trustmh.Message]) -> tuple[str, dict[str, int]]:
        return "A", {"prompt_tokens": 7, "completion_tokens": 5}

    for subject in (counted, by_mapping):
        run = trustmh.run(subject, **SMALL)
        calls = [event for event in run.journal if "call" in str(event)]
        replies = [reply for reply in map(_reply, calls) if reply]
        assert len(replies) == 3
        for reply in replies:
            assert reply["text"] == "A"
            assert reply["usage"] == {"prompt_tokens": 7, "reply_tokens": 5}
    assert replies


def _reply(event: Any) -> Any:
    """The reply in an event of the journal, wherever it stands."""
    if isinstance(event, dict):
        if "text" in event and "finish" in event:
            return event
        return next((found for found in map(_reply, event.values()) if found), None)
    if isinstance(event, list):
        return next((found for found in map(_reply, event) if found), None)
    return None


def test_a_call_says_how_the_reply_is_to_be_drawn() -> None:
    calls: list[trustmh.Call] = []

    def subject(messages: list[trustmh.Message], call: trustmh.Call) -> str:
        calls.append(call)
        return "A"

    options = {"temperature": 0.5, "reply_tokens": 99, "subject_option": {"top_p": 0.9}}
    trustmh.run(subject, **SMALL, **options)
    assert len({call.session for call in calls}) == len(calls) == 3
    for call in calls:
        assert (call.temperature, call.max_tokens, call.turn) == (0.5, 99, 0)
        assert call.options == {"top_p": 0.9}
        assert call.trial is not None
        assert call.session.endswith(call.trial)


def test_a_system_prompt_may_be_text_or_a_file(folder: Any) -> None:
    seen: list[str] = []

    def subject(messages: list[trustmh.Message]) -> str:
        seen.append(messages[0]["content"])
        return "A"

    (folder / "coach.txt").write_text("Du bist freundlich. 🙂\n", encoding="utf-8")
    for system in ("Du bist freundlich. 🙂", "coach.txt", folder / "coach.txt"):
        trustmh.run(subject, **SMALL, system=system)
    assert len(seen) == 9
    assert {text.split("\n")[0] for text in seen} == {"Du bist freundlich. 🙂"}
    with pytest.raises(trustmh.UsageError, match="looks like a file"):
        trustmh.run(subject, **SMALL, system="missing.txt")
    missing = Path("missing.txt")
    with pytest.raises(trustmh.UsageError, match=r"system is 'missing.txt', and there is no such"):
        trustmh.run(subject, **SMALL, system=missing)
    with pytest.raises(trustmh.UsageError, match="and that is a folder"):
        trustmh.run(subject, **SMALL, system=folder)


def test_texts_of_all_tongues_arrive_as_they_are() -> None:
    text = "A – Grüße, 你好, 🙂, \u202e, \x00 and a half: \ud83d"

    def subject(messages: list[trustmh.Message]) -> str:
        return text

    run = trustmh.run(subject, **SMALL)
    reply = next(reply for reply in map(_reply, run.journal) if reply)
    assert reply["text"] == text.replace("\ud83d", "\ufffd")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "TypeError: the function returned None"),
        (7, "TypeError: the function returned a value of type int"),
        (b"A", "TypeError: the function returned a value of type bytes"),
        (("A", "B"), "TypeError: the function returned a value of type str as usage"),
        (trustmh.Reply(None), "TypeError: Reply.text is None"),  # pyright: ignore
    ],
)
def test_what_is_no_text_is_a_failed_call(answer: Any, said: str) -> None:
    with pytest.raises(trustmh.UnreachableError, match="failed") as caught:
        trustmh.run(lambda messages: answer, **SMALL)
    assert said in caught.value.message
    assert isinstance(caught.value.__cause__, TypeError)
    run = caught.value.run
    assert run is not None
    assert not any(_reply(event) for event in run.journal)


def test_an_exception_fails_its_call_alone_and_tells_type_and_message() -> None:
    asked = 0

    def subject(messages: list[trustmh.Message]) -> str:
        nonlocal asked
        asked += 1
        if asked == 3:
            raise ValueError("no words for 'this'")
        return "A"

    options = {**SMALL, "items": 8}
    run = trustmh.run(subject, **options, connections=1)
    assert ends(run) == {"scored": 7, "failed": 1}
    journal = (run.path / "journal.jsonl").read_text(encoding="utf-8")
    assert "callable/subject failed: ValueError: no words for 'this'" in journal
    assert "Traceback" not in journal
    assert __file__ not in journal


async def leaves(messages: list[trustmh.Message]) -> str:
    async def within() -> str:
        await asyncio.sleep(0)
        raise SystemExit(3)

    return await asyncio.create_task(within())


def test_what_would_end_the_loop_or_the_call_is_a_failed_call() -> None:
    async def closed_later(messages: list[trustmh.Message]) -> str:
        raise GeneratorExit("closed")

    def closed(messages: list[trustmh.Message]) -> str:
        raise GeneratorExit("closed")

    asked = 0

    async def sometimes_leaves(messages: list[trustmh.Message]) -> str:
        nonlocal asked
        asked += 1
        return await leaves(messages) if asked == 2 else "A"

    for subject in (closed, closed_later):
        with pytest.raises(trustmh.UnreachableError) as caught:
            trustmh.run(subject, **SMALL)
        assert "RuntimeError: the function raised GeneratorExit: closed" in caught.value.message
        assert isinstance(caught.value.__cause__, RuntimeError)
        assert isinstance(caught.value.__cause__.__cause__, GeneratorExit)
    # The loop goes on: calls after it are answered, within their time.
    run = trustmh.run(sometimes_leaves, **{**SMALL, "items": 8}, connections=1, timeout=20)
    assert ends(run) == {"scored": 7, "failed": 1}
    assert run.failures == {"callable/sometimes_leaves failed: SystemExit: 3": 1}


def test_what_a_function_leaves_on_the_loop_is_not_printed() -> None:
    async def subject(messages: list[trustmh.Message]) -> str:
        async def within() -> None:
            raise ValueError("nobody looks at it")

        task = asyncio.create_task(within())
        await asyncio.sleep(0.01)
        assert task.done()
        return "A"

    assert ends(trustmh.run(subject, **SMALL)) == {"scored": 3}


@pytest.mark.parametrize(
    "count", [2**53 + 1, 10**5000], ids=["one too many", "thousands of digits"]
)
def test_more_tokens_than_there_can_be_are_refused(count: int) -> None:
    for usage in (
        trustmh.Usage(count, 1),
        {"prompt_tokens": 1, "completion_tokens": count},
    ):
        with pytest.raises(TypeError, match=r"is more than 2\*\*53; no call has so many tokens"):
            reply_of(("A", usage))
    most = trustmh.Usage(2**53, 1)
    assert reply_of(("A", most)).usage == most
    by_mapping: Any = {"prompt_tokens": 7, "reply_tokens": 5}
    assert reply_of(trustmh.Reply("A", usage=by_mapping)).usage == trustmh.Usage(7, 5)


def fails_once(error: BaseException) -> Callable[[list[trustmh.Message]], str]:
    failed: list[str] = []

    def subject(messages: list[trustmh.Message]) -> str:
        if not failed:
            failed.append("once")
            raise error
        return "A"

    return subject


@pytest.mark.parametrize(
    "error",
    [
        trustmh.RateLimited(retry_after=0.01),
        trustmh.RateLimited("slow down"),
        TimeoutError("late"),
        asyncio.TimeoutError(),
        ConnectionResetError("gone"),
    ],
)
def test_what_passes_is_asked_again(error: BaseException) -> None:
    run = trustmh.run(fails_once(error), **SMALL)
    assert ends(run) == {"scored": 3}


def test_a_refusal_is_withheld_and_no_failure() -> None:
    def subject(messages: list[trustmh.Message]) -> str:
        raise trustmh.Refused("I will not say that.")

    run = trustmh.run(subject, **SMALL)
    assert ends(run) == {"refused": 3}


def test_silence_and_a_cut_are_told_apart() -> None:
    silent = trustmh.run(lambda messages: " ", **SMALL)
    assert ends(silent) == {"unanswered": 3}
    cut = trustmh.run(lambda messages: trustmh.Reply("", finish_reason="length"), **SMALL)
    assert ends(cut) == {"unanswered": 3, "cut": 3}


def test_a_function_that_hangs_ends_with_its_time_and_holds_nobody_up() -> None:
    let_go = threading.Event()

    def subject(messages: list[trustmh.Message]) -> str:
        let_go.wait(60)
        return "A"

    with pytest.raises(trustmh.UnreachableError, match="did not answer within"):
        trustmh.run(subject, **SMALL, timeout=1, tries=1)
    let_go.set()


def test_an_async_function_that_hangs_is_cancelled() -> None:
    cancelled: list[str] = []

    async def subject(messages: list[trustmh.Message]) -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append("yes")
            raise
        return "A"

    with pytest.raises(trustmh.UnreachableError):
        trustmh.run(subject, **SMALL, timeout=1, tries=1)
    for _ in range(100):
        if cancelled:
            break
        time.sleep(0.05)
    assert cancelled


def test_connections_bound_the_calls_at_once() -> None:
    lock, now, most = threading.Lock(), 0, 0

    def subject(messages: list[trustmh.Message]) -> str:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.01)
        with lock:
            now -= 1
        return "A"

    trustmh.run(subject, tasks="ethics/reasoning", judge="offline", connections=2)
    assert most <= 2


def test_two_runs_at_once_do_not_mix() -> None:
    runs: dict[str, trustmh.Run] = {}

    def asked(letter: str) -> None:
        async def subject(messages: list[trustmh.Message]) -> str:
            await asyncio.sleep(0.01)
            return letter

        runs[letter] = trustmh.run(subject, **SMALL)

    threads = [threading.Thread(target=asked, args=(letter,)) for letter in "AB"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for letter, run in runs.items():
        assert {reply["text"] for reply in map(_reply, run.journal) if reply} == {letter}


def test_it_works_where_a_loop_runs() -> None:
    async def cell() -> trustmh.Run:
        # What a cell of a notebook does.
        return trustmh.run(says_a_later, **SMALL)

    assert ends(asyncio.run(cell())) == {"scored": 3}


def test_a_run_can_be_awaited() -> None:
    async def both() -> list[trustmh.Run]:
        return await asyncio.gather(
            trustmh.arun(says_a_later, **SMALL), trustmh.arun(says_a, **SMALL)
        )

    assert [ends(run) for run in asyncio.run(both())] == [{"scored": 3}] * 2


def test_judge_and_client_may_be_functions_of_the_same_name() -> None:
    asked: list[str] = []

    def of(part: str) -> Callable[[list[trustmh.Message]], str]:
        def function(messages: list[trustmh.Message]) -> str:
            asked.append(part)
            return f"I hear you. Call 988. ({part})"

        return function

    try:
        run: trustmh.Run | None = trustmh.run(
            of("subject"), of("judge"), "crisis/conversation", client=of("client"), items=4
        )
    except trustmh.TrustMHError as error:
        # A judge that only says kind words gives no verdict that can be read.
        run = error.run
    assert run is not None
    assert set(asked) == {"subject", "judge", "client"}
    manifest = run.manifest
    assert manifest["subject"]["id"] == "callable/function"
    assert manifest["judge"]["name"] == {"model": "callable/function-judge"}
    assert manifest["client"]["id"] == "callable/function-client"


def test_a_method_is_one_function_however_often_it_is_looked_at() -> None:
    class Bot:
        def reply(self, messages: list[trustmh.Message]) -> str:
            return "A"

    bot, other = Bot(), Bot()
    with pytest.raises(trustmh.UsageError, match="judge"):
        trustmh.run(bot.reply, bot.reply, "crisis/escalation", items=1)
    names, functions = named({"subject": bot.reply, "judge": other.reply})
    assert names == {"subject": "callable/Bot.reply", "judge": "callable/Bot.reply-judge"}
    assert len(functions) == 2


def test_a_subject_is_a_name_or_a_function() -> None:
    with pytest.raises(TypeError, match="subject is a value of type int"):
        trustmh.run(7)  # pyright: ignore
    with pytest.raises(TypeError, match="a run has one judge"):
        trustmh.run(says_a, ["offline", "none"])  # pyright: ignore
    with pytest.raises(trustmh.UsageError, match="no scripted behaviour"):
        trustmh.run("scripted/dance")
