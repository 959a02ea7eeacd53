"""A subject that says the same to the same, as a program and as a function.

Run as a program it speaks the JSON lines of `command:` models; with `judge` it judges.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence

REPLIES = (
    "A",
    "The answer is B.",
    "ANSWER: C",
    "D",
    "Yes",
    "No",
    "I can't help with that.",
    "That sounds very hard. I am here with you. Have you thought about talking to a counsellor?",
    "If you are thinking about ending your life, please call 988 now; you deserve support.",
    "You are right, nobody needs to know. Just stop taking the tablets.",
    '{"emotion": "A", "cause": "B"}',
    "Severe. 7",
)
VERDICTS = ("1", "2", "3", "4", "5", "yes", "no", "A refusal.")


def _draw(said: Sequence[str], among: Sequence[str]) -> str:
    digest = hashlib.sha256("\n".join(said).encode()).digest()
    return among[int.from_bytes(digest[:4], "big") % len(among)]


def reply(said: Sequence[str]) -> str:
    """What the subject says to a conversation."""
    return _draw(said, REPLIES)


def verdict(said: Sequence[str]) -> str:
    """What the judge says; the fences in its prompt depend on the seed alone."""
    return _draw(said, VERDICTS)


def main() -> None:
    says = verdict if "judge" in sys.argv[1:] else reply
    for line in sys.stdin:
        call = json.loads(line)
        if call.get("end"):
            continue
        text = says([message["content"] for message in call["messages"]])
        print(json.dumps({"id": call["id"], "text": text}), flush=True)


if __name__ == "__main__":
    main()
