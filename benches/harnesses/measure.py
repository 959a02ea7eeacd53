"""Seconds and memory of a command with all its processes."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .harness import Command

#: Reads that come too often would slow what they measure.
SAMPLED_EVERY = 0.1


@dataclass(frozen=True)
class Measured:
    """One run of a command."""

    seconds: float
    #: Resident memory of all its processes together, at most.
    peak_mb: float


class Failed(Exception):
    """A command that did not end well; the last lines of what it said."""


def measured(command: Command, environment: dict[str, str], folder: Path, limit: float) -> Measured:
    """Runs a command and waits for it.

    Raises:
        Failed: It ended with another code than 0, or not within `limit` seconds.
    """
    said, largest = folder / "said", folder / "largest"
    # The kernel's own count of the largest process. That of a child of this process would begin with the memory of
    # this one, hence the small program between.
    words = ["/usr/bin/time", "-q", "-f", "%M", "-o", largest, *command.words]
    with said.open("wb") as out:
        begun = time.perf_counter()
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**environment, **command.environment},
            start_new_session=True,
        )
        late = threading.Timer(limit, os.killpg, (process.pid, signal.SIGKILL))
        sampler = Sampler(process.pid)
        late.start()
        sampler.start()
        try:
            code = process.wait()
            seconds = time.perf_counter() - begun
            ended_late = not late.is_alive()
        except BaseException:
            # In a session of its own it does not hear what interrupts this process.
            os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            late.cancel()
            sampler.stop()
    if code != 0:
        why = f"not done after {limit:.0f} s" if ended_late else f"ended with {code}"
        last = "\n".join(said.read_text(errors="replace").splitlines()[-15:])
        raise Failed(f"{why}:\n{last}")
    peak_kb = max(sampler.peak_kb, int(largest.read_text().split()[-1]))
    return Measured(seconds, peak_kb / 1024)


class Sampler:
    """Adds up the resident memory of a process and all below it, now and then, until it is stopped."""

    def __init__(self, root: int) -> None:
        self.root = root
        self.peak_kb = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._done.wait(SAMPLED_EVERY):
            self.peak_kb = max(self.peak_kb, sum(map(resident_kb, processes(self.root))))


def processes(root: int) -> Iterator[int]:
    """A process and all below it."""
    yield root
    for children in Path(f"/proc/{root}/task").glob("*/children"):
        try:
            below = children.read_text().split()
        except OSError:
            continue
        for child in below:
            yield from processes(int(child))


def resident_kb(process: int) -> int:
    """What a process holds in memory; nothing if it has ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024
