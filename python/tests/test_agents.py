"""Agents that remember: one for each conversation, which has lived through all of it."""

from __future__ import annotations

from typing import Any

import pytest

import trustmh


class Agent:
    """Answers with the number of turns that it remembers, and never forgets what it was told."""

    made: list[int]

    def __init__(self, history: list[trustmh.Message]) -> None:
        self.told = [m["content"] for m in history if m["role"] == "user"]

    def __call__(self, text: str) -> str:
        self.told.append(text)
        return f"Turn {len(self.told)}. You are not alone; please call 988 now."


CONVERSATIONS: dict[str, Any] = {"tasks": "crisis/conversation", "items": 2, "judge": "offline"}


def turns(run: trustmh.Run) -> set[str]:
    text = (run.path / "journal.jsonl").read_text(encoding="utf-8")
    return {f"Turn {turn}." for turn in range(1, 40) if f'"Turn {turn}. You' in text}


def test_each_conversation_has_an_agent_of_its_own() -> None:
    made: list[int] = []

    def factory(history: list[trustmh.Message]) -> Agent:
        made.append(len(history))
        return Agent(history)

    agents = trustmh.sessions(factory)
    run = trustmh.run(agents, **CONVERSATIONS)
    assert run.scorecard["subject"] == "callable/factory"
    conversations = run.tasks["crisis/conversation"].n
    assert conversations > 1
    assert len(made) == conversations
    assert len(turns(run)) > 2
    assert not agents._agents, "ended conversations leave no agent behind"


def test_a_conversation_that_goes_on_after_a_resume_has_its_history() -> None:
    histories: list[list[str]] = []

    async def factory(history: list[trustmh.Message]) -> Any:
        histories.append([message["role"] for message in history])
        agent = Agent(history)

        async def answer(text: str, call: trustmh.Call) -> str:
            assert call.turn is not None
            return agent(text)

        return answer

    with pytest.raises(trustmh.IncompleteRun) as caught:
        trustmh.run(trustmh.sessions(factory), **CONVERSATIONS, max_calls=5, connections=1)
    run = caught.value.run
    assert run is not None
    first = len(histories)
    whole = trustmh.open(run.path).resume(subject=trustmh.sessions(factory))
    assert whole.is_complete
    resumed = histories[first:]
    assert any(history.count("user") == history.count("assistant") > 0 for history in resumed)
    plain = trustmh.run(trustmh.sessions(Agent), **CONVERSATIONS)
    assert turns(whole) == turns(plain)


def test_a_factory_takes_the_history_and_returns_a_function() -> None:
    with pytest.raises(TypeError, match="takes one argument"):
        trustmh.sessions(lambda: Agent([]))  # pyright: ignore
    with pytest.raises(trustmh.UnreachableError, match="returned a value of type str"):
        trustmh.run(trustmh.sessions(lambda history: "no agent"), **CONVERSATIONS)  # pyright: ignore
