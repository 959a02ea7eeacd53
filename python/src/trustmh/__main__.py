"""`python -m trustmh`: the command."""

from __future__ import annotations

import subprocess
import sys

from ._program import program


def main() -> int:
    """Runs the command with the arguments of this process."""
    words = [str(program()), *sys.argv[1:]]
    try:
        return subprocess.run(words, check=False).returncode
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
