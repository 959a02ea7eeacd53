"""The server that all harnesses ask."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from pathlib import Path
from types import TracebackType


class Provider:
    """The program's own fake provider on loopback; it always chooses A."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen(
            [program, "fake-provider", "--behaviour", "always-a"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            raise SystemExit(f"{program} fake-provider did not start")
        # Loopback is asked directly, whatever proxy the environment names.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def __enter__(self) -> Provider:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()

    def served(self) -> int:
        """How many requests it has answered."""
        with self._opener.open(self.url.removesuffix("/v1") + "/counts") as reply:
            return int(json.load(reply)["served"])
