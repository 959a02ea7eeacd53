"""The program as a process of its own."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

import pytest

from trustmh._child import Child
from trustmh._program import Said


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_the_second_interrupt_is_heard_although_the_first_was_not_heeded_yet(
    tmp_path: Path,
) -> None:
    script = tmp_path / "silent.sh"
    script.write_text("read -r line\nexec sleep 600\n", encoding="utf-8")
    words = ["run", "--subject", f"command:sh {script}", "--judge", "none", "--items", "1"]
    words += ["--tasks", "ethics/reasoning", "--json", "--progress=json"]
    begun = threading.Event()
    child = Child(words, on_object=lambda _: begun.set())
    said: list[Said] = []
    thread = threading.Thread(target=lambda: said.append(child.run()))
    thread.start()
    assert begun.wait(60)
    process = child._process  # pyright: ignore[reportPrivateUsage]
    assert process is not None
    # On a busy machine a process sleeps between two signals, too.
    process.send_signal(signal.SIGSTOP)
    child.interrupt()
    child.interrupt()
    process.send_signal(signal.SIGCONT)
    thread.join(60)
    assert said[0].exit_code == 130
    assert "stopped at once" in said[0].err
