"""The program as a process of its own."""

from __future__ import annotations

import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from trustmh._child import Child
from trustmh._program import Said


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_the_second_interrupt_is_heard_although_the_first_was_not_heeded_yet(
    tmp_path: Path,
) -> None:
    script = tmp_path / "silent.sh"
    asked = tmp_path / "asked"
    lines = f"read -r line\ntouch '{asked}'\nexec sleep 600\n"
    script.write_text(lines, encoding="utf-8")
    words = ["run", "--subject", f"command:sh {script}", "--judge", "none", "--items", "1"]
    words += ["--tasks", "ethics/reasoning", "--json", "--progress=json"]
    child = Child(words)
    said: list[Said] = []
    thread = threading.Thread(target=lambda: said.append(child.run()))
    thread.start()
    # Without a call in flight the first interrupt ends it.
    for _ in range(600):
        if asked.exists():
            break
        time.sleep(0.1)
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
