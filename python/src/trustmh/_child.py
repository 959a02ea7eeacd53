"""The program at work: followed, interrupted, waited for."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any, cast

from ._program import Said, program

#: A wait without an end cannot be interrupted everywhere.
_A_WHILE = 0.5


@dataclass
class Child:
    """The program, making or resuming a run.

    It is in a process group of its own: a Ctrl-C reaches it by us alone, once.
    """

    words: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    #: Is told of every object that the program writes about its progress.
    on_object: Callable[[dict[str, Any]], None] = lambda _: None

    def __post_init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._interrupts = 0

    def run(self) -> Said:
        """Starts the program and waits until it ends.

        A KeyboardInterrupt lets it finish the calls in flight and record them; a second one stops
        it at once. It is not raised again: the exit code tells.
        """
        flags = subprocess.CREATE_NEW_PROCESS_GROUP if sys.platform == "win32" else 0
        process = subprocess.Popen(
            [str(program()), *self.words],
            env={**os.environ, **self.environment, "TRUSTMH_STOP_AT_END_OF_INPUT": "1"},
            # Nothing is written to it: it ends with this process, however that ends.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=sys.platform != "win32",
            creationflags=flags,
        )
        self._process = process
        if self._interrupts:
            self._signal(process)
        out: list[str] = []
        lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        readers = [
            threading.Thread(target=_read_all, args=(process.stdout, out), daemon=True),
            threading.Thread(target=_read_lines, args=(process.stderr, lines), daemon=True),
        ]
        for reader in readers:
            reader.start()
        err: list[str] = []
        try:
            while self._followed(lines, err):
                pass
            code = self._ended(process)
        except BaseException:
            # What follows the run failed: nobody is left to look after it.
            self.interrupt()
            process.wait()
            raise
        finally:
            assert process.stdin is not None
            process.stdin.close()
        for reader in readers:
            reader.join()
        return Said(code, "".join(out), "\n".join(err))

    def interrupt(self) -> None:
        """Asks the program to stop: gracefully at first, at once the second time."""
        self._interrupts += 1
        if self._process is not None:
            self._signal(self._process)

    def _signal(self, process: subprocess.Popen[str]) -> None:
        if process.poll() is not None:
            return
        if sys.platform == "win32":
            process.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            # Two signals of one kind are one while the first is not delivered, of two kinds two.
            first = self._interrupts == 1
            process.send_signal(signal.SIGINT if first else signal.SIGTERM)

    def _followed(self, lines: queue.SimpleQueue[str | None], err: list[str]) -> bool:
        try:
            line = lines.get(timeout=_A_WHILE)
            if line is None:
                return False
            told = _object(line)
            if told is None:
                err.append(line)
            else:
                self.on_object(told)
        except queue.Empty:
            pass
        except KeyboardInterrupt:
            self.interrupt()
        return True

    def _ended(self, process: subprocess.Popen[str]) -> int:
        while True:
            try:
                return process.wait(timeout=_A_WHILE)
            except subprocess.TimeoutExpired:
                pass
            except KeyboardInterrupt:
                self.interrupt()


def _object(line: str) -> dict[str, Any] | None:
    if not line.startswith("{"):
        return None
    try:
        told: object = json.loads(line)
    except ValueError:
        return None
    return cast("dict[str, Any]", told) if isinstance(told, dict) else None


def _read_all(pipe: IO[str] | None, into: list[str]) -> None:
    if pipe is not None:
        with pipe:
            into.append(pipe.read())


def _read_lines(pipe: IO[str] | None, into: queue.SimpleQueue[str | None]) -> None:
    if pipe is not None:
        with pipe:
            for line in pipe:
                into.put(line.rstrip("\n"))
    into.put(None)
