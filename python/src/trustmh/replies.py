"""What a function is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias, TypedDict, cast


class Message(TypedDict):
    """A message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Call:
    """What is known of a call besides its messages.

    A function gets it if it has a parameter of the name `call`.

    Attributes:
        temperature: Softmax temperature, from 0 to 2; 0 asks for the likeliest reply.
        max_tokens: The most tokens that the reply may have, without any thought before it.
        thinking_tokens: Tokens to think on top; None if nothing was said of thinking.
        seed: Seed of the drawing; None if none is asked for.
        session: The same for all calls of one conversation, and for no other call of this process.
        trial: The trial's id, as in the table of trials.
        turn: How often the subject was asked before in this conversation; None for a judge.
        options: Fields that `subject_option=` or `judge_option=` set.
    """

    temperature: float
    max_tokens: int
    session: str
    thinking_tokens: int | None = None
    seed: int | None = None
    trial: str | None = None
    turn: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Usage:
    """Tokens of a call, as they are counted by whoever answers it."""

    prompt_tokens: int
    reply_tokens: int


@dataclass(frozen=True)
class Reply:
    """What a function answers, where text alone does not say it all.

    Attributes:
        text: The reply.
        thought: What was thought before it; it is recorded, and never read or judged.
        usage: Tokens, if they were counted.
        finish_reason: `stop`, `length` where the limit of tokens cut the reply, or
            `content_filter` where the reply was withheld.
    """

    text: str
    thought: str | None = None
    usage: Usage | None = None
    finish_reason: Literal["stop", "length", "content_filter"] = "stop"


#: What a function may return: text, text and usage, or a Reply.
Answer: TypeAlias = str | Reply | tuple[str, Usage | Mapping[str, int]]

#: A subject, judge or client: it takes the messages of a conversation and, if it has a parameter of
#: this name, `call`. It may be async.
Model: TypeAlias = Callable[..., Answer | Awaitable[Answer]]

#: More tokens than this no call can have, and JSON cannot say exactly.
MOST_TOKENS = 2**53

Conversation: TypeAlias = Sequence[Message]


class RateLimited(Exception):
    """Raised by a function that is asked too often: it is asked again, later.

    Args:
        message: What to record of it.
        retry_after: Seconds after which it may be asked again; None leaves that to the program.
    """

    retry_after: float | None

    def __init__(self, message: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(message)
        if retry_after is not None and not 0 <= retry_after < float("inf"):
            raise ValueError(f"retry_after is {retry_after!r}; it must be 0 seconds or more")
        self.retry_after = retry_after


class Refused(Exception):
    """Raised by a function that withholds its reply, as a provider's filter does.

    Args:
        text: What it says instead; it is recorded, and is no answer.
    """

    text: str

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.text = text


def reply_of(answer: object) -> Reply:
    """The reply that a function returned, in whichever form.

    Raises:
        TypeError: It returned something else, such as None.
    """
    if isinstance(answer, str):
        return Reply(answer)
    if isinstance(answer, Reply):
        return _checked(answer)
    if isinstance(answer, tuple):
        parts = cast("tuple[object, ...]", answer)
        if len(parts) == 2 and isinstance(parts[0], str):
            return Reply(parts[0], usage=_usage_of(parts[1]))
    raise TypeError(
        f"the function returned {_kind(cast(object, answer))}; "
        "it must return text, text and usage, or trustmh.Reply"
    )


def _checked(reply: Reply) -> Reply:
    # Annotations hold nobody back.
    text, thought, finish = cast(
        "tuple[object, ...]", (reply.text, reply.thought, reply.finish_reason)
    )
    if not isinstance(text, str):
        raise TypeError(f"Reply.text is {_kind(text)}; it must be text")
    if thought is not None and not isinstance(thought, str):
        raise TypeError(f"Reply.thought is {_kind(thought)}; it must be text or None")
    if finish not in ("stop", "length", "content_filter"):
        raise ValueError(
            f"Reply.finish_reason is {finish!r}; it must be stop, length or content_filter"
        )
    return reply if reply.usage is None else replace(reply, usage=_usage_of(reply.usage))


def _usage_of(usage: object) -> Usage:
    if isinstance(usage, Usage):
        return Usage(
            _count("prompt_tokens", usage.prompt_tokens), _count("reply_tokens", usage.reply_tokens)
        )
    if isinstance(usage, Mapping):
        fields = cast("Mapping[str, object]", usage)
        of_reply = "reply_tokens" if "reply_tokens" in fields else "completion_tokens"
        if "prompt_tokens" in fields and of_reply in fields:
            return Usage(
                _count("prompt_tokens", fields["prompt_tokens"]), _count(of_reply, fields[of_reply])
            )
    raise TypeError(
        f"the function returned {_kind(cast(object, usage))} as usage; it must be trustmh.Usage, "
        "or a mapping with prompt_tokens and reply_tokens"
    )


def _count(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError(f"usage.{name} is {value!r}; it must be a whole number of tokens")
    if value > MOST_TOKENS:
        # It is not told: Python writes no number of thousands of digits.
        raise TypeError(f"usage.{name} is more than 2**53; no call has so many tokens")
    return value


def _kind(value: object) -> str:
    return "None" if value is None else f"a value of type {type(value).__name__}"
