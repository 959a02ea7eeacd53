"""`python -m trustmh`: the command."""

from __future__ import annotations

import os
import subprocess
import sys

from ._program import program


def main() -> int:
    """Runs the command with the arguments of this process, in its place where that can be."""
    words = [str(program()), *sys.argv[1:]]
    if os.name == "posix":
        os.execv(words[0], words)
    process = subprocess.Popen(words)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # The program was told, too: it ends what is under way, and says how to resume.
            continue


if __name__ == "__main__":
    sys.exit(main())
