"""The page's examples run, from the first to the last, with stand-ins for large libraries."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "python.md"


class Pipeline:
    """Answers as a text-generation pipeline of Transformers does to a list of chats."""

    def __call__(self, chats: list[Any], *, max_new_tokens: int, batch_size: int) -> list[Any]:
        assert isinstance(chats, list)
        assert max_new_tokens > 0
        assert batch_size == len(chats)
        said = {"role": "assistant", "content": "A"}
        return [[{"generated_text": [*chat, said]}] for chat in chats]


class Sampling(SimpleNamespace):
    """What a reply is drawn by in vLLM."""


class LLM:
    """Answers as vLLM's `LLM.chat` does."""

    def __init__(self, model: str) -> None:
        assert "/" in model

    def chat(self, messages: list[Any], sampling_params: list[Sampling]) -> list[Any]:
        assert len(messages) == len(sampling_params)
        assert all(sampling.max_tokens > 0 for sampling in sampling_params)
        completion = SimpleNamespace(text="A", token_ids=[1], finish_reason="stop")
        return [SimpleNamespace(outputs=[completion], prompt_token_ids=[1, 2]) for _ in messages]


def stands_in(name: str, **members: Any) -> ModuleType:
    module = ModuleType(name)
    vars(module).update(members)
    return module


def test_the_examples_of_the_page_run(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    transformers = stands_in("transformers", pipeline=lambda task, model: Pipeline())
    monkeypatch.setitem(sys.modules, "transformers", transformers)
    vllm = stands_in("vllm", LLM=LLM, SamplingParams=Sampling)
    monkeypatch.setitem(sys.modules, "vllm", vllm)
    text = PAGE.read_text(encoding="utf-8")
    blocks = list(re.finditer(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE))
    assert len(blocks) >= 10
    scope: dict[str, Any] = {"__name__": "page"}
    for block in blocks:
        line = text[: block.start(1)].count("\n")
        exec(compile("\n" * line + block.group(1), str(PAGE), "exec"), scope)
    said = capfd.readouterr()
    assert "crisis/" in said.out
    assert said.err == ""
