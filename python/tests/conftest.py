"""What the tests share: a folder of their own, small runs, and an eye on what is printed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import trustmh

#: A run of a few trials that takes no judge.
SMALL: dict[str, Any] = {"tasks": "ethics/reasoning", "items": 3, "judge": "offline"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Inspect comes last: it changes `asyncio.run` for good, and its own closes no loop."""
    items.sort(key=lambda item: item.path.name == "test_inspect.py")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Runs are written to a folder of the test's own, whatever the user has set."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRUSTMH_DATA", raising=False)
    return tmp_path


@pytest.fixture(autouse=True)
def nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Neither the package nor the program that it calls prints."""
    yield
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "")


def says_a(messages: list[trustmh.Message]) -> str:
    """A subject that always takes the first option."""
    assert messages[-1]["role"] == "user"
    return "A"


@pytest.fixture
def done() -> trustmh.Run:
    """A finished run."""
    return trustmh.run(says_a, **SMALL)


def ends(run: trustmh.Run, task: str = "ethics/reasoning") -> dict[str, int]:
    """How the trials of a task ended, those ends that occurred."""
    return {end: count for end, count in run.tasks[task].outcomes.items() if count}
