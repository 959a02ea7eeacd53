"""Messages and replies, from the program's form to Inspect's and back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    ContentReasoning,
    GenerateConfig,
    ModelOutput,
)

_FINISH: dict[str, str] = {
    "stop": "stop",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "content-filter",
}
_HALVES = re.compile("[\ud800-\udfff]")
_MOST_OF_A_FAULT = 500


def chat(messages: Sequence[Mapping[str, str]]) -> list[ChatMessage]:
    """The messages of a call."""
    kinds = {
        "system": ChatMessageSystem,
        "user": ChatMessageUser,
        "assistant": ChatMessageAssistant,
    }
    return [kinds[said["role"]](content=said["content"]) for said in messages]


def config(sampling: Mapping[str, Any]) -> GenerateConfig:
    """How a call's reply is drawn."""
    thinking = sampling.get("thinking_tokens")
    return GenerateConfig(
        temperature=sampling["temperature"],
        max_tokens=sampling["max_tokens"] + (thinking or 0),
        seed=sampling.get("seed"),
        reasoning_tokens=thinking or None,
    )


def heard(output: ModelOutput) -> dict[str, Any]:
    """What came back from a model, for the program to read."""
    text, mended = _whole(output.completion)
    finish = _FINISH.get(output.stop_reason, {"other": output.stop_reason})
    if output.error:
        # Inspect's services set it where they withheld the reply.
        finish = "content-filter"
    replied: dict[str, Any] = {"text": text, "finish": finish}
    if (thought := _thought(output)) is not None:
        replied["thought"] = thought
    if output.usage is not None:
        replied["usage"] = {
            "prompt_tokens": output.usage.input_tokens,
            "reply_tokens": output.usage.output_tokens,
        }
    if mended:
        replied["fidelity"] = "mended"
    return {"replied": replied}


def broken(error: BaseException | str) -> dict[str, Any]:
    """A call from which nothing came back."""
    said = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    text, _ = _whole(said)
    return {"broken": {"message": text[:_MOST_OF_A_FAULT]}}


def _thought(output: ModelOutput) -> str | None:
    """What the model thought, where its service gives it apart; of a redacted one its summary."""
    if not output.choices or isinstance(output.choices[0].message.content, str):
        return None
    parts = [
        part.summary if part.redacted else part.reasoning
        for part in output.choices[0].message.content
        if isinstance(part, ContentReasoning)
    ]
    text, _ = _whole("\n\n".join(part for part in parts if part))
    return text or None


def _whole(text: str) -> tuple[str, bool]:
    """The text without halves of characters, which no JSON holds, and whether there were any."""
    mended = _HALVES.sub("\ufffd", text)
    return mended, mended != text
