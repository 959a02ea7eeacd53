"""The program as a child process that answers questions about one task's trials.

A question is a line of JSON and so is its answer; nothing is held between them but the plan, so
that samples may run side by side, be tried again, or be scored in another process than the one that
asked.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import anyio.to_thread

from .._program import program, told
from ..errors import TrustMHError, error_of
from ._parameters import Parameters

Answer = dict[str, Any]


class Session:
    """`trustmh walk` with one task's parameters. Any thread may ask."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self._lock = threading.Lock()
        self._number = 0
        # A pipe that nobody reads would fill up.
        self._said = tempfile.TemporaryFile()  # noqa: SIM115
        self._child = subprocess.Popen(
            [str(program()), "walk", *parameters.words()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
        )

    def plan(self) -> Answer:
        """What is planned, and by which rules."""
        return self._ask("plan")["plan"]

    def trials(self) -> Iterator[Answer]:
        """All trials of the plan, each `{"trial": ..., "key": ...}`."""
        with self._lock:
            number = self._send("trials")
            while "trial" in (answer := self._receive(number)):
                yield answer["trial"]

    def in_round(self, trial: Answer, number: int) -> Answer:
        """The same trial as a later epoch asks it."""
        return self._ask({"round": {"trial": trial, "round": number}})["trial"]["trial"]

    def next(self, trial: Answer, exchanges: list[Answer], heard: Answer | None = None) -> Answer:
        """What comes next in a trial: `{"call": ...}` or `{"ended": ...}`."""
        question = {"trial": trial, "exchanges": exchanges, "heard": heard}
        return self._ask({"next": question})

    async def next_async(
        self, trial: Answer, exchanges: list[Answer], heard: Answer | None = None
    ) -> Answer:
        """The same, while other samples go on: a judge in the program may take its time."""
        return await anyio.to_thread.run_sync(self.next, trial, exchanges, heard)

    def estimate(self, scores: list[Answer]) -> Answer:
        """What trials come to, as a scorecard has it."""
        return self._ask({"estimate": {"scores": scores}})["estimate"]["result"]

    def close(self) -> None:
        """Ends the child. A question after that is refused."""
        with self._lock:
            if self._child.stdin is not None:
                self._child.stdin.close()
            self._child.wait()
            if self._child.stdout is not None:
                self._child.stdout.close()
            self._said.close()

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return self._child.poll() is None

    def _ask(self, ask: str | Mapping[str, Any]) -> Answer:
        with self._lock:
            return self._receive(self._send(ask))

    def _send(self, ask: str | Mapping[str, Any]) -> int:
        self._number += 1
        line = json.dumps({"id": self._number, "ask": ask}) + "\n"
        stdin = self._child.stdin
        assert stdin is not None
        try:
            stdin.write(line.encode())
            stdin.flush()
        except (BrokenPipeError, ValueError):
            raise self._gone() from None
        return self._number

    def _receive(self, number: int) -> Answer:
        stdout = self._child.stdout
        assert stdout is not None
        line = stdout.readline()
        if not line:
            raise self._gone()
        said = json.loads(line)
        if (fault := said.get("fault")) is not None:
            raise TrustMHError(fault["message"], hint=fault.get("hint"))
        if said.get("id") != number:
            raise TrustMHError(f"the program answered question {said.get('id')}, not {number}")
        return said["answer"]

    def _gone(self) -> TrustMHError:
        """Why the child has ended."""
        code = self._child.wait()
        self._said.seek(0)
        message, hint = told(self._said.read().decode(errors="replace"))
        return error_of(code, message, hint)


_sessions: dict[Parameters, Session] = {}
_sessions_lock = threading.Lock()


def session(parameters: Parameters) -> Session:
    """The session of these parameters, begun where there is none.

    Solver, scorer and metrics share it. It ends with this process.
    """
    with _sessions_lock:
        known = _sessions.get(parameters)
        if known is None or not known.is_alive:
            known = _sessions[parameters] = Session(parameters)
        return known
