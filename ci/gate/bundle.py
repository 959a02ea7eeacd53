"""Bundles of runs, which `trustmh gate` takes as a baseline once they are unpacked."""
from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath

from forge import Build, Failed, Forge

MOST_FILES = 20_000
LARGEST = 4 * 1024**3


def unpacked(bundle: Path, build: Build, forge: Forge) -> Path:
    """The run's folder, once the program has found the bundle to be as it was written."""
    # Here, since most steps unpack nothing.
    import zipfile

    if forge.ran([build.program(), "verify", str(bundle)]):
        raise Failed(f"the baseline in {bundle.name} is not as it was written, and nothing was compared with it")
    to = build.folder / "baseline"
    shutil.rmtree(to, ignore_errors=True)
    try:
        with zipfile.ZipFile(bundle) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > LARGEST:
                raise Failed(f"the baseline in {bundle.name} has more than {MOST_FILES} files or {LARGEST} bytes")
            for entry in entries:
                path = PurePosixPath(entry.filename)
                if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename:
                    raise Failed(f"the baseline in {bundle.name} has a file called {entry.filename[:80]!r}")
                archive.extract(entry, to)
    except zipfile.BadZipFile as error:
        raise Failed(f"the baseline in {bundle.name} cannot be unpacked: {error}") from None
    return to
